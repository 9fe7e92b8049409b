"""Proving the address with a mailed code, and what its owner can do if they did not ask for it."""

from storage.schema.tables import codes, disowned_addresses, outbox
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.journey.steps import comes_to_the_code
from tests.stories.lines import A_PERSON, PORTUGAL, WAYS_OUT, code_asked
from tests.stories.lines import ADDRESS as ADDRESS_ASKED
from tests.stories.lines import CODE as ASKED
from tests.stories.records import read_table

ADDRESS = "maria@mail.example"
TARGET = "chief-executive@government-hk.example"
REPLACED = (
    "✎ I’ve emailed a new code to maria@mail.example; the old one no longer works. Type the new"
    " one here.\n\nNever type a Telegram login code here."
)
ADDRESS_AGAIN = f"\n\n{ADDRESS_ASKED}"
CODE_BUTTONS = [["No code yet?"], WAYS_OUT]
HELP_BUTTONS = [["Send a new code"], ["Use another address"], ["See my letter"], WAYS_OUT]
"""Those under “No code yet?”, and under a code that no longer works."""

ELSEWHERE = (
    "This chat isn’t waiting for that code. It may have been used already, or requested from"
    " another Telegram account."
)


def link(chat: Chat) -> str:
    """Return the start parameter of the link in the last code mail."""
    return f"c_{chat.code().replace(' ', '')}"


async def test_the_code_mail_and_its_stored_data(stage: Stage, maria: Chat) -> None:
    await comes_to_the_code(maria)
    assert maria.heard()[-1] == ASKED
    assert maria.buttons == CODE_BUTTONS
    (waiting,) = await read_table(stage, outbox)

    await stage.send_mail()
    (mail,) = stage.mails_to(ADDRESS)
    code = maria.code()
    message = mail.message
    assert str(message["Subject"]) == f"{code} is your code for the letter"
    assert str(message["From"]) == "Open Letters Hong Kong <actions@send.example>"
    assert mail.sender.startswith("c-")
    assert str(message["Reply-To"]).startswith("Open Letters Hong Kong <o-")
    assert str(message["Auto-Submitted"]) == "auto-generated"
    assert str(message["Content-Language"]) == "en"
    assert mail.text == (
        f"Hello,\n\n{code}\n\nis your code for the campaign “Stand up for people's rights in Hong"
        " Kong”. It works for 30 minutes. Type it in the chat, or open this link in"
        f" Telegram:\nhttps://t.me/action_bot?start={link(maria)}\n\nWasn’t you? Reply to this"
        " email with “This wasn’t me”. As soon as our bot gets your reply, it sends no more"
        " letters with your address, and writes to you only once more, to confirm that.\n\n"
        "Open Letters Hong Kong\n"
    )

    assert code.replace(" ", "").encode() not in waiting["encrypted_content"]
    assert await read_table(stage, outbox) == []
    (kept,) = await read_table(stage, codes)
    assert len(kept["code_hash"]) == 32
    assert not {code, code.replace(" ", "")} & {str(value) for value in kept.values()}

    await maria.says(f"it says {code}, I think")
    maria.hears("This is your letter.…")
    (kept,) = await read_table(stage, codes)
    assert kept["code_hash"] is None


async def test_the_code_mail_is_in_her_language(stage: Stage, maria: Chat) -> None:
    mei = stage.person("美玲", language="zh-Hant")
    await comes_to_the_code(mei, "mei@mail.example", write="寫信")
    await stage.send_mail()
    (mail,) = stage.mails_to("mei@mail.example")
    assert str(mail.message["Subject"]) == f"{mei.code()} 是你的信件驗證碼"
    assert str(mail.message["Content-Language"]) == "zh-Hant"
    assert mail.text.startswith(f"你好：\n\n{mei.code()}\n\n是你在「為香港人的權利發聲」")
    await mei.says(mei.code().translate(str.maketrans("0123456789", "０１２３４５６７８９")))
    mei.hears("這是你的信。…")


