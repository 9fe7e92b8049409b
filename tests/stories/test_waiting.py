"""Updates that wait for their time: seen, moved, changed, cancelled, and never sent late."""

from datetime import timedelta

from conversations.model.broadcast import BroadcastStatus
from tests.chat import Chat, Stage
from tests.stories.campaigners import appoints, goes, states, subscribes
from tests.stories.lines import ANSWERED

MINE = [["Preview", "Edit"], ["Reschedule", "Send now"], ["Cancel"]]


async def schedules(olga: Chat) -> None:
    """Let her schedule “Good news” for June 1, 2030, 18:00."""
    await olga.says("/broadcast", "Good news")
    await olga.presses("Schedule…")
    await olga.says("UTC", "2030-06-01 18:00")
    await olga.presses("Continue", "Send to fewer than 5 people")


async def test_it_is_seen_moved_and_cancelled_from_the_chat(stage: Stage, olga: Chat) -> None:
    await schedules(olga)
    olga.hears("✎ Scheduled for June 1, 2030, 18:00 (UTC).")
    assert olga.buttons == MINE
    await olga.presses("Preview")
    olga.hears("Good news", "Scheduled for June 1, 2030, 18:00 (UTC).")
    await olga.presses("Reschedule")
    olga.hears("✎ When should it go out? …")
    await olga.presses("Back")
    olga.hears("✎ Scheduled for June 1, 2030, 18:00 (UTC).")
    await olga.presses("Reschedule")
    await olga.says("2030-06-02 08:00")
    olga.hears("Scheduled for June 2, 2030, 08:00 (UTC).")
    await olga.presses("Send now")
    olga.hears("✎ To fewer than 5 people, now. …")
    await olga.presses("Not yet")
    olga.hears("✎ Scheduled for June 2, 2030, 08:00 (UTC).")
    await olga.says("/broadcasts")
    olga.hears("Scheduled for June 2, 2030, 08:00 (UTC).")
    await olga.presses("Cancel", "No, keep it")
    olga.hears("✎ Scheduled for June 2, 2030, 08:00 (UTC).")
    assert await states(stage) == [BroadcastStatus.SCHEDULED]
    await olga.presses("Cancel", "Yes, cancel it")
    olga.hears("✎ Update cancelled. Nothing was sent.")
    assert await states(stage) == [BroadcastStatus.DISCARDED]


async def test_a_colleague_sees_it_and_may_cancel_it(stage: Stage, olga: Chat) -> None:
    paul, maria = stage.person("Paul"), stage.person("Maria")
    appoints(stage, olga, paul)
    await schedules(olga)
    data = [button["data"] for row in olga.last["keyboard"] for button in row]
    await paul.says("/broadcasts")
    paul.hears("Scheduled for June 1, 2030, 18:00 (UTC).")
    assert paul.buttons == [["Preview", "Cancel"]]
    await maria.starts("hong-kong")
    for each in data:  # what only its author may, and what no supporter may
        await maria.presses_again(maria.last["message_id"], each)
        maria.hears(ANSWERED)
    await paul.presses("Preview")
    paul.hears("Good news", "Scheduled for June 1, 2030, 18:00 (UTC).")
    assert await states(stage) == [BroadcastStatus.SCHEDULED]
    olga.heard()
    await paul.presses("Cancel", "Yes, cancel it")
    paul.hears("✎ Update cancelled. Nothing was sent.")
    olga.hears("Paul cancelled your update before it was sent. Nobody will get it.")
    await olga.presses("Send now")
    olga.hears("(This one was cancelled. Nothing was sent.)")


async def test_changed_it_waits_for_a_new_word(stage: Stage, olga: Chat) -> None:
    await schedules(olga)
    await olga.presses("Edit")
    heard = olga.heard()
    assert heard[:2] == [
        "✎ You’re editing this update. It won’t be sent until you confirm it again.",
        "Good news",
    ]
    assert heard[2].endswith("Scheduled for June 1, 2030, 18:00 (UTC)")
    assert await states(stage) == [BroadcastStatus.DRAFT]
    await olga.presses("Continue", "Send to fewer than 5 people")
    olga.hears("✎ Scheduled for June 1, 2030, 18:00 (UTC).")
    assert await states(stage) == [BroadcastStatus.SCHEDULED]


async def test_at_its_time_it_goes(stage: Stage, olga: Chat) -> None:
    (ana,) = await subscribes(stage, 1)
    await olga.says("/broadcast", "Good news")
    await olga.presses("Schedule…")
    await olga.says("UTC", "tomorrow 18:00")
    await olga.presses("Continue", "Send to fewer than 5 people")
    now = stage.clock()
    time = now.replace(hour=18, minute=0, second=0, microsecond=0) + timedelta(days=1)
    stage.clock.ahead += time - now - timedelta(seconds=30)
    ana.heard()
    await goes(stage)
    ana.hears()
    await goes(stage)
    ana.hears("Good news")
    assert await states(stage) == [BroadcastStatus.DONE]


async def test_what_somebody_scheduled_who_may_no_more_waits_for_a_colleague(
    stage: Stage, olga: Chat
) -> None:
    (ana,), paul = await subscribes(stage, 1), stage.person("Paul")
    ana.heard()
    await schedules(olga)
    appoints(stage, paul)
    await stage.moves(stage.settings)
    stage.clock.ahead += timedelta(days=365 * 5)
    await goes(stage)
    ana.hears()
    assert await states(stage) == [BroadcastStatus.PAUSED]
    await paul.says("/broadcasts")
    paul.hears(
        "Paused at 0 of 1. Nothing is lost. The person who scheduled it can no longer send"
        " updates, so it’s up to you."
    )
    await paul.presses("Resume")
    await goes(stage)
    ana.hears("Good news")
    assert await states(stage) == [BroadcastStatus.DONE]


async def test_what_missed_its_time_asks_by_itself_and_never_goes_late(
    stage: Stage, olga: Chat
) -> None:
    (ana,) = await subscribes(stage, 1)
    ana.heard()
    await schedules(olga)
    missed = "Not sent: I was offline at its time, June 1, 2030, 18:00 (UTC). What now?"
    stage.clock.ahead += timedelta(days=365 * 5)
    olga.heard()
    await goes(stage)
    olga.hears(missed)
    assert olga.buttons == MINE
    await olga.presses("Reschedule")
    await olga.says("tomorrow 18:00")
    assert olga.heard()[0].startswith("Scheduled for ")
    stage.clock.ahead += timedelta(days=3)
    await goes(stage)
    assert olga.heard()[0].startswith("Not sent: I was offline at its time, ")
    ana.hears()
    assert await states(stage) == [BroadcastStatus.MISSED]
    await olga.presses("Send now", "Send to fewer than 5 people")
    olga.hears("✎ Sending to fewer than 5 people…")
    await goes(stage)
    ana.hears("Good news")
