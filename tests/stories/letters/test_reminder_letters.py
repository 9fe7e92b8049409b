"""No answer: a supporter sends the same target one shorter letter, reviewed like the first."""

from datetime import timedelta

import pytest

from bot.services.housekeeping.settling import Settling
from storage.schema.tables import actions, consents, counters
from tests.chat import Chat
from tests.returned import postfix
from tests.stage import Stage
from tests.stories.journey.test_own_words import differences
from tests.stories.journey.test_several_targets import FIVE, address, figures, opens_five
from tests.stories.letters.test_answers import ASK, THANKS, agrees, asks, two_weeks_pass
from tests.stories.records import read_table

__all__ = ["asks"]

MINISTRY = "gabinete@ministerio-ambiente.example"
OFFER = f"{THANKS}\n\nYou can remind them once, with a shorter letter."
REMINDER = """\
# Reminder

Dear {target},

some weeks ago I asked you to let the river flow. I have had no answer yet.

{own_words}

{name}, {country}

# Reminder subject

The river, again
"""


@pytest.fixture
def reminds(stage: Stage, asks: None) -> None:
    """The river's campaign has a reminder letter."""
    adds_reminder(stage)


def adds_reminder(stage: Stage) -> None:
    for file in (stage.campaigns / "river").glob("*.md"):
        file.write_text(f"{file.read_text(encoding='utf-8')}\n{REMINDER}", encoding="utf-8")


async def settle(stage: Stage) -> None:
    async with stage.bot() as app:
        await Settling(app.core.database, app.core.vault, app.core.clock).run_once()


async def bounces_again(stage: Stage, name: str) -> None:
    *_, letter = stage.mails_to(address(name))
    await stage.receive_mail(postfix(letter.sender, address(name)), letter.sender)


async def strangers_cannot(stage: Stage, button: str) -> None:
    """Press another person's button: who has not written to the target can't remind it."""
    ahmed = stage.person("Ahmed")
    await ahmed.starts("river")
    ahmed.heard()
    await ahmed.presses_again(ahmed.last["message_id"], button)
    assert "(That’s no longer there.)" in ahmed.heard()


async def says_no(stage: Stage, person: Chat) -> None:
    await two_weeks_pass(stage)
    person.heard()
    await person.presses("No answer")
    person.hears(OFFER)


@pytest.mark.usefixtures("reminds")
async def test_a_reminder_is_a_second_letter_of_the_same_person(stage: Stage) -> None:
    maria = await agrees(stage, "Maria")
    await says_no(stage, maria)
    await strangers_cannot(stage, maria.last["keyboard"][0][0]["data"])
    await maria.presses("Write a reminder")
    *_, shown = maria.heard()
    assert shown.startswith("Your reminder to Ministry of the Environment of Portugal.")
    assert "The river, again" in shown
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    heard = "\n".join(maria.heard())
    assert ASK not in heard
    _, second = stage.mails_to(MINISTRY)
    assert second.message["Subject"] == "The river, again"
    assert "I have had no answer yet." in second.message.get_content()
    assert "Maria Silva" in second.message.get_content()
    rows = await read_table(stage, actions)
    assert sorted((row["round"], row["leads"]) for row in rows) == [(1, True), (2, False)]
    assert len([row for row in await read_table(stage, consents) if row["kind"] == "send"]) == 2
    assert await figures(stage) == {
        ("step", "sent"): 1,
        ("step", "accepted"): 1,
        ("further", "sent"): 1,
        ("further", "accepted"): 1,
    }
    (counter,) = await read_table(stage, counters)
    assert counter["accepted"] == 2
    assert await differences(stage) == []
    await maria.presses("Write a reminder")
    assert "(That’s no longer there.)" in maria.heard()
    await maria.says("/forget")
    await maria.presses("Delete everything")
    assert await read_table(stage, actions) == []
    assert await differences(stage) == []


@pytest.mark.usefixtures("reminds")
async def test_details_are_asked_again_once_the_first_letter_is_settled(stage: Stage) -> None:
    maria = await agrees(stage, "Maria")
    stage.clock.ahead += timedelta(days=9)
    await settle(stage)
    await says_no(stage, maria)
    await maria.presses("Write a reminder")
    (asked,) = maria.heard()
    assert asked.startswith(
        "Your reminder to Ministry of the Environment of Portugal: I’ve deleted what you gave for"
        " the first letter, so I’ll ask again.\n\n"
    )
    assert "name" in asked
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    await maria.types_the_code()
    assert "The river, again" in maria.heard()[-1]
    await maria.presses("Send in my name")
    await maria.presses("Undo")
    assert "✎ Your letter was cancelled. Nothing was sent." in maria.heard()
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    assert len(stage.mails_to(MINISTRY)) == 2
    assert await differences(stage) == []


async def test_of_several_targets_one_is_asked_about_and_reminded(stage: Stage) -> None:
    opens_five(stage)
    settings = 'ask_after_days = 14\nreply_to = "supporter"'
    stage.edits("river/campaign.toml", 'reply_to = "organisation"', settings)
    adds_reminder(stage)
    maria = stage.person("Maria", "Silva")
    await maria.sends_the_letter(campaign="river", address="maria@mail.example")
    question = next(each for each in maria.person.chat() if each["text"] == ASK)
    await maria.presses_again(question["message_id"], question["keyboard"][0][0]["data"])
    maria.heard()
    await two_weeks_pass(stage)
    (asked,) = maria.heard()
    (name,) = [each for each in FIVE if f"Did {each} Silva answer?" in asked]
    await maria.presses("No answer")
    await maria.presses("Write a reminder", "Send in my name")
    await stage.later(seconds=31)
    assert [len(stage.mails_to(address(each))) for each in FIVE] == [
        1 + (each == name) for each in FIVE
    ]
    (counter,) = await read_table(stage, counters)
    assert counter["accepted"] == 6
    await bounces_again(stage, name)
    (counter,) = await read_table(stage, counters)
    assert counter["accepted"] == 5
    assert [row["leads"] for row in await read_table(stage, actions)].count(True) == 1
    assert await differences(stage) == []
