"""Commands such as /help, /mydata and /forget, at any moment of the journey."""

import pytest

from storage.schema.tables import consents, subscriptions
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.journey.test_personal_data import CHAT, day_of
from tests.stories.lines import (
    CANCELLED,
    CODE,
    COUNTRY,
    LEAVES,
    PORTUGAL,
    REMEMBER,
    TARGET,
    UPDATES,
)
from tests.stories.records import read_table

HELP = (
    "I’m a bot. I help you write a letter to someone in power, in your own name.\n\n"
    "/start · Write a letter\n"
    "/help · What I can do, and how to reach a person\n"
    "/privacy · How your data is handled\n"
    "/settings · Language, saved details, updates\n"
    "/mydata · See what I hold about you\n"
    "/subscribe · Get updates on a campaign\n"
    "/unsubscribe · Stop all updates\n"
    "/cancel · Discard the letter you’ve started\n"
    "/forget · Delete what I hold about you\n\n"
    "To reach a person:\nOpen Letters Hong Kong: people@open-letters-hk.example"
)
NO_UPDATES = "You’re unsubscribed. I won’t send you any more updates."
NO_UPDATES_BUT_LETTER = (
    "You’re unsubscribed from all updates. Your unfinished letter is still here: answer above,"
    " or /cancel."
)
SETTINGS = (
    "Settings\nLanguage: English\nNo details are saved for next time.\nYou get no updates."
    " /subscribe starts them."
)


async def test_a_command_at_any_question_keeps_the_question(stage: Stage, maria: Chat) -> None:
    """A command's answer appears below the question, whose buttons still work."""
    await maria.starts("hong-kong")
    steps: list[tuple[str, ...]] = [(), ("Maria Silva",), ("Portugal",), ("maria@mail.example",)]
    await maria.presses("Write the letter", "Continue")
    for answers in steps:
        await maria.says(*answers)
        keyboard = maria.last["keyboard"]
        for command, told in (
            ("/help", HELP),
            ("/privacy", "Privacy · Stand up for people's rights in Hong Kong\nWho is…"),
            ("/settings", SETTINGS),
            ("/mydata", "What I hold about you\n•…"),
            ("/subscribe", UPDATES),
            ("/unsubscribe", NO_UPDATES_BUT_LETTER),
            ("/whatever", HELP),
        ):
            await maria.says(command)
            maria.hears(told)
        assert keyboard in [message["keyboard"] for message in maria.person.chat()]
    await maria.presses("Back")
    maria.hears(f"✎ {PORTUGAL}")


async def test_commands_without_a_letter_in_progress(stage: Stage, maria: Chat) -> None:
    for command, told in (
        ("/help", HELP),
        ("/privacy", "Privacy · Stand up for people's rights in Hong Kong\nWho is…"),
        ("/settings", SETTINGS),
        ("/mydata", f"What I hold about you\n{CHAT}"),
        ("/unsubscribe", NO_UPDATES),
        ("/cancel", "There’s nothing to cancel. /help shows what I can do."),
        ("/subscribe", UPDATES),
        ("/HELP@action_bot", HELP),
    ):
        await maria.says(command)
        maria.hears(told)


async def test_the_full_privacy_notice(stage: Stage, maria: Chat) -> None:
    await maria.says("/privacy")
    (said,) = maria.heard()
    for heading in (
        "Who is responsible: Open Letters Hong Kong, an association",
        "Contact: people@open-letters-hk.example. A person reads it.",
        "Who receives it: Chief Executive, Government of Hong Kong. The letter carries your name",
        "How long it’s kept: 7 days after your letter has been sent, we delete your name",
        "Your rights: Nothing is sent without your consent. You can withdraw it at any time",
        "Minimum age: 16 years.",
    ):
        assert heading in said
    assert (
        'href="https://open-letters-hk.example/privacy">Full privacy policy</a>'
        in (maria.last["html"])
    )


