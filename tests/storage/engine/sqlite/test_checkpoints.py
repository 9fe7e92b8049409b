"""The log of a SQLite file is written back beside transactions, and never by one of them."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from storage.engine.sqlite.checkpoints import Checkpoints
from storage.engine.sqlite.database import SqliteDatabase

PAGE = 4096


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    database = await SqliteDatabase.open(tmp_path / "actionbot.db")
    await database.transact(lambda c: c.exec_driver_sql("CREATE TABLE pages (content BLOB)"))
    await database.discard_erased()
    yield database
    await database.close()


def write(connection: Connection, pages: int) -> None:
    """Add so many pages to the log."""
    rows = [(b"x" * (PAGE - 100),)] * pages
    connection.exec_driver_sql("INSERT INTO pages VALUES (?)", rows)


def replace(connection: Connection) -> None:
    """Write all pages once more."""
    connection.exec_driver_sql("UPDATE pages SET content = zeroblob(length(content))")


def log_pages(file: Path) -> int:
    """Return how many pages the log has room for."""
    return file.with_name(f"{file.name}-wal").stat().st_size // (PAGE + 24)


async def test_no_commit_writes_the_log_back(database: SqliteDatabase, tmp_path: Path) -> None:
    file = tmp_path / "actionbot.db"
    before = file.stat().st_size
    await database.transact(partial(write, pages=5_000))
    assert file.stat().st_size == before
    await database.discard_erased()
    assert file.stat().st_size >= before + 5_000 * PAGE
    assert log_pages(file) == 0


async def test_the_log_begins_again_though_transactions_go_on(
    database: SqliteDatabase, tmp_path: Path
) -> None:
    file = tmp_path / "actionbot.db"
    await database.transact(partial(write, pages=100))
    wait = partial(database.read, lambda _: None)
    checkpoints = Checkpoints(file, (), database._writer, wait, long_log=200)
    for _ in range(100):
        await asyncio.gather(database.transact(replace), checkpoints.write_back())
    await checkpoints.close()
    assert 200 <= log_pages(file) <= 1_000, "of more than 10,000 that were written"


async def test_emptying_the_log_waits_for_a_read_and_keeps_no_transaction_waiting(
    database: SqliteDatabase, tmp_path: Path
) -> None:
    loop, begun, over = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def reads(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT count(*) FROM pages").scalar_one()
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(over.wait(), loop).result()

    await database.transact(partial(write, pages=10))
    reading = asyncio.create_task(database.read(reads))
    await begun.wait()
    await database.transact(partial(write, pages=10))
    emptying = asyncio.create_task(database.discard_erased())
    for _ in range(10):
        await database.transact(partial(write, pages=1))
    assert not emptying.done()
    over.set()
    await asyncio.gather(reading, emptying)
    assert log_pages(tmp_path / "actionbot.db") == 0
