"""Updates that wait for their time: seen, moved, changed, cancelled, and never sent late."""

from datetime import timedelta

from conversations.model.broadcast import BroadcastStatus
from tests.chat import Chat, Stage
from tests.stories.campaigners import appoints, goes, states, subscribes
from tests.stories.lines import ANSWERED

MINE = [["See it", "Change it"], ["Another time", "Send now"], ["Cancel"]]


async def schedules(olga: Chat) -> None:
    """Let her schedule “Good news” for June 1, 2030, 18:00."""
    await olga.says("/broadcast", "Good news")
    await olga.presses("Later…")
    await olga.says("UTC", "2030-06-01 18:00")
    await olga.presses("Continue", "Send to fewer than 5 people")


async def test_it_is_seen_moved_and_cancelled_from_the_chat(stage: Stage, olga: Chat) -> None:
    await schedules(olga)
    olga.hears("✎ It goes on June 1, 2030, 18:00 (UTC).")
    assert olga.buttons == MINE
    await olga.presses("See it")
    olga.hears("Good news", "It goes on June 1, 2030, 18:00 (UTC).")
    await olga.presses("Another time")
    olga.hears("✎ When? …")
    await olga.presses("Back")
    olga.hears("✎ It goes on June 1, 2030, 18:00 (UTC).")
    await olga.presses("Another time")
    await olga.says("2030-06-02 08:00")
    olga.hears("It goes on June 2, 2030, 08:00 (UTC).")
    await olga.presses("Send now")
    olga.hears("✎ To fewer than 5 people, now. …")
    await olga.presses("Not yet")
    olga.hears("✎ It goes on June 2, 2030, 08:00 (UTC).")
    await olga.says("/broadcasts")
    olga.hears("It goes on June 2, 2030, 08:00 (UTC).")
    await olga.presses("Cancel", "No, keep it")
    olga.hears("✎ It goes on June 2, 2030, 08:00 (UTC).")
    assert await states(stage) == [BroadcastStatus.SCHEDULED]
    await olga.presses("Cancel", "Yes, cancel it")
    olga.hears("✎ The update is gone. Nothing was sent.")
    assert await states(stage) == [BroadcastStatus.DISCARDED]


async def test_a_colleague_sees_it_and_may_cancel_it(stage: Stage, olga: Chat) -> None:
    paul, maria = stage.person("Paul"), stage.person("Maria")
    appoints(stage, olga, paul)
    await schedules(olga)
    data = [button["data"] for row in olga.last["keyboard"] for button in row]
    await paul.says("/broadcasts")
    paul.hears("It goes on June 1, 2030, 18:00 (UTC).")
    assert paul.buttons == [["See it", "Cancel"]]
    await maria.starts("hong-kong")
    for each in data:  # what only its author may, and what no supporter may
        await maria.presses_again(maria.last["message_id"], each)
        maria.hears(ANSWERED)
    await paul.presses("See it")
    paul.hears("Good news", "It goes on June 1, 2030, 18:00 (UTC).")
    assert await states(stage) == [BroadcastStatus.SCHEDULED]
    olga.heard()
    await paul.presses("Cancel", "Yes, cancel it")
    paul.hears("✎ The update is gone. Nothing was sent.")
    olga.hears("Paul cancelled your update that was waiting. It goes to nobody.")
    await olga.presses("Send now")
    olga.hears("(This one was given up: nothing was sent.)")


async def test_changed_it_waits_for_a_new_word(stage: Stage, olga: Chat) -> None:
    await schedules(olga)
    await olga.presses("Change it")
    heard = olga.heard()
    assert heard[:2] == [
        "✎ You are changing it: it does not go before you confirm it again.",
        "Good news",
    ]
    assert heard[2].endswith("Goes on June 1, 2030, 18:00 (UTC)")
    assert await states(stage) == [BroadcastStatus.DRAFT]
    await olga.presses("Continue", "Send to fewer than 5 people")
    olga.hears("✎ It goes on June 1, 2030, 18:00 (UTC).")
    assert await states(stage) == [BroadcastStatus.SCHEDULED]


async def test_at_its_time_it_goes(stage: Stage, olga: Chat) -> None:
    (ana,) = await subscribes(stage, 1)
    await olga.says("/broadcast", "Good news")
    await olga.presses("Later…")
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
        "Paused at 0 of 1. Nothing is lost. Whoever scheduled it sends no updates any more: it is"
        " yours to decide."
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
    missed = "Not sent: its time, June 1, 2030, 18:00 (UTC), passed while I was down. What now?"
    stage.clock.ahead += timedelta(days=365 * 5)
    olga.heard()
    await goes(stage)
    olga.hears(missed)
    assert olga.buttons == MINE
    await olga.presses("Another time")
    await olga.says("tomorrow 18:00")
    assert olga.heard()[0].startswith("It goes on ")
    stage.clock.ahead += timedelta(days=3)
    await goes(stage)
    assert olga.heard()[0].startswith("Not sent: its time, ")
    ana.hears()
    assert await states(stage) == [BroadcastStatus.MISSED]
    await olga.presses("Send now", "Send to fewer than 5 people")
    olga.hears("✎ Sending to fewer than 5 people …")
    await goes(stage)
    ana.hears("Good news")
