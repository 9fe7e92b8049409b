"""Discreet conversations: nothing that was typed stays, and the chat clears itself."""

from conversations.model.archive_keys import PUBLIC_PREFIX, write_key
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.schema.tables import actions, codes, consents, outbox, subscriptions
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.journey.steps import comes_to_the_address
from tests.stories.journey.test_hidden_address import HIDDEN_ADDRESS, LINE
from tests.stories.journey.test_identity import FILE, headers
from tests.stories.letters.incoming import bounces
from tests.stories.lines import AT_ADDRESS, NAME, PORTUGAL, TARGET
from tests.stories.lines import CODE as ORDINARY_CODE
from tests.stories.privacy.discreet import (
    CLEARING,
    DISCREET,
    END,
    YES,
    becomes_discreet,
    clears,
    comes_to_the_review,
    sends,
    shown,
    typed,
)
from tests.stories.records import read_table, vault

EXPLAINED = "Could someone else look at your phone or mailbox?…"

CODE = (
    "4/4 · Type the code here. I’ve emailed it to maria@mail.example, so I know the address is"
    " yours.\n\nThe email comes from actions@send.example and doesn’t name the campaign. Delete it"
    " afterwards. Never type a Telegram login code here."
)


async def test_what_she_types_is_deleted_at_once(stage: Stage, maria: Chat) -> None:
    await becomes_discreet(maria)
    assert maria.heard()[-1].startswith("Action · Stand up")
    await maria.presses("Write the letter", "Continue")
    maria.hears(NAME)
    await maria.says("Maria Silva")
    assert typed(maria) == []
    await maria.says("Portugal")
    assert maria.heard()[-1] == HIDDEN_ADDRESS
    await maria.says("maria@mail.example")
    assert maria.heard()[-1] == CODE
    await maria.types_the_code(wrong=True)
    await maria.types_the_code()
    (_, review) = maria.heard()
    assert review.endswith(CLEARING) and LINE in review
    assert typed(maria) == []


async def test_it_is_offered_at_the_address(stage: Stage, maria: Chat) -> None:
    """What was typed before is deleted then, too."""
    await comes_to_the_address(maria)
    assert maria.buttons == AT_ADDRESS
    assert typed(maria) == ["/start hong-kong", "Maria Silva", "Portugal"]
    await maria.presses(DISCREET)
    maria.hears(f"✎ {EXPLAINED}")
    assert maria.buttons == [[YES], ["Back"]]
    await maria.presses("Back")
    maria.hears(f"✎ {PORTUGAL}")
    await maria.presses(DISCREET, YES)
    assert shown(maria) == [HIDDEN_ADDRESS]
    assert maria.buttons == [["Show my email address"], ["✓ Discreet…"], ["Back", "Cancel"]]


async def test_she_ends_it(stage: Stage, maria: Chat) -> None:
    await becomes_discreet(maria)
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal")
    await maria.presses("✓ Discreet…", END)
    await maria.says("maria@mail.example")
    assert typed(maria) == ["maria@mail.example"]
    await clears(stage, hours=60)
    assert typed(maria) == ["maria@mail.example"]


async def test_the_mail_names_nothing(stage: Stage, maria: Chat) -> None:
    await becomes_discreet(maria)
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    await stage.send_mail()
    (mail,) = stage.mails_to("maria@mail.example")
    assert str(mail.message["Subject"]) == f"{maria.code()} is your code"
    assert str(mail.message["From"]) == "actions@send.example"
    raw = mail.raw.decode().lower() + mail.text.lower()
    for word in ("hong", "kong", "letter", "campaign", "rights", "t.me", "telegram", "bot"):
        assert word not in raw.replace("actionbot", ""), word


async def test_the_letter_hides_her_address_and_nothing_is_asked_afterwards(
    stage: Stage, maria: Chat
) -> None:
    stage.edits(FILE, 'reply_to = "supporter"', 'reply_to = "supporter"\ncopies = true')
    await comes_to_the_review(maria)
    await maria.presses("Send in my name")
    assert maria.heard()[-1] == "Your letter will be sent in 30 seconds."
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert headers(letter) == {"From": "Maria Silva <token>"}
    assert not {"Get a copy by email", "Email me a copy", "Yes"} & set(maria.all_buttons)