async def test_a_wrong_code(stage: Stage, maria: Chat) -> None:
    await comes_to_the_code(maria)
    await maria.presses("No code yet?")
    maria.hears(
        "✎ The email can take a minute. Please also check the spam folder of maria@mail.example"
        " for an email from Open Letters Hong Kong (actions@send.example).\n\nStill nothing? I can"
        " send a new code, or you can use another address. Then type the code here."
    )
    assert maria.buttons == HELP_BUTTONS
    await maria.says("12345")
    maria.hears(
        "That looks like a Telegram login code. Never give it to anyone, not even me. My code"
        " has eight digits and comes by email."
    )
    await maria.says("it has not come")
    maria.hears(
        "That isn’t the code yet. It has eight digits, like 1234 5678, and comes by email."
        + A_PERSON
    )
    assert maria.buttons == CODE_BUTTONS

    await maria.types_the_code(wrong=True)
    maria.hears("That’s not the code. You have 4 more tries.")
    await maria.says("which code?")
    maria.hears("That isn’t the code yet. It has eight digits, like 1234 5678, and comes by email.")
    await maria.presses("No code yet?", "Send a new code")
    maria.hears("(You can ask for another code in …")
    await stage.later(seconds=61)
    old = maria.code()
    await maria.presses("Send a new code")
    maria.hears(REPLACED)
    assert maria.buttons == CODE_BUTTONS
    await maria.says(old)
    maria.hears("That’s not the code. You have 4 more tries.")
    for _ in "123":
        await maria.types_the_code(wrong=True)
    maria.hears("That’s not the code. You have one more try.")
    await maria.types_the_code(wrong=True)
    spent = "You’ve used all five tries, so this code no longer works. Tap “Send a new code”."
    maria.hears(spent)
    assert maria.buttons == HELP_BUTTONS
    await maria.types_the_code()
    maria.hears(spent)
    assert maria.buttons == HELP_BUTTONS

    await stage.later(seconds=61)
    await maria.presses("Send a new code")
    await stage.send_mail()
    await stage.later(minutes=30)
    await maria.types_the_code()
    maria.hears("That code has expired: codes work for half an hour. Tap “Send a new code”.")
    assert maria.buttons == HELP_BUTTONS
    await maria.presses("Send a new code")
    maria.hears("(That’s the limit for now. You can ask for another code in 28 minutes.)")
    assert len(stage.mails_to(ADDRESS)) == 3


async def test_three_codes_an_hour_and_five_a_day(stage: Stage, maria: Chat) -> None:
    """The limits count for each supporter and each address. A typo can be corrected at once."""
    await comes_to_the_code(maria, "one@mail.example")
    await maria.presses("No code yet?", "Use another address")
    maria.hears(f"✎ {PORTUGAL}")
    await maria.says("two@mail.example")
    maria.hears(code_asked("two@mail.example"))
    await maria.says("three@mail.example")
    maria.hears(code_asked("three@mail.example"))
    await maria.says("four@mail.example")
    maria.hears(
        "I can send the next code in 60 minutes. Type your address again then." + ADDRESS_AGAIN
    )
    await stage.later(minutes=61)
    await maria.says("four@mail.example", "five@mail.example")
    maria.hears(code_asked("four@mail.example"), code_asked("five@mail.example"))
    await stage.later(minutes=61)
    await maria.says("six@mail.example")
    maria.hears("I can send the next code in 22 hours. Type your address again then.…")

    pedro = stage.person("Pedro")
    await comes_to_the_code(pedro, "Five@mail.example")
    pedro.hears(*["…"] * 2, code_asked("Five@mail.example"))
    ana = stage.person("Ana")
    await comes_to_the_code(ana, "five@mail.example")
    assert ana.heard()[-1] == (
        "I can send the next code in one minute. Type your address again then." + ADDRESS_AGAIN
    )


async def test_the_limits_of_all_people_together(stage: Stage) -> None:
    stage.opens("hong-kong")
    await stage.change_mail_settings(codes_per_domain=2, codes_per_hour=3)
    for number, address in enumerate(("a@uni.example", "b@uni.example")):
        await comes_to_the_code(stage.person(f"P{number}"), address)
    pedro = stage.person("Pedro")
    await comes_to_the_code(pedro, "c@mx.uni.example")
    busy = "Many people are asking for codes right now, so I can send yours in 60 minutes."
    assert pedro.heard()[-1].startswith(busy)
    await pedro.says("pedro@mail.example")
    pedro.hears(code_asked("pedro@mail.example"))
    await comes_to_the_code(ana := stage.person("Ana"), "ana@mail.example")
    assert ana.heard()[-1].startswith(busy)


async def test_the_link_in_the_mail(stage: Stage, maria: Chat) -> None:
    """The link enters the code, but only in the chat that asked for it."""
    await comes_to_the_code(maria)
    await stage.send_mail()
    pedro = stage.person("Pedro")
    await pedro.starts(link(maria))
    pedro.hears(ELSEWHERE)
    await comes_to_the_code(pedro, "pedro@mail.example")
    await pedro.says(maria.code())
    pedro.hears("That’s not the code. You have 4 more tries.")

    await maria.starts(link(maria))
    maria.hears("This is your letter.…")
    await maria.starts(link(maria))
    maria.hears(ELSEWHERE)
    assert maria.buttons[0] == ["Send in my name"]


