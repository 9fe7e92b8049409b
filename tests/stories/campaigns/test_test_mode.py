"""Test mode: letters go to the test address, are marked as tests, and are not counted."""

import pytest
from sqlalchemy import select

from bot.playground.inbox import ReceivedEmail
from bot.services.campaigns import campaign_mode
from storage.admin.campaign_modes import Mode
from storage.schema.tables import (
    actions,
    counters,
    tallies,
)
from storage.schema.tables import outbox as mails
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import HELD_BACK, REMEMBER, RIVER, TARGET, UPDATES, WELCOME
from tests.stories.records import read_modes, read_table
from tests.stories.staff.test_team import first_admin

TESTS = "tests@letters.example"
FACTS = "hong-kong/campaign.toml"
CHIEF = "Chief Executive, Government of Hong Kong"
MARK = f"TEST MODE: the letter goes to {TESTS}, not to {CHIEF}, and isn’t counted."
STATUS = f"TEST MODE: this letter goes to the test address, not to {CHIEF}, and isn’t counted."
MARK_ZH = f"測試模式：信會寄到 {TESTS}，不會寄給香港特別行政區行政長官，也不計入總數。"
LEFT = "✎ ✓ Your letter was sent at "


@pytest.fixture(autouse=True)
async def _test_address(stage: Stage) -> None:
    await stage.change_mail_settings(test_address=TESTS)


def says_test(stage: Stage) -> None:
    stage.edits(FACTS, 'reply_to = "supporter"', 'reply_to = "supporter"\ntest = true')


def says_live(stage: Stage) -> None:
    stage.edits(FACTS, "\ntest = true", "")


def says_more(stage: Stage) -> None:
    """Change something else: a content that was published before is not published by itself."""
    stage.edits(FACTS, 'reply_to = "supporter"', '# Changed again.\nreply_to = "supporter"')


async def goes_live(stage: Stage) -> None:
    async with stage.bot() as app:
        await campaign_mode.go_live(app.core.database, app.core.vault, "hong-kong", stage.clock())


async def counted(stage: Stage) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in await read_table(stage, tallies):
        if row["figure"] == "step" and row["day"]:
            found[row["value"]] = found.get(row["value"], 0) + row["count"]
    return {stage: count for stage, count in found.items() if count}


def mails_to_test_address(stage: Stage) -> list[ReceivedEmail]:
    """Return the mails to the test address; assert that the target got none."""
    assert stage.mails_to(TARGET) == []
    return stage.mails_to(TESTS)


async def test_a_test_letter_goes_to_the_test_address_and_is_marked(
    stage: Stage, maria: Chat
) -> None:
    says_test(stage)
    await maria.starts("hong-kong")
    (first,) = maria.heard()
    assert first.startswith(f"{MARK}\n\n{WELCOME.removesuffix('…')}")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    await maria.types_the_code()
    (review,) = maria.heard()
    assert review.startswith(
        f"{MARK}\n\nThis is your letter. Your details: Maria Silva, Portugal ·"
        f" maria@mail.example\nTo: {CHIEF}\nSubject: "
    )
    await maria.presses("Send in my name")
    maria.hears(f"{STATUS}\n\nYour letter will be sent in 30 seconds.", UPDATES, REMEMBER)
    await stage.later(seconds=31)
    at = f"{stage.clock():%H:%M}"
    maria.hears(
        f"✎ {STATUS}\n\n✓ Your letter was sent at {at} UTC. If I hear that it came back, I’ll"
        " tell you here.\n\nOnce the campaign is live, supporters also read:\nThank you. The people"
        " of Hong Kong are not alone, and your letter tells their government so."
    )
    assert "Share with friends" in maria.all_buttons
    (letter,) = mails_to_test_address(stage)
    assert letter.recipients == (TESTS,)
    assert letter.message["Subject"] == (
        "[TEST] Withdraw the extradition bill and protect peaceful protest"
    )
    assert letter.message["X-Actionbot-Target"] == TARGET
    assert str(letter.message["To"]) == f'"{CHIEF}" <{TESTS}>'
    assert str(letter.message["Reply-To"]) == "Maria Silva <maria@mail.example>"
    await maria.says("/mydata")
    assert "• Your test letter for “Stand up for" in maria.heard()[0]


async def test_a_test_letter_is_marked_in_chinese(stage: Stage, maria: Chat) -> None:
    says_test(stage)
    chen = stage.person("陳", "大文", "zh-hant")
    await chen.starts("hong-kong")
    (first,) = chen.heard()
    assert first.startswith(MARK_ZH)