async def test_the_privacy_notices_of_several_campaigns(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await maria.says("/privacy")
    maria.hears(
        "Privacy · Stand up for people's rights in Hong Kong\nWho is responsible: Open Letters…",
        "Privacy · Let the Amieiro flow\nWho is responsible: Amigos do Amieiro…",
    )
    await maria.starts("river")
    await maria.says("/privacy")
    maria.hears("Privacy · Let the Amieiro flow\nWho is responsible: Amigos do Amieiro…")


@pytest.mark.parametrize(
    "word", ["stop", "Stop!", "UNSUBSCRIBE", " unsubscribe. ", "停止", "取消訂閱", "退訂。"]
)
async def test_a_bare_word_unsubscribes(stage: Stage, maria: Chat, word: str) -> None:
    await maria.says("/subscribe")
    await maria.presses("Other campaigns too")
    assert len(await read_table(stage, subscriptions)) == 2
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says(word)
    maria.hears(NO_UPDATES_BUT_LETTER)
    assert await read_table(stage, subscriptions) == []
    assert {
        (row["kind"], row["scope"], row["given"]) for row in await read_table(stage, consents)
    } == {
        ("updates", "hong-kong", True),
        ("updates", "*", True),
        ("updates", "*", False),
    }
    await maria.says("Maria Silva")
    maria.hears(COUNTRY)


async def test_commands_subscribe_and_unsubscribe(stage: Stage, maria: Chat) -> None:
    await maria.says("/subscribe")
    maria.hears(UPDATES)
    assert maria.buttons == [["Yes", "No"], ["Other campaigns too"]]
    await maria.presses("Yes")
    maria.hears(
        "✎ I’ll let you know what happens. You can stop updates here, or with /unsubscribe, at"
        " any time."
    )
    assert maria.buttons == [["Stop updates"]]
    await maria.says("/mydata")
    maria.hears(
        "What I hold about you\n• Updates: Stand up for people's rights in Hong Kong\n• Yes to"
        f" updates on Stand up for people's rights in Hong Kong, {day_of(stage)}\n{CHAT}"
    )
    await maria.says("/settings")
    maria.hears(
        "Settings\nLanguage: English\nNo details are saved for next time.\nYou get updates."
    )
    assert maria.buttons == [["🌐 Language"], ["Stop updates"]]
    await maria.presses("Stop updates")
    maria.hears(f"✎ {NO_UPDATES}")
    assert await read_table(stage, subscriptions) == []


async def test_subscribe_to_one_of_several_campaigns(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await maria.says("/subscribe")
    maria.hears("Which updates would you like?")
    assert maria.buttons == [
        ["Stand up for people's rights in Hong Kong"],
        ["Let the Amieiro flow"],
        ["All campaigns"],
    ]
    await maria.presses("Let the Amieiro flow")
    maria.hears("✎ I’ll let you know what happens. You can stop updates here…")
    await maria.says("/subscribe")
    await maria.presses("All campaigns")
    maria.hears("✎ I’ll let you know what happens, in this campaign and in others.…")
    assert {row["scope"] for row in await read_table(stage, subscriptions)} == {"river", "*"}
    await maria.presses("Stop updates")
    maria.hears(f"✎ {NO_UPDATES}")
    assert await read_table(stage, subscriptions) == []


async def test_cancel_does_not_affect_an_earlier_letter(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    await maria.starts("river")
    await maria.presses("Write the letter")
    await maria.says("Maria")
    await maria.says("/cancel")
    maria.hears(CANCELLED)
    await stage.later(seconds=31)
    assert len(stage.mails_to(TARGET)) == 1


async def test_cancel_also_cancels_an_unsent_code(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    await maria.says("/cancel")
    maria.hears(CANCELLED)
    await stage.send_mail()
    assert stage.inbox.mails == []
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    assert maria.heard()[-1] == CODE
    await maria.types_the_code()
    maria.hears("This is your letter.…")


async def test_cancel_during_the_undo_period(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    maria.hears(LEAVES, UPDATES, REMEMBER)
    await maria.says("/cancel")
    maria.hears("Your letter hasn’t been sent yet. To cancel it, tap “Undo” under it.")
    await stage.later(seconds=31)
    await maria.says("/cancel")
    maria.hears("There’s nothing to cancel. /help shows what I can do.")
