"""Rows of every table go from SQLite to PostgreSQL unchanged, and both engines hash them alike."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    URL,
    Boolean,
    Connection,
    Float,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    text,
)
from sqlalchemy.types import TypeDecorator

from storage.moves import snapshots, target
from storage.moves.rows import Row, TableDigest, columns, digest_query, row_hash
from storage.moves.target import DifferentRows, MoveState
from storage.schema.migrations import upgrade
from storage.schema.tables import metadata
from tests.databases import empty_postgresql, opened

STATE = MoveState("bot", "snapshot", "revision")


@pytest.fixture
def postgresql(server: URL) -> Iterator[str]:
    """The URL of a migrated, empty database on PostgreSQL."""
    with empty_postgresql(server) as url:
        upgrade(url)
        yield url


def value(column: Any, number: int) -> Any:
    """Return a value of the column: extreme ones, and none where that is allowed."""
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if number == 2 and column.nullable:
        return None
    if isinstance(kind, Boolean):
        return number % 2
    if isinstance(kind, Float):
        return (0.1, -1e300, 25.0)[number]
    if isinstance(kind, SmallInteger):
        return (0, -32768, 32767)[number]
    if isinstance(kind, Integer):
        largest = 2**31 if "BIG" not in str(kind) else 2**63
        return (number, -largest, largest - 1)[number]
    if isinstance(kind, LargeBinary):
        return (b"\0|-", b"\xff" * 300, b"")[number]
    return ("|-", "安道尔 🇦🇩 é", "")[number] + column.name * column.primary_key


def rows_for(table: Table) -> list[Row]:
    """Return three rows that differ in each column."""
    return [tuple(value(each, number) for each in columns(table)) for number in range(3)]


async def test_both_engines_hash_every_table_alike(
    template: Path, tmp_path: Path, postgresql: str
) -> None:
    file = tmp_path / "actionbot.db"
    shutil.copy(template, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        for table in metadata.sorted_tables:
            marks = ", ".join("?" * len(columns(table)))
            names = ", ".join(f'"{each.name}"' for each in columns(table))
            insert = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608 - our names
            connection.executemany(insert, rows_for(table))
    async with opened(postgresql) as database:
        await database.transact(partial(target.begin, state=STATE))
        with snapshots.reading(file) as sqlite:
            for table in metadata.sorted_tables:
                rows = snapshots.rows_of(sqlite, table, 0).fetchall()
                assert sorted(map(repr, rows)) == sorted(map(repr, rows_for(table)))
                await database.transact(partial(moves_alike, table=table, rows=rows))


def moves_alike(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Move rows to PostgreSQL, change some there, and compare the hashes."""
    after = target.add_rows(connection, STATE, table, rows)
    number, total = connection.execute(text(digest_query(table))).one()
    assert after.of(table) == TableDigest(number, int(total)) != TableDigest(), table.name
    assert target.state_of(connection) == after
    target.verify(connection, after)
    changed = target.apply(connection, after, "next", {table.name: (rows[:2], rows[1:2])})
    assert (changed.snapshot, changed.of(table).rows) == ("next", 2)
    target.verify(connection, changed)
    with pytest.raises(DifferentRows) as refused:
        target.verify(connection, after)
    assert str(refused.value) == table.name
    target.apply(connection, changed, "last", {table.name: (rows[1:], [])})


async def test_rows_that_arrive_differently_are_noticed(postgresql: str) -> None:
    """Also those that are changed after all tables were compared."""
    table = metadata.tables["paces"]
    rows = rows_for(table)
    earlier = "BEGIN NEW.last := NEW.last - 1; RETURN NEW; END"
    async with opened(postgresql) as database:
        await database.transact(partial(target.begin, state=STATE))
        add = partial(target.add_rows, state=STATE, table=table, rows=rows[:2])
        after = await database.transact(add)
        await database.transact(partial(target.verify, state=after))
        for statement in (
            f"CREATE FUNCTION earlier() RETURNS trigger LANGUAGE plpgsql AS $${earlier}$$",
            "CREATE TRIGGER earlier BEFORE INSERT ON paces FOR EACH ROW EXECUTE FUNCTION earlier()",
        ):
            await database.transact(partial(runs, statement=statement))
        change = {"paces": (rows[:1], rows[2:])}
        with pytest.raises(DifferentRows, match=r"^paces$"):
            await database.transact(
                partial(target.apply, state=after, snapshot="next", changes=change)
            )
        assert await database.read(target.state_of) == after


@pytest.mark.parametrize("statement", ["UPDATE tallies SET erased = 1", "TRUNCATE tallies"])
async def test_what_others_change_after_the_comparison_is_compared(
    postgresql: str, statement: str
) -> None:
    table = metadata.tables["tallies"]
    async with opened(postgresql) as database:
        await database.transact(partial(target.begin, state=STATE))
        add = partial(target.add_rows, state=STATE, table=table, rows=rows_for(table))
        after = await database.transact(add)
        await database.transact(partial(target.verify, state=after))
        await database.transact(partial(runs, statement=statement))
        with pytest.raises(DifferentRows, match=r"^tallies$"):
            await database.transact(partial(target.complete, state=after))


def runs(connection: Connection, statement: str) -> None:
    connection.execute(text(statement))


async def test_a_complete_move_leaves_nothing_behind(postgresql: str) -> None:
    async with opened(postgresql) as database:
        before = await database.read(objects)
        await database.transact(partial(target.begin, state=STATE))
        await database.transact(partial(target.verify, state=STATE))
        await database.transact(partial(target.complete, state=STATE))
        assert await database.read(objects) == before


def objects(connection: Connection) -> list[str]:
    """Return the names of tables, triggers and functions."""
    query = (
        "SELECT relname FROM pg_class UNION ALL SELECT tgname FROM pg_trigger"
        " UNION ALL SELECT proname FROM pg_proc"
    )
    return sorted(connection.execute(text(query)).scalars())


def test_two_rows_hash_alike_only_if_they_are_equal() -> None:
    table = metadata.tables["tallies"]
    rows = [
        ("river", "country", "", "PT", 1, 0, 0),
        ("river", "country", "PT", "", 1, 0, 0),
        ("river", "country", "", "PT", 10, 0, 0),
        ("river", "country", "", "PT", 1, 1, 0),
        ("rivercountry", "", "", "PT", 1, 0, 0),
    ]
    assert len({row_hash(table, row) for row in rows}) == len(rows)