async def test_a_second_letter_is_only_noticed_after_the_code(stage: Stage, maria: Chat) -> None:
    await sends(stage, maria)
    await clears(stage, hours=6, minutes=1)
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", "other@mail.example")
    assert maria.heard()[-1] == ORDINARY_CODE.replace("maria@", "other@")
    await maria.types_the_code()
    maria.hears(
        "You’ve already written a letter in this campaign. Each person can send one. Thank you!"
    )
    assert len(await read_table(stage, actions)) == 1


async def test_a_campaign_is_discreet_by_default(stage: Stage, maria: Chat) -> None:
    stage.edits(
        FILE,
        'reply_to = "supporter"',
        'reply_to = "supporter"\ndiscreet = "default"\nclear_after_hours = 2',
    )
    await maria.starts("hong-kong")
    (welcome,) = [line for line in maria.heard() if line[0] != "✗"]
    assert "This is a discreet chat" in welcome
    assert typed(maria) == []
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    await maria.types_the_code()
    assert "2 hours after the letter was sent" in maria.heard()[-1]
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    await clears(stage, hours=2, minutes=1)
    assert shown(maria) == []


async def test_a_campaign_without_discreet_conversations(stage: Stage, maria: Chat) -> None:
    stage.edits(FILE, 'reply_to = "supporter"', 'reply_to = "supporter"\ndiscreet = "off"')
    await comes_to_the_address(maria)
    assert DISCREET not in maria.all_buttons


async def test_details_and_updates_of_before_are_forgotten(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await maria.sends_the_letter(campaign="river")
    await maria.presses("Yes", "Yes")
    assert len(await read_table(stage, subscriptions)) == 1
    await maria.starts("hong-kong")
    await maria.presses("Is it safe for me?", DISCREET, YES)
    assert await read_table(stage, subscriptions) == []
    assert "Write as Maria Silva" not in maria.all_buttons


async def test_forget_erases_a_cleared_letter(stage: Stage, maria: Chat) -> None:
    await sends(stage, maria)
    await clears(stage, hours=6, minutes=1)
    await maria.says("/forget")
    await maria.presses("Delete everything")
    for table in (actions, outbox, consents):
        assert await read_table(stage, table) == []


async def test_a_cleared_letter_is_found_by_no_key_of_its_sender(stage: Stage, maria: Chat) -> None:
    """What every answer loads of a person doesn't hold it, so nothing can name it."""
    await sends(stage, maria)
    await clears(stage, hours=6, minutes=1)
    person = PersonKeys(vault(stage), maria.person.id)
    async with stage.bot() as app:
        keys = await app.core.database.read(
            lambda c: campaign_keys.keys_of_person(c, app.core.vault, person)
        )
    (action,), (consent,) = await read_table(stage, actions), await read_table(stage, consents)
    assert action["person_key"] == consent["person_key"]
    assert action["person_key"] not in keys


async def test_no_key_leads_from_a_code_to_a_cleared_chat(stage: Stage, maria: Chat) -> None:
    await sends(stage, maria)
    await clears(stage, hours=6, minutes=1)
    (code,) = await read_table(stage, codes)
    assert "mailbox" in code
    assert "chat" not in code


async def test_a_cleared_letter_that_came_back_may_be_written_again(
    stage: Stage, maria: Chat
) -> None:
    """With the same address, and it replaces the first one."""
    await sends(stage, maria)
    await bounces(stage, TARGET)
    await clears(stage, hours=6, minutes=1)
    await sends(stage, maria)
    assert len(stage.mails_to(TARGET)) == 2
    assert len(await read_table(stage, actions)) == 1
    await clears(stage, hours=6, minutes=1)
    assert shown(maria) == []


async def test_a_discreet_letter_is_never_archived(stage: Stage, maria: Chat) -> None:
    key = write_key(PUBLIC_PREFIX, bytes(range(32)))
    terms = f'reply_to = "supporter"\narchive = "sealed"\narchive_key = "{key}"'
    stage.edits(FILE, 'reply_to = "supporter"', terms)
    stage.edits_all_texts("hong-kong", "{settling}", "{settling} {archive}")
    stage.edits_all_texts("hong-kong", "{answers}", "{answers} {archive}")
    await comes_to_the_review(maria)
    assert "archive" not in maria.heard()[-1]
    await maria.presses("Send in my name")
    (action,) = await read_table(stage, actions)
    assert action["encrypted_archive_key"] is None
