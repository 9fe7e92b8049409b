"""While the database fails, the worker keeps what it knows, and takes no mail over afterwards."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from bot.services.mail import mail_results
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail.delivery import sending
from tests.bot.mail.sink import Sink
from tests.bot.services.mailroom import MailRoom


class FullDisk(Database):
    """A database that reads, and that refuses what workers write about mail under way."""

    def __init__(self, inner: Database) -> None:
        self.inner, self.is_full, self.refused = inner, False, 0
        self.wake_ups = inner.wake_ups

    @property
    def multi_process(self) -> bool:  # type: ignore[override]
        return self.inner.multi_process

    async def transact(
        self, work: Callable[[Connection], Any], *, since: float | None = None
    ) -> Any:
        written = getattr(work, "func", None)
        if self.is_full and written in (mail_results._write, sending.renew):
            self.refused += 1
            raise OperationalError(None, None, Exception("database or disk is full"))
        return await self.inner.transact(work)

    async def read(self, work: Callable[[Connection], Any]) -> Any:
        return await self.inner.read(work)

    async def lock_exclusively(self) -> bool:
        return await self.inner.lock_exclusively()

    async def discard_erased(self) -> None:
        await self.inner.discard_erased()

    async def close(self) -> None:
        await self.inner.close()


@pytest.fixture
def disk(database: Database) -> FullDisk:
    return FullDisk(database)


@pytest.fixture
def room(disk: FullDisk, vault: Vault, sink: Sink) -> Iterator[MailRoom]:
    yield MailRoom(disk, vault, sink.url, ended=sink.mended, grace=timedelta(seconds=5))


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_results, "RETRY_DELAYS", (0.01,))


async def test_what_was_accepted_is_not_sent_again_after_a_full_disk(
    room: MailRoom, sink: Sink, disk: FullDisk
) -> None:
    hold = sink.hold("DOT")
    letter = await room.letter(1)
    async with room.works():
        await hold.reached(1)
        disk.is_full = True
        hold.release()
        while disk.refused < 3:
            await room.clock.looked_at(1)
        # The lease ends while the worker knows that the letter was accepted.
        room.later(seconds=90)
        await room.nothing_happens()
        assert await room.states() == ["sending"]
        disk.is_full = False
        await room.become("accepted")
    row = await room.row()
    assert (sink.accepted, row.possible_duplicate) == ({letter: 1}, False)


async def test_a_worker_whose_lease_ended_goes_on_unless_another_took_the_mail(
    room: MailRoom, sink: Sink
) -> None:
    """It stood still, or the clock was set: its lease is renewed right before the content."""
    hold = sink.hold("DATA")
    letter = await room.letter(1)
    async with room.works():
        await hold.reached(1)
        room.later(seconds=90)
        hold.release()
        await room.become("accepted")
    row = await room.row()
    assert (sink.accepted, row.possible_duplicate) == ({letter: 1}, False)


async def test_a_letter_whose_content_had_not_begun_stays_certain(
    room: MailRoom, sink: Sink, disk: FullDisk
) -> None:
    """Whether the lease still holds can't be asked: the letter is not sent, and that is known."""
    hold = sink.hold("DATA")
    letter = await room.letter(1)
    async with room.works():
        await hold.reached(1)
        disk.is_full = True
        room.later(seconds=90)
        hold.release()
        while disk.refused < 3:
            await room.clock.looked_at(1)
        disk.is_full = False
        await room.become("accepted")
    row = await room.row()
    assert (sink.accepted, row.possible_duplicate) == ({letter: 1}, False)
