"""“This wasn't me”: said on purpose, or asked about once, and undone if it was a mistake."""

from datetime import timedelta

import pytest

from bot.mail.incoming.inbound_mail import Disposition
from bot.playground.inbox import ReceivedEmail
from storage.schema.tables import disown_requests, disowned_addresses
from tests.chat import Chat
from tests.returned import mail
from tests.stage import Stage
from tests.stories.journey.steps import comes_to_the_code
from tests.stories.journey.test_proof import ADDRESS
from tests.stories.lines import CODE
from tests.stories.records import read_table
from tests.stories.staff.test_alerts import appoint

REFUSED = "The owner of that address told us it wasn’t them…"
QUOTE = "\n\nOn Fri, 21 Jun 2019, Open Letters Hong Kong wrote:\n> 1234 5678\n> Wasn’t you?"


async def code_mail(stage: Stage, maria: Chat) -> ReceivedEmail:
    await comes_to_the_code(maria)
    await stage.send_mail()
    (code,) = stage.mails_to(ADDRESS)
    maria.heard()
    return code


async def replies(
    stage: Stage, to: str, text: str, *headers: str, author: str = ADDRESS
) -> Disposition:
    """Reply to one of the bot's mails, and let the bot send what it has to say."""
    head = headers or ("Subject: Re: 1234 5678 is your code for the letter",)
    head = (*head, "Content-Type: text/plain; charset=utf-8")
    async with stage.bot() as app:
        raw = mail(f"From: Maria <{author}>", f"To: {to}", *head, body=text)
        disposition = await app.mail.inbound.process(raw)
    await stage.send_mail()
    return disposition


async def is_disowned(stage: Stage) -> bool:
    return bool(await read_table(stage, disowned_addresses))


def reply_address(code: ReceivedEmail) -> str:
    return str(code.message["Reply-To"])


def greetings(mail: ReceivedEmail) -> list[str]:
    """Return the first line of the mail in each of its languages."""
    return [each.partition("\n")[0] for each in mail.text.split("\n\n----------\n\n")]


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("{code}", ()),
        ("{code}\n\nMaria\nSent from my phone", ()),
        ("My code is {digits}, is that right?", ()),
        ("I am away until Monday.", ("Subject: x", "Auto-Submitted: auto-replied (vacation)")),
        ("Please confirm that you are human: click here to have your message delivered.", ()),
    ],
)
async def test_no_protest(stage: Stage, maria: Chat, text: str, headers: tuple[str, ...]) -> None:
    """The code, an absence and a challenge change nothing, and no mail asks."""
    code = await code_mail(stage, maria)
    words = text.format(code=maria.code(), digits=maria.code().replace(" ", ""))
    for to in (code.sender, reply_address(code)):
        assert await replies(stage, to, words, *headers) is Disposition.DONE
    assert not await is_disowned(stage)
    assert stage.mails_to(ADDRESS) == [code]
    await maria.types_the_code()
    maria.hears("This is your letter.…")


@pytest.mark.parametrize(
    "text",
    [
        "This wasn’t me!",
        "I never asked for this. Please stop writing to me.",
        "Das war ich nicht." + QUOTE,
        "Ce n’était pas moi.",
        "No fui yo",
        "Não fui eu.",
        "Nao fui eu",
        "Ce n'etait pas moi",
        "Non sono stato io.",
        "Dit was ik niet.",
        "To nie ja.",
        "To nie bylem ja.",
        "Это не я.",
        "لم أكن أنا",
        "不是我" + QUOTE,
        "我沒有要求驗證碼。",
        "私ではありません。",
        "제가 아닙니다.",
    ],
)
async def test_clear_words_disown_the_address(stage: Stage, maria: Chat, text: str) -> None:
    code = await code_mail(stage, maria)
    await replies(stage, reply_address(code), text)
    assert await is_disowned(stage)
    await maria.types_the_code()
    maria.hears(REFUSED)


@pytest.mark.parametrize(
    "text",
    [
        "What letter?",
        "",
        "I don’t know how to enter the code.",
        "I haven’t sent it yet.",
        "Ich bin im Urlaub.",
        "這是什麼？",
    ],
)
async def test_of_unclear_words_one_mail_asks(stage: Stage, maria: Chat, text: str) -> None:
    code = await code_mail(stage, maria)
    for _ in "twice":
        assert await replies(stage, reply_address(code), text) is Disposition.DONE
        await stage.later(minutes=1)
    assert not await is_disowned(stage)
    _, asked = stage.mails_to(ADDRESS)
    assert str(asked.message["Subject"]) == "Did you ask for our code? / 驗證碼是你要求的嗎？"
    assert greetings(asked) == ["Hello,", "你好：", "你好：", "Hola:"]
    assert str(asked.message["Content-Language"]) == "en, zh-Hant, zh-Hans, es"
    assert str(asked.message["Auto-Submitted"]) == "auto-generated"
    assert asked.sender in reply_address(asked)
    assert "If you did ask for it, please don’t reply." in asked.text
    assert "如果驗證碼不是你要求的" in asked.text
    await replies(stage, reply_address(asked), "Yes, that is right.", "Subject: Re: x")
    assert await is_disowned(stage)
    assert await read_table(stage, disown_requests) == []
    assert len(stage.mails_to(ADDRESS)) == 3


