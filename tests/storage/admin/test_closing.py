"""A campaign that is closed while a supporter presses Send: no letter is left behind."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.util import await_only

from conversations.core.effects import Effect
from conversations.core.effects.admin import CloseCampaign, ExemptTarget, PauseTarget
from conversations.model.letters.delivery import LetterState
from storage.admin import campaign_modes
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.schema.tables import outbox
from storage.transaction import StaleAnswer
from tests.storage.people import AHMED, MARIA, acts, sends

_LOCKED = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
CLOSING = CloseCampaign("river", withdraw=True)

Meets = Callable[[tuple[int, Effect], tuple[int, Effect]], Awaitable[list[object]]]


@pytest.fixture
async def meet(database: Database, vault: Vault) -> Meets:
    await database.transact(lambda c: campaign_modes.register(c, vault, {"river": False}))

    async def meet(first: tuple[int, Effect], second: tuple[int, Effect]) -> list[object]:
        """Apply the second effect after the first one, before the first is committed."""
        done, go_on = asyncio.Event(), asyncio.Event()

        def slow(connection: Connection) -> None:
            acts(connection, vault, *first)
            done.set()
            await_only(go_on.wait())

        slowly = asyncio.create_task(database.transact(slow))
        await done.wait()
        beside = asyncio.create_task(database.transact(lambda c: acts(c, vault, *second)))
        while not beside.done():
            if await database.read(lambda c: c.execute(_LOCKED).scalar()):
                break
        go_on.set()
        return list(await asyncio.gather(slowly, beside, return_exceptions=True))

    return meet


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_closing_withdraws_a_letter_that_is_queued_at_the_same_time(
    database: Database, meet: Meets
) -> None:
    assert await meet((MARIA, sends()), (AHMED, CLOSING)) == [None, None]
    rows = await database.read(lambda c: c.execute(outbox.select()).all())
    assert [row.state for row in rows] == [LetterState.CANCELLED]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_letter_that_is_queued_while_its_target_is_paused_waits(
    database: Database, meet: Meets
) -> None:
    pause = PauseTarget("river", "ministry")
    assert await meet((MARIA, sends()), (AHMED, pause)) == [None, None]
    rows = await database.read(lambda c: c.execute(outbox.select()).all())
    assert [row.lane for row in rows] == ["river/ministry"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_no_letter_is_queued_while_its_target_is_exempted(
    database: Database, meet: Meets
) -> None:
    exempt = ExemptTarget("river", "ministry", withdraw=False)
    _, second = await meet((AHMED, exempt), (MARIA, sends()))
    assert isinstance(second, StaleAnswer)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_no_letter_is_queued_while_a_campaign_is_closed(
    database: Database, meet: Meets
) -> None:
    _, second = await meet((AHMED, CLOSING), (MARIA, sends()))
    assert isinstance(second, StaleAnswer)
    assert await database.read(lambda c: c.execute(outbox.select()).all()) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_letters_are_queued_at_the_same_time(database: Database, meet: Meets) -> None:
    other = sends("2" * 32, address="ahmed@mail.example")
    assert await meet((MARIA, sends()), (AHMED, other)) == [None, None]
