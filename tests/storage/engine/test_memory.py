"""A transaction reads the same rows once, and nothing is remembered beyond it."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from storage.engine import memory
from storage.engine.database import Database
from storage.engine.sqlite.database import SqliteDatabase, sqlalchemy_connection


@pytest.fixture
def numbers() -> Iterator[int]:
    return iter(range(100))


def read(connection: Connection, numbers: Iterator[int]) -> int:
    return memory.remember(connection, "number", lambda: next(numbers))


async def test_a_transaction_reads_once(database: Database, numbers: Iterator[int]) -> None:
    def twice(connection: Connection) -> tuple[int, int]:
        return read(connection, numbers), read(connection, numbers)

    assert await database.transact(twice) == (0, 0)
    assert await database.transact(twice) == (1, 1)
    assert await database.read(twice) == (2, 2)


async def test_what_a_transaction_changed_is_read_again(
    database: Database, numbers: Iterator[int]
) -> None:
    def change(connection: Connection) -> tuple[int, int]:
        before = read(connection, numbers)
        memory.forget(connection, "number")
        return before, read(connection, numbers)

    assert await database.transact(change) == (0, 1)


async def test_nothing_is_remembered_of_a_transaction_that_failed(
    database: Database, numbers: Iterator[int]
) -> None:
    def fail(connection: Connection) -> None:
        read(connection, numbers)
        raise LookupError

    with pytest.raises(LookupError):
        await database.transact(fail)
    assert await database.transact(lambda connection: read(connection, numbers)) == 1


async def test_transactions_that_share_a_commit_share_what_they_read(
    numbers: Iterator[int], tmp_path: Path
) -> None:
    database = await SqliteDatabase.open(tmp_path / "bot.db")
    try:
        both = [database.transact(lambda connection: read(connection, numbers)) for _ in range(2)]
        assert await asyncio.gather(*both) == [0, 0]
    finally:
        await database.close()


async def test_outside_a_transaction_nothing_is_remembered(numbers: Iterator[int]) -> None:
    with sqlalchemy_connection(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        assert [read(connection, numbers), read(connection, numbers)] == [0, 1]