async def test_a_test_letter_is_not_counted(stage: Stage, maria: Chat) -> None:
    says_test(stage)
    await maria.sends_the_letter()
    assert (await counted(stage), await read_table(stage, counters)) == ({}, [])
    (action,) = await read_table(stage, actions)
    assert (action["test"], action["number"]) == (True, None)
    await maria.says("/forget")
    await maria.presses("Delete everything")
    assert (await counted(stage), await read_table(stage, actions)) == ({}, [])


async def test_a_supporter_can_test_again(stage: Stage, maria: Chat) -> None:
    """A new test replaces the previous one, which is not sent if it is still waiting."""
    says_test(stage)
    await maria.sends_the_letter()
    (first,) = await read_table(stage, actions)
    await stage.later(minutes=2)
    await maria.sends_the_letter()
    (second,) = await read_table(stage, actions)
    assert first["action"] != second["action"]
    assert len(mails_to_test_address(stage)) == 2
    stage.edits(FACTS, "undo_seconds = 30", "undo_seconds = 600")
    await stage.later(hours=1)
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    await stage.later(minutes=2)
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    assert maria.heard()[0] == f"✎ {HELD_BACK}"
    await stage.later(minutes=11)
    assert (len(mails_to_test_address(stage)), len(await read_table(stage, actions))) == (3, 1)


async def test_two_people_test_with_one_address(stage: Stage, maria: Chat) -> None:
    says_test(stage)
    await maria.sends_the_letter()
    await stage.later(minutes=2)
    pedro = stage.person("Pedro")
    await pedro.sends_the_letter()
    assert len(mails_to_test_address(stage)) == 2


async def test_undo_of_a_test_letter(stage: Stage, maria: Chat) -> None:
    says_test(stage)
    await maria.comes_to_the_review()
    await maria.presses("Send in my name", "Undo")
    assert maria.heard()[0] == f"✎ {HELD_BACK}"
    await stage.later(minutes=5)
    assert mails_to_test_address(stage) == []
    assert await counted(stage) == {}


# --- who finds it ------------------------------------------------------------------------------


async def test_only_the_team_finds_a_campaign_in_test_mode_without_its_link(
    stage: Stage, maria: Chat
) -> None:
    stage.opens("river")
    says_test(stage)
    olga = await first_admin(stage)
    await maria.starts()
    maria.hears(RIVER)
    await maria.says("/subscribe")
    assert maria.buttons[0] == ["Yes", "No"]
    await olga.starts("mountain")
    assert olga.buttons == [
        ["Stand up for people's rights in Hong Kong"],
        ["Let the Amieiro flow"],
    ]
    await maria.starts("hong-kong")
    assert maria.heard()[0].startswith(MARK)


async def test_a_campaign_that_went_into_test_mode_cannot_be_chosen(
    stage: Stage, maria: Chat
) -> None:
    stage.opens("river")
    await maria.starts()
    says_test(stage)
    await maria.presses("Stand up for people's rights in Hong Kong")
    maria.hears("That campaign no longer accepts letters.", RIVER)
    stage.edits("river/campaign.toml", "goal = 3000", "goal = 3000\ntest = true")
    await maria.says("/cancel")
    await maria.starts()
    maria.hears("No campaign is open right now. Thank you for stopping by.")


# --- test mode in the settings ------------------------------------------------------------------