async def test_this_was_not_me(stage: Stage, maria: Chat) -> None:
    """The owner answers the mail: then no letter uses that address, and no mail is sent to it."""
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    assert "Your letter will be sent in 30 seconds." in maria.heard()
    mallory = stage.person("Mallory")
    await comes_to_the_code(mallory)
    await mallory.says("maria@mail.example")
    mallory.hears(
        "I can send the next code in one minute. Type your address again then." + ADDRESS_AGAIN
    )
    await stage.answers(stage.mails_to(ADDRESS)[-1], "What letter? This wasn’t me.")

    await stage.later(seconds=61)
    maria.hears("✎ Your letter was cancelled. Nothing was sent.")
    assert stage.mails_to(TARGET) == []
    gone = (
        "The owner of that address told us it wasn’t them, so I won’t write to it again. Please"
        " use another address." + ADDRESS_AGAIN
    )
    await mallory.says("maria@mail.example")
    mallory.hears(gone)
    await mallory.says("Maria@MAIL.example")
    mallory.hears(gone)
    await mallory.says("Maria+2@mail.example")
    mallory.hears(gone)
    assert len(stage.mails_to(ADDRESS)) == 2, "the code, and the confirmation"
    (row,) = await read_table(stage, disowned_addresses)
    assert len(row["address_key"]) == 16


async def test_this_was_not_me_before_the_code(stage: Stage, maria: Chat) -> None:
    await comes_to_the_code(maria)
    await stage.send_mail()
    await stage.answers(stage.mails_to(ADDRESS)[0], "I did not ask for this.")
    await maria.types_the_code()
    maria.hears(
        "The owner of that address told us it wasn’t them, so I won’t write to it again. Please"
        " use another address." + ADDRESS_AGAIN
    )
    await maria.says("silva@mail.example")
    await maria.types_the_code()
    maria.hears("This is your letter.…")


async def test_this_was_not_me_three_weeks_later(stage: Stage, maria: Chat) -> None:
    """The record of the answered mail is deleted by then, and a newer code is being sent."""
    await comes_to_the_code(maria)
    await stage.send_mail()
    await stage.later(days=21)
    await stage.run_retention()
    assert await read_table(stage, codes) == []
    mallory = stage.person("Mallory")
    await comes_to_the_code(mallory)
    await stage.answers(stage.mails_to(ADDRESS)[0], "I was away. I did not ask for this letter.")
    assert [row["kind"] for row in await read_table(stage, outbox)] == ["owner"]
    await mallory.types_the_code()
    mallory.hears("The owner of that address told us it wasn’t them…")
    await stage.send_mail()
    _, confirmation = stage.mails_to(ADDRESS)
    assert confirmation.sender.startswith("u-")


async def test_a_campaign_without_proof(stage: Stage) -> None:
    """If the campaign asks for no proof, no code is mailed and the review comes at once."""
    stage.opens("river")
    stage.edits("river/campaign.toml", "peoples_names = false", "peoples_names = true")
    maria = stage.person("Maria", "Silva")
    await comes_to_the_code(maria, campaign="river")
    maria.hears(
        "2/3 · Which country do you live in? Tap one or type it.",
        "Portugal.\n\n3/3 · What’s your email address? Whoever gets your letter does not see the"
        " address. Replies go to the organisation.",
        "This is your letter.…",
    )
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    assert [mail.recipients for mail in stage.inbox.mails] == [
        ("gabinete@ministerio-ambiente.example",)
    ]


async def test_a_remembered_unproved_address_must_be_proved(stage: Stage) -> None:
    """An address remembered from a campaign without proof is proved in a campaign with proof."""
    stage.opens("river", "hong-kong")
    proof = "allow_letters_in_other_peoples_names = "
    stage.edits("river/campaign.toml", f"{proof}false", f"{proof}true")
    maria = stage.person("Maria", "Silva")
    await comes_to_the_code(maria, campaign="river")
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    await maria.presses("Yes")
    assert stage.mails_to(ADDRESS) == []

    await maria.starts("hong-kong")
    await maria.presses("Write as Maria Silva", "Continue")
    maria.hears(PORTUGAL.replace("3/4", "1/2"))
    await maria.presses("Use “maria@mail.example”")
    assert maria.heard()[-1] == ASKED.replace("4/4", "2/2")
    await maria.types_the_code()
    maria.hears("This is your letter.…")


async def test_proof_becomes_required_during_the_review(stage: Stage) -> None:
    stage.opens("river")
    proof = "allow_letters_in_other_peoples_names = "
    stage.edits("river/campaign.toml", f"{proof}false", f"{proof}true")
    maria = stage.person("Maria", "Silva")
    await comes_to_the_code(maria, campaign="river")
    stage.edits("river/campaign.toml", f"{proof}true", f"{proof}false")
    await maria.presses("Send in my name")
    maria.hears("Portugal.…")
    await maria.presses("Use “maria@mail.example”")
    await maria.types_the_code()
    maria.hears("This is your letter.…")


async def test_without_incoming_mail_the_code_asks_for_no_reply(stage: Stage, maria: Chat) -> None:
    await stage.change_mail_settings(bounce_command=False)
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", ADDRESS)
    await stage.send_mail()
    (mail,) = stage.mails_to(ADDRESS)
    assert mail.text.endswith(
        "Wasn’t you? Then ignore this email: without the code, no letter is sent with your"
        " address.\n\nOpen Letters Hong Kong\n"
    )
    assert "Reply" not in mail.text
