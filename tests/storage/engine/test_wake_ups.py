"""Transactions wake workers after their commit: here, and on PostgreSQL in all processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, text

from storage.engine.database import Database
from storage.engine.postgres import notifications
from storage.engine.postgres.database import PostgresDatabase
from storage.engine.wake_ups import Worker, wake
from tests.databases import close_connections, opened


class Ears:
    """Counts the wake-ups of each worker in one process."""

    def __init__(self, database: Database) -> None:
        self.heard: list[Worker] = []
        self._news = asyncio.Condition()
        for worker in Worker:
            database.wake_ups.listen(worker, partial(self._hear, worker))

    def _hear(self, worker: Worker) -> None:
        self.heard.append(worker)
        asyncio.get_running_loop().create_task(self._tell())

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def hear(self, *workers: Worker) -> None:
        """Wait until these workers were woken since the last call."""
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: set(workers) <= set(self.heard))
        self.heard.clear()


@asynccontextmanager
async def another_process(url: str) -> AsyncIterator[tuple[Database, Ears]]:
    """Open the database once more, and listen there."""
    async with opened(url) as database:
        ears = Ears(database)
        async with listening(database, ears):
            yield database, ears


@asynccontextmanager
async def listening(database: Database, ears: Ears) -> AsyncIterator[asyncio.Task[None]]:
    """Listen while the context lasts. At the beginning every worker is woken once."""
    task = asyncio.create_task(database.wake_ups.run())
    try:
        await ears.hear(*Worker)
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, ConnectionError):
            await task


def fails(connection: Connection) -> None:
    wake(connection, Worker.MAIL)
    raise RuntimeError


async def wakes(database: Database, *workers: Worker) -> None:
    await database.transact(lambda connection: wake(connection, *workers))


async def test_a_commit_wakes_and_a_rollback_does_not(database: Database) -> None:
    ears = Ears(database)
    with pytest.raises(RuntimeError):
        await database.transact(fails)
    await wakes(database)
    assert ears.heard == []
    await wakes(database, Worker.ALERTS, Worker.MAIL)
    assert sorted(ears.heard) == [Worker.ALERTS, Worker.MAIL]


async def test_a_worker_that_is_woken_sees_the_commit(database: Database) -> None:
    await database.transact(lambda c: c.execute(text("CREATE TABLE seen (number integer)")))
    woken = asyncio.Event()
    database.wake_ups.listen(Worker.MAIL, woken.set)

    def work(connection: Connection) -> None:
        wake(connection, Worker.MAIL)  # whatever follows
        connection.execute(text("INSERT INTO seen VALUES (7)"))

    task = asyncio.create_task(database.transact(work))
    await woken.wait()
    stored = text("SELECT number FROM seen")
    assert await database.read(lambda c: c.execute(stored).scalars().all()) == [7]
    await task


async def test_one_that_fails_among_others_wakes_nobody(database: Database) -> None:
    """On SQLite they share a commit, which is tried again without it."""
    ears = Ears(database)
    await asyncio.gather(
        database.transact(fails), wakes(database, Worker.REPLIES), return_exceptions=True
    )
    assert set(ears.heard) == {Worker.REPLIES}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_another_process_hears_what_was_committed(
    database: Database, database_url: str
) -> None:
    own = Ears(database)
    async with another_process(database_url) as (_, ears), listening(database, own):
        with pytest.raises(RuntimeError):
            await database.transact(fails)
        await wakes(database, Worker.REPLIES)
        await ears.hear(Worker.REPLIES)
        # Notifications arrive in the order of their commits, so the process heard no MAIL before,
        # and this one doesn't hear itself.
        assert own.heard == [Worker.REPLIES]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_process_that_does_not_listen_is_heard_at_once(
    database: Database, database_url: str
) -> None:
    async with another_process(database_url) as (_, ears):
        for _ in range(3):
            await wakes(database, Worker.MAIL)
            await ears.hear(Worker.MAIL)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_many_commits_share_notifications_and_the_last_is_heard(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "QUIET_TIME", 3600.0)
    own = Ears(database)
    async with another_process(database_url) as (_, ears):
        async with listening(database, own):
            await asyncio.gather(*(wakes(database, Worker.MAIL) for _ in range(50)))
            assert own.heard == [Worker.MAIL] * 50
            await ears.hear(Worker.MAIL)
            await wakes(database, Worker.MAIL)
            await wakes(database, Worker.ALERTS)
            await ears.hear(Worker.ALERTS)  # another worker has its own quiet time
            assert ears.heard == []
        await ears.hear(Worker.MAIL)  # sent at the end at the latest


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_deferred_notification_comes_after_the_quiet_time(
    database: Database, database_url: str
) -> None:
    own = Ears(database)
    async with another_process(database_url) as (_, ears), listening(database, own):
        for _ in range(20):
            await wakes(database, Worker.MAIL)
        await ears.hear(Worker.MAIL)
        await wakes(database, Worker.MAIL)
        await ears.hear(Worker.MAIL)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_lost_connection_is_reported_and_the_next_one_wakes_everybody(
    database: Database, database_url: str
) -> None:
    own = Ears(database)
    async with listening(database, own) as task:
        await close_connections(database_url)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(task, 20)
    async with listening(database, own):
        await wakes(database, Worker.MAIL)
        await own.hear(Worker.MAIL)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_notification_contains_no_more_than_the_worker(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(database, PostgresDatabase)
    async with opened(database_url) as other:
        assert isinstance(other, PostgresDatabase)
        ears, heard = Ears(other), list[str]()
        hear: Any = other.wake_ups._hear

        def note(*notified: Any) -> None:
            heard.append(notified[-1])
            hear(*notified)

        monkeypatch.setattr(other.wake_ups, "_hear", note)
        async with listening(other, ears):
            await wakes(database, Worker.MAIL)
            await ears.hear(Worker.MAIL)
    assert heard == [f"mail {database.wake_ups._process}"]
