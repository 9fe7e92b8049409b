"""Scheduled broadcasts: shown, moved, changed, cancelled, and never sent late."""

from datetime import UTC, datetime, timedelta

from conversations.model.broadcast import BroadcastStatus
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.broadcasts.test_composing import WHO
from tests.stories.campaigners import appoint, broadcast_states, send_broadcasts, subscribe_people
from tests.stories.lines import ANSWERED

MINE = [["Preview", "Edit"], ["Reschedule", "Send now"], ["Cancel"]]


async def schedules(olga: Chat) -> None:
    """Schedule the broadcast “Good news” for June 1, 2029, 18:00."""
    await olga.says("/broadcast", "Good news")
    await olga.presses("Schedule…")
    await olga.says("UTC", "2029-06-01 18:00")
    await olga.presses("Continue", "Send to fewer than 5 people")


async def test_a_scheduled_broadcast_is_shown_moved_and_cancelled(stage: Stage, olga: Chat) -> None:
    await schedules(olga)
    olga.hears("✎ Scheduled for June 1, 2029, 18:00 (UTC).")
    assert olga.buttons == MINE
    await olga.presses("Preview")
    olga.hears("Good news", "Scheduled for June 1, 2029, 18:00 (UTC).")
    await olga.presses("Reschedule")
    olga.hears("✎ When should it go out? …")
    await olga.presses("Back")
    olga.hears("✎ Scheduled for June 1, 2029, 18:00 (UTC).")
    await olga.presses("Reschedule")
    await olga.says("2029-06-02 08:00")
    olga.hears("Scheduled for June 2, 2029, 08:00 (UTC).")
    await olga.presses("Send now")
    olga.hears("✎ To fewer than 5 people, now. …")
    await olga.presses("Not yet")
    olga.hears("✎ Scheduled for June 2, 2029, 08:00 (UTC).")
    await olga.says("/broadcasts")
    olga.hears("Scheduled for June 2, 2029, 08:00 (UTC).")
    await olga.presses("Cancel", "No, keep it")
    olga.hears("✎ Scheduled for June 2, 2029, 08:00 (UTC).")
    assert await broadcast_states(stage) == [BroadcastStatus.SCHEDULED]
    await olga.presses("Cancel", "Yes, cancel it")
    olga.hears("✎ Update cancelled. Nothing was sent.")
    assert await broadcast_states(stage) == [BroadcastStatus.DISCARDED]


async def test_a_colleague_can_see_and_cancel_a_scheduled_broadcast(
    stage: Stage, olga: Chat
) -> None:
    paul, maria = stage.person("Paul"), stage.person("Maria")
    appoint(stage, olga, paul)
    await schedules(olga)
    data = [button["data"] for row in olga.last["keyboard"] for button in row]
    await paul.says("/broadcasts")
    paul.hears("Scheduled for June 1, 2029, 18:00 (UTC).")
    assert paul.buttons == [["Preview", "Cancel"]]
    await maria.starts("hong-kong")
    for each in data:  # buttons only for the author, and buttons not for supporters
        await maria.presses_again(maria.last["message_id"], each)
        maria.hears(ANSWERED)
    await paul.presses("Preview")
    paul.hears("Good news", "Scheduled for June 1, 2029, 18:00 (UTC).")
    assert await broadcast_states(stage) == [BroadcastStatus.SCHEDULED]
    olga.heard()
    await paul.presses("Cancel", "Yes, cancel it")
    paul.hears("✎ Update cancelled. Nothing was sent.")
    olga.hears("Paul cancelled your update before it was sent. Nobody will get it.")
    await olga.presses("Send now")
    olga.hears("(This one was cancelled or replaced. It won’t be sent.)")


STAYS = (
    "You’re editing a scheduled update. It stays as it was, for June 1, 2029, 18:00 (UTC), until"
    " you confirm your changes."
)


async def test_an_edited_broadcast_is_replaced_when_it_is_confirmed(
    stage: Stage, olga: Chat
) -> None:
    await schedules(olga)
    await olga.presses("Edit")
    olga.hears("Good news", f"{STAYS}\n{WHO}\nScheduled for June 1, 2029, 18:00 (UTC)")
    assert set(await broadcast_states(stage)) == {BroadcastStatus.SCHEDULED, BroadcastStatus.DRAFT}
    await olga.presses("Add… ▾", "Add translation", "English")
    await olga.says("Better news")
    assert olga.heard()[0] == "Better news"
    await olga.presses("Continue", "Send to fewer than 5 people")
    olga.hears("✎ Scheduled for June 1, 2029, 18:00 (UTC).")
    assert set(await broadcast_states(stage)) == {
        BroadcastStatus.DISCARDED,
        BroadcastStatus.SCHEDULED,
    }
    await olga.says("/broadcasts")
    olga.hears("Scheduled for June 1, 2029, 18:00 (UTC).")
    await olga.presses("Preview")
    assert olga.heard()[0] == "Better news"


