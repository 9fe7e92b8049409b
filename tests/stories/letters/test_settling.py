"""Some days after a letter was sent, nothing in the bot says who wrote it."""

from bot.services.housekeeping.settling import Settling
from storage.chats import chats as saved
from storage.crypto.person_keys import PersonKeys
from storage.schema.tables import actions, outbox
from tests.chat import Chat
from tests.returned import mail, postfix
from tests.stage import Stage
from tests.stories.lines import TARGET
from tests.stories.records import read_table, vault


async def settle(stage: Stage, **time: float) -> None:
    """Move the clock, and let the bot settle what is due."""
    await stage.later(**time)
    async with stage.bot() as app:
        await Settling(app.core.database, app.core.vault, app.core.clock).run_once()


async def journey(stage: Stage, chat: Chat) -> str:
    """Return the chat's saved journey, decrypted."""
    person = PersonKeys(vault(stage), chat.person.id)
    async with stage.bot() as app:
        found = await app.core.database.read(lambda c: saved.find(c, vault(stage), person))
    assert found is not None
    return repr(saved.journey(vault(stage), found))


async def test_the_journey_is_emptied_when_the_letter_has_left(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    assert "Maria" in await journey(stage, maria)
    await stage.later(seconds=31)
    left = await journey(stage, maria)
    assert [each for each in ("Maria", "maria", "Silva", "BR") if each in left] == []


async def test_the_journey_of_somebody_who_blocked_the_bot_is_emptied(
    stage: Stage, maria: Chat
) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    await maria.blocks()
    await stage.answer_updates()
    await settle(stage, seconds=1)
    assert "Maria" in await journey(stage, maria), "the letter can still be undone"
    await settle(stage, seconds=31)
    assert "Maria" not in await journey(stage, maria)


async def test_a_settled_letter_names_nobody_with_all_keys(stage: Stage, maria: Chat) -> None:
    await maria.sends_the_letter()
    await settle(stage, days=6)
    (row,) = await read_table(stage, actions)
    assert row["encrypted_details"] is not None
    await settle(stage, days=1)
    (row,), (sent,) = await read_table(stage, actions), await read_table(stage, outbox)
    encrypted = [each for each in (*row, *sent) if each.startswith("encrypted")]
    assert {(row | sent)[name] for name in encrypted} == {None}
    await maria.starts("hong-kong")
    (said,) = maria.heard()
    assert said.startswith(
        "You’ve already written a letter for “Stand up for people's rights in Hong Kong”"
    )
    await maria.says("/mydata")
    assert "Your name, country, address and words have been deleted" in maria.heard()[0]
    await maria.says("/forget")
    await maria.presses("Delete everything")
    assert await read_table(stage, actions) == []


async def test_buttons_of_a_settled_letter_change_nothing(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (yes,) = [each for each in maria.all_buttons if each == "Yes"][:1]
    await settle(stage, days=8)
    await maria.presses(yes)
    await maria.says("/mydata")
    assert "Maria" not in " ".join(maria.heard())


async def test_answers_and_bounces_of_a_settled_letter(stage: Stage, maria: Chat) -> None:
    """The answer goes to the campaign's contact. The bounce comes too late to count."""
    await maria.sends_the_letter()
    (letter,) = stage.mails_to(TARGET)
    await settle(stage, days=8)
    headers = ("From: ceo@gov.example", f"To: <{letter.sender}>", "Message-ID: <1@gov.example>")
    await stage.receive_mail(mail(*headers, body="Thank you for your letter."))
    await stage.send_mail()
    (answer,) = stage.mails_to("people@open-letters-hk.example")
    assert "Thank you for your letter." in answer.text
    assert stage.mails_to("maria@mail.example")[1:] == []
    await stage.receive_mail(postfix(letter.sender, TARGET))
    (row,) = [row for row in await read_table(stage, outbox) if row["kind"] == "letter"]
    assert (row["state"], row["settled"]) == ("accepted", True)