@pytest.mark.parametrize("text", ["It was me, sorry", "是我要求的", "12345678"])
async def test_whoever_asked_for_the_code_says_so(stage: Stage, maria: Chat, text: str) -> None:
    code = await code_mail(stage, maria)
    await replies(stage, reply_address(code), "What is this?")
    _, asked = stage.mails_to(ADDRESS)
    await replies(stage, reply_address(asked), text, "Subject: Re: x")
    assert not await is_disowned(stage)
    await maria.types_the_code()
    maria.hears("This is your letter.…")


async def test_a_program_that_looks_like_a_person_confirms_nothing(
    stage: Stage, maria: Chat
) -> None:
    """It repeats itself, with another number. Nobody is asked again for a month."""
    code = await code_mail(stage, maria)
    for number in range(3):
        to = reply_address(stage.mails_to(ADDRESS)[-1])
        await replies(stage, to, f"Thanks for writing, I will read it soon. ({number})")
    assert not await is_disowned(stage)
    assert len(stage.mails_to(ADDRESS)) == 2
    await stage.later(days=31)
    await replies(stage, reply_address(code), "Thanks for writing, I will read it soon.")
    assert len(stage.mails_to(ADDRESS)) == 3


async def test_nobody_else_is_asked(stage: Stage, maria: Chat) -> None:
    """A reply from another address may be of another mailbox: a person sees to it."""
    code = await code_mail(stage, maria)
    to = reply_address(code)
    found = await replies(stage, to, "What letter?", author="victim@other.example")
    assert found is Disposition.LEFT
    assert stage.mails_to("victim@other.example") == []
    await replies(stage, to, "This wasn’t me.", author="maria@alias.example")
    assert await is_disowned(stage)
    assert len(stage.inbox.mails) == 1


async def test_the_owner_undoes_it(stage: Stage, maria: Chat) -> None:
    code = await code_mail(stage, maria)
    await replies(stage, reply_address(code), "This wasn’t me")
    _, done = stage.mails_to(ADDRESS)
    subject = "You get no more email from us / 我們不會再寄郵件給你"
    assert str(done.message["Subject"]) == subject
    assert greetings(done) == ["Hello,", "你好：", "你好：", "Hola:"]
    assert "Reply to this email with the word UNDO." in done.text
    other = "b" if done.sender[-14] == "a" else "a"
    forged = done.sender[:-14] + other + done.sender[-13:]
    for to, text in ((done.sender, "Thank you."), (done.sender, "Not me!"), (forged, "UNDO")):
        await replies(stage, to, text, "Subject: Re: x")
        assert await is_disowned(stage)
    await replies(stage, reply_address(done), "Undo", "Subject: Re: x")
    assert not await is_disowned(stage)
    assert len(stage.mails_to(ADDRESS)) == 2
    await stage.later(minutes=2)
    await maria.says(ADDRESS)
    maria.hears(CODE)


async def test_the_mail_begins_in_the_language_of_the_code(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    maria = stage.person("Maria", language="ar")
    await comes_to_the_code(maria, campaign="river", write="كتابة الرسالة")
    await stage.send_mail()
    (code,) = stage.mails_to(ADDRESS)
    await replies(stage, reply_address(code), "What letter?")
    _, asked = stage.mails_to(ADDRESS)
    assert str(asked.message["Subject"]) == "هل كان رمزنا بطلب منك؟ / Did you ask for our code?"
    assert greetings(asked) == ["مرحبًا،", "Hello,", "Olá,", "你好："]
    await maria.says("/forget")
    await maria.presses("حذف كل شيء")
    await replies(stage, reply_address(asked), "Not me!", "Subject: Re: x")
    *_, done = stage.mails_to(ADDRESS)
    assert greetings(done) == ["Hello,", "Olá,", "你好：", "你好："]


async def test_an_admin_undoes_it(stage: Stage, maria: Chat) -> None:
    olga = stage.person("Olga")
    appoint(stage, olga)
    code = await code_mail(stage, maria)
    await replies(stage, reply_address(code), "This wasn’t me")
    await olga.starts()
    await olga.says("/campaigns")
    await olga.presses("More…", "Allow an address")
    assert olga.heard()[-1].startswith("✎ Which address?")
    await olga.says("no idea")
    olga.hears("That doesn’t look like an email address. It should look like name@mail.example.")
    await olga.says("Maria+x@mail.example")
    olga.hears("Done. I’ll email codes to Maria+x@mail.example again.")
    assert not await is_disowned(stage)
    await olga.says("/campaigns")
    await olga.presses("More…", "Allow an address")
    await olga.says(ADDRESS)
    assert "Nobody told us “this wasn’t me” from maria@mail.example." in olga.heard()[-1]
    await olga.says("/audit")
    (said,) = olga.heard()
    assert "allowed an address again whose owner had said “this wasn’t me”" in said
    assert "mail.example" not in said


async def test_it_expires_after_a_year(stage: Stage, maria: Chat) -> None:
    code = await code_mail(stage, maria)
    await replies(stage, reply_address(code), "This wasn’t me")
    stage.clock.ahead += timedelta(days=364)
    await stage.run_retention()
    assert await is_disowned(stage)
    stage.clock.ahead += timedelta(days=2)  # only the day is stored
    await stage.run_retention()
    assert not await is_disowned(stage)
