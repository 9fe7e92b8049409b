"""A clock was one hour ahead for a while, and is right again: letters do not wait for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.services.housekeeping import clock_keeper
from bot.services.housekeeping.clock_keeper import ClockKeeper
from bot.services.mail.circuit_breaker import FAILURE_THRESHOLD, CircuitBreaker
from bot.services.shared_clock import SharedClock
from storage import database_health
from storage.broadcasts import lease
from storage.chats import leases
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail.delivery import future_mail, sending
from storage.schema.tables import outbox as mails
from storage.schema.tables import paces
from tests.storage.people import MARIA, NOW, acts, sends

HOUR = timedelta(hours=1)


class WrongClock(SharedClock):
    """A clock that a test sets."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.right = NOW, NOW

    def __call__(self) -> datetime:
        return self.now

    async def set(self, database: Database) -> timedelta:
        moved, self.now = self.right - self.now, self.right
        return moved


class Mailing:
    """Mail that was queued while the clock was ahead, and whoever corrects that."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database, self.vault, self.clock = database, vault, WrongClock()
        self.woken = 0
        self.keeper = ClockKeeper(database, self.clock, self._wake)

    def _wake(self) -> None:
        self.woken += 1

    async def queue(self, number: int, at: datetime) -> None:
        effect = replace(
            sends(f"{number:032}", address=f"w{number}@mail.example", undo_seconds=0),
            message_token=f"{number:032}",
        )
        await self.database.transact(lambda c: acts(c, self.vault, 2000 + number, effect, now=at))

    async def change(self, number: int, **values: Any) -> None:
        row = mails.update().where(mails.c.message_id == f"{number:032}")
        await self.database.transact(lambda c: c.execute(row.values(**values)))

    async def sets_back(self) -> None:
        """Set the clock, which was one hour ahead."""
        self.clock.now = NOW + HOUR
        await self.keeper.run_once()

    async def claims(self, now: datetime) -> int:
        """Return how many letters a worker would claim."""

        def claim(connection: Connection) -> int:
            until = now + timedelta(seconds=60)
            lanes = sending.schedule(connection).lanes
            claim = sending.claim(
                *(connection, self.vault), lanes=lanes, now=now, lease="l", until=until, limit=9
            )
            return len(claim)

        return await self.database.transact(claim)

    async def times(self) -> list[tuple[datetime, datetime]]:
        query = select(mails.c.not_before, mails.c.due).order_by(mails.c.message_id)
        rows = await self.database.read(lambda c: c.execute(query).all())
        return [(row.not_before, row.due) for row in rows]


@pytest.fixture
def mailing(database: Database, vault: Vault) -> Mailing:
    return Mailing(database, vault)


async def test_letters_that_were_queued_in_the_future_are_due_now(mailing: Mailing) -> None:
    """Also a letter that was deferred for five minutes waits for these only."""
    for number in range(3):
        await mailing.queue(number, NOW + HOUR)
    deferred = NOW + HOUR + timedelta(seconds=5)
    await mailing.change(
        2, state="deferred", changed=deferred, not_before=deferred + timedelta(minutes=5)
    )
    assert await mailing.claims(NOW + timedelta(seconds=12)) == 0
    mailing.clock.now, mailing.clock.right = NOW + HOUR, NOW + timedelta(seconds=12)
    await mailing.keeper.run_once()
    right = mailing.clock.right
    assert await mailing.times() == [
        (right, right),
        (right, right),
        (right + timedelta(minutes=5), right),
    ]
    assert (mailing.woken, await mailing.claims(right)) == (1, 2)


async def test_mail_that_was_queued_by_a_right_clock_keeps_its_time(mailing: Mailing) -> None:
    await mailing.queue(1, NOW)
    later = NOW + timedelta(days=2)
    await mailing.change(1, not_before=later, due=later)
    mailing.clock.right = NOW - timedelta(seconds=3)
    await mailing.keeper.run_once()
    assert (await mailing.times(), mailing.woken) == ([(later, later)], 0)


async def test_a_clock_that_was_wrong_before_the_start_is_found_out(mailing: Mailing) -> None:
    await mailing.queue(1, NOW + HOUR)
    await mailing.database.transact(lambda c: database_health.probe(c, NOW + HOUR))
    await mailing.keeper.run_once()
    assert await mailing.claims(NOW) == 1


async def test_all_slices_are_corrected(mailing: Mailing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(future_mail, "SLICE_SIZE", 2)
    for number in range(7):
        await mailing.queue(number, NOW + HOUR)
    assert await clock_keeper.correct_mail(mailing.database, NOW) == 7
    assert await mailing.times() == [(NOW, NOW)] * 7


async def test_the_slots_of_a_pace_begin_now(mailing: Mailing) -> None:
    await mailing.queue(1, NOW + HOUR)
    await mailing.change(1, target="mayor", not_before=NOW + HOUR + timedelta(seconds=30))
    row = {"campaign": "river", "target": "mayor", "last": NOW + HOUR + timedelta(seconds=30)}
    await mailing.database.transact(lambda c: c.execute(paces.insert(), row))
    await mailing.sets_back()
    last = await mailing.database.read(lambda c: c.execute(select(paces.c.last)).scalar_one())
    assert last == NOW + timedelta(seconds=30)


async def test_a_lease_of_a_dead_worker_ends(mailing: Mailing) -> None:
    await mailing.queue(1, NOW)
    await mailing.change(1, state="sending", lease="dead", lease_until=NOW + HOUR)
    await mailing.sets_back()
    until = await mailing.database.read(
        lambda c: c.execute(select(mails.c.lease_until)).scalar_one()
    )
    assert until == NOW


@pytest.mark.parametrize("hours", [0, 1])
async def test_a_chat_is_not_kept_by_a_lease_from_the_future(
    database: Database, vault: Vault, hours: int
) -> None:
    maria = PersonKeys(vault, MARIA)

    def take(at: datetime, token: str) -> Callable[[Connection], bool]:
        return lambda c: (
            leases.claim_chat(c, vault, maria, now=at, lease=token) is not None
            and lease.take(c, token, at, timedelta(seconds=25))
        )

    assert await database.transact(take(NOW + hours * HOUR, "dead"))
    assert await database.transact(take(NOW + timedelta(seconds=12), "live")) is bool(hours)


def test_a_pause_of_mail_ends_when_the_clock_is_right_again() -> None:
    breaker = CircuitBreaker()
    for _ in range(FAILURE_THRESHOLD):
        breaker.failed(NOW + HOUR, our_fault=False)
    assert breaker.is_paused(NOW + HOUR)
    assert breaker.capacity(NOW, 6, 0) == 1, "one goes first, as after each pause"