async def test_the_settings_put_everything_into_test_mode(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await stage.change_mail_settings(test=True)
    await maria.starts("river")
    (first,) = maria.heard()
    assert first.startswith(f"TEST MODE: the letter goes to {TESTS}, not to ")
    await maria.sends_the_letter()
    assert len(mails_to_test_address(stage)) == 1
    assert await counted(stage) == {}


async def test_a_waiting_letter_becomes_a_test_with_the_settings(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    assert (await counted(stage))["sent"] == 1
    await stage.change_mail_settings(test=True)
    await stage.later(seconds=31)
    assert maria.heard()[-1].startswith(f"✎ {STATUS}\n\n✓ Your letter was sent at ")
    (letter,) = mails_to_test_address(stage)
    assert str(letter.message["Subject"]).startswith("[TEST] ")
    assert "sent" not in await counted(stage)
    assert await read_table(stage, counters) == []

    await stage.change_mail_settings(test=False)
    await goes_live(stage)
    await maria.starts("hong-kong")
    maria.hears(WELCOME)


async def test_a_letter_that_became_a_test_stays_one_in_all_attempts(
    stage: Stage, maria: Chat
) -> None:
    stage.inbox.refusals[TESTS] = "450 4.2.0 later, please"
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    await stage.change_mail_settings(test=True)
    await stage.later(seconds=31)
    await stage.change_mail_settings(test=False, test_address="others@letters.example")
    stage.inbox.refusals.clear()
    await stage.later(hours=2)
    (letter,) = mails_to_test_address(stage)
    assert letter.message["X-Actionbot-Target"] == TARGET


async def test_an_attempted_letter_waits_until_test_mode_ends(stage: Stage, maria: Chat) -> None:
    stage.inbox.refusals_at_the_dot[TARGET] = "451 4.3.0 later, please"
    await maria.sends_the_letter()
    stage.inbox.refusals_at_the_dot.clear()
    await stage.change_mail_settings(test=True)
    await stage.later(hours=2)
    assert maria.heard()[-1].startswith("✎ Sending is paused, so your letter is waiting. ")
    for _ in "ab":
        await stage.later(hours=2)
        assert maria.heard() == []
    assert mails_to_test_address(stage) == []
    await stage.change_mail_settings(test=False)
    await stage.later(hours=2)
    (letter,) = stage.mails_to(TARGET)
    assert letter.message["X-Actionbot-Target"] is None
    assert maria.heard()[-1].startswith(LEFT)
    assert (await counted(stage))["accepted"] == 1


async def test_a_letter_that_waited_too_long_is_reported_as_not_delivered(
    stage: Stage, maria: Chat
) -> None:
    stage.inbox.refusals_at_the_dot[TARGET] = "451 4.3.0 later, please"
    await maria.sends_the_letter()
    stage.inbox.refusals_at_the_dot.clear()
    await stage.change_mail_settings(test=True)
    await stage.later(days=6)
    assert maria.heard()[-1].startswith("✎ I couldn’t deliver your letter within five days")
    assert mails_to_test_address(stage) == []


# --- going live ---------------------------------------------------------------------------------


async def test_a_tested_campaign_goes_live_by_command(stage: Stage, maria: Chat) -> None:
    says_test(stage)
    await maria.sends_the_letter()
    says_live(stage)
    await stage.later(minutes=2)
    await maria.sends_the_letter()
    assert len(mails_to_test_address(stage)) == 2
    assert await read_modes(stage) == {"hong-kong": Mode(test=True)}

    await goes_live(stage)
    assert await read_modes(stage) == {"hong-kong": Mode(test=False)}
    assert await read_table(stage, actions) == []
    await stage.later(minutes=2)
    await maria.sends_the_letter()
    assert maria.heard()[-1].startswith(LEFT)
    (letter,) = stage.mails_to(TARGET)
    assert str(letter.message["Subject"]).startswith("Withdraw")
    funnel = ("opened", "began", "named", "country", "address", "proved", "reviewed")
    assert await counted(stage) == dict.fromkeys((*funnel, "sent", "accepted"), 1)


async def test_the_review_is_repeated_after_the_mode_changed(stage: Stage, maria: Chat) -> None:
    """A letter reviewed as a test is not sent to the target, nor a real one as a test."""
    says_test(stage)
    await maria.comes_to_the_review()
    says_live(stage)
    await goes_live(stage)
    await maria.presses("Send in my name")
    (review,) = maria.heard()
    assert "This is your letter." in review
    assert "TEST" not in review
    says_test(stage)
    says_more(stage)
    await maria.presses("Send in my name")
    (review,) = maria.heard()
    assert MARK in review
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    assert len(mails_to_test_address(stage)) == 1


async def test_a_waiting_test_is_not_sent_when_the_campaign_goes_live(
    stage: Stage, maria: Chat
) -> None:
    says_test(stage)
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    says_live(stage)
    await goes_live(stage)
    await maria.presses("Undo")
    maria.hears("(That letter was already cancelled.)")
    await stage.later(seconds=31)
    assert mails_to_test_address(stage) == []
    async with stage.bot() as app:
        assert await app.core.database.read(lambda c: c.execute(select(mails.c.action)).all()) == []


async def test_a_test_does_not_affect_an_earlier_real_letter(stage: Stage, maria: Chat) -> None:
    await maria.sends_the_letter()
    says_test(stage)
    await stage.later(minutes=2)
    await maria.sends_the_letter()
    assert maria.heard()[-1].startswith(f"✎ {STATUS}")
    says_live(stage)
    says_more(stage)
    await goes_live(stage)
    (action,) = await read_table(stage, actions)
    assert (action["test"], action["number"]) == (False, 1)
    await maria.starts("hong-kong")
    assert maria.heard()[0].startswith("You’ve already written a letter for “Stand up for")
    assert (len(stage.mails_to(TARGET)), len(stage.mails_to(TESTS))) == (1, 1)
