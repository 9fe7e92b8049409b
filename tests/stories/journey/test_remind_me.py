"""Remind me: one message to a supporter who stopped half-way, and never a second one."""

from datetime import timedelta

from storage.schema.tables import scheduled_messages
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import CANCELLED, COUNTRY, NAME
from tests.stories.records import read_table
from tests.stories.staff.test_team import first_admin

WHEN = "When shall I remind you? I’ll write once, and not again."
CHOICES = ["In 1 hour", "In 4 hours", "In 20 hours"]
SET = "I’ll remind you once, in about 4 hours. You can go on at any time before that."
REMINDER = "You asked me to remind you: your letter isn’t finished yet. It takes about two minutes."


async def waits(stage: Stage, hours: float) -> None:
    stage.clock.ahead += timedelta(hours=hours)
    await stage.send_scheduled_messages()


async def stops_at_the_country(maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva")


async def test_later_brings_one_reminder_and_the_way_back(stage: Stage, maria: Chat) -> None:
    await stops_at_the_country(maria)
    await maria.says("Later")
    maria.hears(WHEN)
    assert [row[0] for row in maria.buttons] == CHOICES
    await maria.presses("In 4 hours")
    maria.hears(f"✎ {SET}")
    await waits(stage, 3.9)
    maria.hears()
    await waits(stage, 0.4)
    maria.hears(REMINDER)
    await maria.presses("Continue")
    (asked,) = maria.heard()
    assert asked.startswith("You’ve started your letter for")
    await maria.presses("Continue")
    assert maria.heard()[-1].endswith(COUNTRY.partition(" · ")[2])
    await waits(stage, 30)
    maria.hears()
    assert await read_table(stage, scheduled_messages) == []


async def test_who_cancels_can_be_reminded_to_begin_again(stage: Stage, maria: Chat) -> None:
    await stops_at_the_country(maria)
    await maria.presses("Cancel")
    maria.hears(f"✎ {CANCELLED}")
    await maria.presses("Remind me later", "In 20 hours")
    await waits(stage, 20.3)
    maria.hears(f"✎ {SET.replace('4 hours', '20 hours')}", REMINDER)
    await maria.presses("Continue", "Write the letter", "Continue")
    assert maria.heard()[-1].endswith(NAME.partition(" · ")[2])


async def test_no_reminder_of_a_campaign_that_an_admin_closed(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await stops_at_the_country(maria)
    await maria.says("later")
    await maria.presses("In 1 hour")
    maria.heard()
    await olga.says("/campaigns")
    await olga.presses("Close", "Yes, do it")
    await waits(stage, 1.3)
    maria.hears()
    await olga.presses("Back", "Reopen", "Yes, do it")
    await waits(stage, 0.5)
    maria.hears(REMINDER)


async def test_no_reminder_after_the_letter_or_a_change_of_mind(stage: Stage, maria: Chat) -> None:
    await stops_at_the_country(maria)
    await maria.says("remind me")
    await maria.presses("In 1 hour", "Don’t remind me")
    maria.hears("✎ I won’t remind you.")
    for typed in ("/unsubscribe", "/forget"):
        await maria.says("remind me")
        await maria.presses("In 1 hour")
        await maria.says(typed)
        if typed == "/forget":
            await maria.presses("Delete everything")
        assert await read_table(stage, scheduled_messages) == []
    await maria.comes_to_the_review()
    await maria.says("later")
    await maria.presses("In 1 hour", "Send in my name")
    assert await read_table(stage, scheduled_messages) == []


async def test_no_reminder_in_a_discreet_conversation(stage: Stage, maria: Chat) -> None:
    await stops_at_the_country(maria)
    await maria.says("Portugal")
    await maria.says("later")
    assert maria.heard()[-1] == WHEN
    await maria.presses("In 1 hour", "Discreet…", "Yes, be discreet")
    assert await read_table(stage, scheduled_messages) == []
    await maria.says("later")
    assert WHEN not in maria.heard()
    await maria.presses("Cancel")
    assert "Remind me later" not in maria.all_buttons


async def test_nothing_is_sent_while_paused_to_who_blocked_or_late(
    stage: Stage, maria: Chat
) -> None:
    await stops_at_the_country(maria)
    await maria.says("later")
    await maria.presses("In 1 hour")
    await waits(stage, 5)
    maria.hears(f"✎ {SET.replace('4 hours', '1 hour')}")
    await maria.says("later")
    await maria.presses("In 1 hour")
    await maria.blocks()
    await maria.blocks(blocked=False)
    await waits(stage, 1.3)
    assert REMINDER not in maria.heard()
    assert await read_table(stage, scheduled_messages) == []