async def test_a_broadcast_goes_out_as_it_was_if_its_editing_is_left(
    stage: Stage, olga: Chat
) -> None:
    (ana,) = await subscribe_people(stage, 1)
    await schedules(olga)
    await olga.presses("Edit", "Add… ▾", "Add translation", "English")
    await olga.says("Better news")
    await olga.starts()
    await olga.says("/broadcasts")
    olga.hears("Scheduled for June 1, 2029, 18:00 (UTC).")
    stage.clock.move_to(datetime(2029, 6, 1, 18, 0, 1, tzinfo=UTC))
    ana.heard()
    await send_broadcasts(stage)
    ana.hears("Good news")
    await olga.says("/broadcast")
    await olga.presses("Continue")
    assert olga.heard()[0].startswith(
        "✎ The update you were editing has been sent or cancelled in the meantime, without your"
        " changes. If you continue, this one goes out as a new update.\n\nWho gets it?"
    )
    await olga.presses("Cancel")
    olga.hears("✎ Update cancelled. Nothing was sent.")
    assert set(await broadcast_states(stage)) == {BroadcastStatus.DONE, BroadcastStatus.DISCARDED}


async def test_cancelling_an_edit_keeps_the_broadcast_scheduled(stage: Stage, olga: Chat) -> None:
    await schedules(olga)
    await olga.presses("Edit")
    await olga.presses("Cancel")
    olga.hears("✎ Your changes are gone. The update stays scheduled for June 1, 2029, 18:00 (UTC).")
    assert set(await broadcast_states(stage)) == {
        BroadcastStatus.SCHEDULED,
        BroadcastStatus.DISCARDED,
    }
    await olga.presses("Edit", "Edit")
    assert (await broadcast_states(stage)).count(BroadcastStatus.DRAFT) == 1


async def test_an_edit_is_confirmed_while_a_colleague_cancels_the_broadcast(
    stage: Stage, olga: Chat
) -> None:
    paul = stage.person("Paul")
    appoint(stage, olga, paul)
    await schedules(olga)
    await olga.presses("Edit", "Continue")
    await paul.says("/broadcasts")
    await paul.presses("Cancel", "Yes, cancel it")
    await olga.presses("Send to fewer than 5 people")
    assert olga.heard()[-1].startswith("✎ The update you were editing has been sent or cancelled")
    assert set(await broadcast_states(stage)) == {BroadcastStatus.DISCARDED, BroadcastStatus.DRAFT}
    await olga.presses("Continue", "Send to fewer than 5 people")
    olga.hears("✎ Scheduled for June 1, 2029, 18:00 (UTC).")


async def test_a_scheduled_broadcast_is_sent_at_its_time(stage: Stage, olga: Chat) -> None:
    (ana,) = await subscribe_people(stage, 1)
    await olga.says("/broadcast", "Good news")
    await olga.presses("Schedule…")
    await olga.says("UTC", "tomorrow 18:00")
    await olga.presses("Continue", "Send to fewer than 5 people")
    now = stage.clock()
    time = now.replace(hour=18, minute=0, second=0, microsecond=0) + timedelta(days=1)
    stage.clock.ahead += time - now - timedelta(seconds=30)
    ana.heard()
    await send_broadcasts(stage)
    ana.hears()
    await send_broadcasts(stage)
    ana.hears("Good news")
    assert await broadcast_states(stage) == [BroadcastStatus.DONE]


async def test_a_broadcast_of_a_removed_campaigner_waits_for_a_colleague(
    stage: Stage, olga: Chat
) -> None:
    (ana,), paul = await subscribe_people(stage, 1), stage.person("Paul")
    ana.heard()
    await schedules(olga)
    appoint(stage, paul)
    await stage.restart_with(stage.settings)
    stage.clock.ahead += timedelta(days=365 * 5)
    await send_broadcasts(stage)
    ana.hears()
    assert await broadcast_states(stage) == [BroadcastStatus.PAUSED]
    await paul.says("/broadcasts")
    paul.hears(
        "Paused at 0 of 1. Nothing is lost. The person who scheduled it can no longer send"
        " updates, so it’s up to you."
    )
    await paul.presses("Resume")
    await send_broadcasts(stage)
    ana.hears("Good news")
    assert await broadcast_states(stage) == [BroadcastStatus.DONE]


async def test_a_missed_broadcast_asks_and_is_not_sent_late(stage: Stage, olga: Chat) -> None:
    (ana,) = await subscribe_people(stage, 1)
    ana.heard()
    await schedules(olga)
    missed = "Not sent: I was offline at its time, June 1, 2029, 18:00 (UTC). What now?"
    stage.clock.ahead += timedelta(days=365 * 5)
    olga.heard()
    await send_broadcasts(stage)
    olga.hears(missed)
    assert olga.buttons == MINE
    await olga.presses("Reschedule")
    await olga.says("tomorrow 18:00")
    assert olga.heard()[0].startswith("Scheduled for ")
    stage.clock.ahead += timedelta(days=3)
    await send_broadcasts(stage)
    assert olga.heard()[0].startswith("Not sent: I was offline at its time, ")
    ana.hears()
    assert await broadcast_states(stage) == [BroadcastStatus.MISSED]
    await olga.presses("Send now", "Send to fewer than 5 people")
    olga.hears("✎ Sending to fewer than 5 people…")
    await send_broadcasts(stage)
    ana.hears("Good news")
