"""A broadcast to many people needs a colleague; without one it waits, and can be stopped."""

from datetime import timedelta
from functools import partial

from sqlalchemy import update

from conversations.model.broadcast import BroadcastStatus
from conversations.model.roles import Role
from storage.broadcasts import server_approval
from storage.schema.tables import broadcasts
from tests.chat import Chat
from tests.databases import opened
from tests.stage import Stage
from tests.stories.campaigners import (
    appoint,
    broadcast_states,
    send_broadcasts,
    subscribe_people,
)
from tests.stories.records import read_table
from tests.stories.staff.test_team import first_admin, invited
from tests.vaults import vault_of

NEWS = "Good news"


async def start_due(stage: Stage) -> None:
    """Start the scheduled broadcasts whose time has come."""
    async with stage.bot() as app:
        await app.broadcasts.progress.run_once()


async def approve_on_the_server(stage: Stage) -> bool:
    """Approve the one broadcast that waits."""
    vault = vault_of(stage.settings.keys.file)
    async with opened(stage.settings.database.url.get_secret_value()) as database:
        (waits,) = await database.read(partial(server_approval.find_waiting, vault=vault))
        approve = partial(server_approval.approve, vault=vault, waits=waits, now=stage.clock())
        return await database.transact(approve)


async def tamper(stage: Stage, **values: object) -> None:
    """Change all broadcasts as somebody with access to the database does."""
    async with opened(stage.settings.database.url.get_secret_value()) as database:
        await database.transact(lambda c: c.execute(update(broadcasts).values(values)))


async def holds(olga: Chat, stage: Stage) -> Chat:
    """Let Olga, who has no colleague, send a broadcast to more people than she may."""
    appoint(stage, olga, second_eyes_above=0)
    (ana,) = await subscribe_people(stage, 1)
    await olga.says("/broadcast", NEWS)
    await olga.presses("Continue", "Send to fewer than 5 people")
    assert olga.heard()[-1].startswith("✎ It goes out on ")
    assert olga.buttons == [["Stop", "Edit"]]
    ana.heard()
    return ana


async def test_a_team_of_one_waits_a_quarter_of_an_hour(stage: Stage, olga: Chat) -> None:
    ana = await holds(olga, stage)
    stage.clock.ahead += timedelta(minutes=14)
    await start_due(stage)
    await send_broadcasts(stage)
    ana.hears()
    stage.clock.ahead += timedelta(minutes=1)
    await start_due(stage)
    await send_broadcasts(stage)
    ana.hears(NEWS)


async def test_a_held_broadcast_is_stopped_by_one_tap(stage: Stage, olga: Chat) -> None:
    ana = await holds(olga, stage)
    await olga.presses("Stop")
    olga.hears("✎ Update cancelled. Nothing was sent.")
    stage.clock.ahead += timedelta(minutes=20)
    await start_due(stage)
    await send_broadcasts(stage)
    ana.hears()


async def test_a_held_broadcast_goes_out_once_the_server_approves(stage: Stage, olga: Chat) -> None:
    ana = await holds(olga, stage)
    assert await approve_on_the_server(stage)
    await send_broadcasts(stage)
    ana.hears(NEWS)
    assert await broadcast_states(stage) == [BroadcastStatus.DONE]


async def test_nobody_shortens_the_hold_in_the_database(stage: Stage, olga: Chat) -> None:
    ana = await holds(olga, stage)
    await tamper(stage, state="sending", at=None, began=stage.clock(), held=False)
    await send_broadcasts(stage)
    ana.hears()
    assert olga.heard()[-1].startswith("Paused at 0 of 1. Nothing is lost. I paused it because")
    assert olga.buttons == [["Stop"]]
    (row,) = await read_table(stage, broadcasts)
    await olga.presses_again(olga.last["message_id"], f"s:broadcast:resume:{row['broadcast']}")
    await send_broadcasts(stage)
    ana.hears()


async def test_a_draft_is_approved_on_the_server(stage: Stage, olga: Chat) -> None:
    paul = stage.person("Paul")
    appoint(stage, olga, paul, second_eyes_above=0)
    (ana,) = await subscribe_people(stage, 1)
    await olga.says("/broadcast", NEWS)
    await olga.presses("Continue")
    assert olga.heard()[-1] == "(A colleague has to approve it first: tap “Ask for approval”.)"
    assert await approve_on_the_server(stage)
    await olga.presses("Continue", "Send to fewer than 5 people")
    ana.heard()
    await send_broadcasts(stage)
    ana.hears(NEWS)


async def test_a_scheduled_one_that_grew_waits_for_a_colleague(stage: Stage, olga: Chat) -> None:
    paul = stage.person("Paul")
    appoint(stage, olga, paul, second_eyes_above=1)
    await paul.starts()
    (ana,) = await subscribe_people(stage, 1)
    await olga.says("/broadcast", NEWS)
    await olga.presses("Schedule…")
    await olga.says("UTC", "2029-06-01 18:00")
    await olga.presses("Continue", "Send to fewer than 5 people")
    (ben,) = await subscribe_people(stage, 1)
    for each in (ana, ben, paul):
        each.heard()
    at = (await read_table(stage, broadcasts))[0]["at"]
    stage.clock.ahead += at - stage.clock()
    await start_due(stage)
    await send_broadcasts(stage)
    ana.hears()
    assert olga.heard()[-1].endswith(
        "than it may reach without approval. A colleague can resume it."
    )
    await olga.presses("Resume")
    assert olga.heard()[-1].startswith("(More people would get it now than may without approval.")
    await paul.says("/broadcasts")
    await paul.presses("Resume")
    await send_broadcasts(stage)
    ana.hears(NEWS)
    ben.hears(NEWS)


async def test_an_admin_cannot_invite_an_account_to_approve(stage: Stage, maria: Chat) -> None:
    """Who takes an admin's phone waits like everybody without colleagues."""
    appoint(stage, second_eyes_above=0)
    olga = await first_admin(stage)
    (ana,) = await subscribe_people(stage, 1)
    await olga.says("/broadcast", NEWS)
    await olga.presses("Ask for approval")
    puppet = stage.person("Puppet")
    await puppet.starts(await invited(olga, Role.ADMIN))
    await olga.presses("Ask for approval")
    (toast,) = olga.heard()
    assert toast.startswith("(Nobody else here can approve this")
    assert puppet.buttons == []
    await olga.presses("Continue", "Send to fewer than 5 people")
    assert olga.heard()[-1].startswith("✎ It goes out on ")
    ana.heard()
    await send_broadcasts(stage)
    ana.hears()


async def test_a_new_colleague_approves_after_a_day(stage: Stage, maria: Chat) -> None:
    appoint(stage, second_eyes_above=0)
    olga = await first_admin(stage)
    await subscribe_people(stage, 1)
    stage.clock.ahead += timedelta(days=2)
    paul = stage.person("Paul")
    await paul.starts(await invited(olga, Role.CAMPAIGNER))
    await paul.says("/broadcast", NEWS)
    await paul.presses("Ask for approval")
    await olga.presses("Approve")
    olga.hears("✎ Thank you. I’ve told them.")
    stage.clock.ahead += timedelta(days=1)
    await olga.says("/broadcast", NEWS)
    await olga.presses("Ask for approval")
    await paul.presses("Approve")
    paul.hears("✎ Thank you. I’ve told them.")
