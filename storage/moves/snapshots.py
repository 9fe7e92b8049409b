"""Snapshots of a SQLite database: files beside it, which are compared row by row."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table

from storage.engine.sqlite.database import PRAGMAS
from storage.moves.rows import Row, columns, key_names, key_of
from storage.schema.migrations import VERSION_TABLE

_SUFFIX = ".move-"
"""Between the names of the database and of the snapshot."""


def path_of(database: Path, snapshot: str) -> Path:
    """Return the file of a snapshot."""
    return database.with_name(f"{database.name}{_SUFFIX}{snapshot}")


def take(database: Path, snapshot: str) -> Path:
    """Copy the database, which may be in use, to a new snapshot that only its owner can read."""
    file = path_of(database, snapshot)
    file.touch(mode=0o600)
    with closing(sqlite3.connect(database)) as live, closing(sqlite3.connect(file)) as kept:
        live.backup(kept)
        kept.execute("PRAGMA journal_mode = DELETE").fetchall()
    return file


def remove_others(database: Path, kept: str) -> None:
    """Delete all snapshots but one, or all with an empty name."""
    for file in database.parent.glob(f"{database.name}{_SUFFIX}*"):
        if not kept or not file.name.startswith(path_of(database, kept).name):
            file.unlink()


@contextmanager
def reading(database: Path, before: Path | None = None) -> Iterator[sqlite3.Connection]:
    """Read one state of a database; `before` is attached under that name, to be compared."""
    with _opened(database, before) as opened:
        opened.execute("PRAGMA query_only = ON")
        opened.execute("BEGIN")
        yield opened


@contextmanager
def locking(database: Path, before: Path) -> Iterator[sqlite3.Connection]:
    """Read one state of a database, to which nobody else can write before the context ends."""
    with _opened(database, before, PRAGMAS) as opened:
        opened.execute("BEGIN IMMEDIATE")
        yield opened


@contextmanager
def _opened(
    database: Path, before: Path | None, pragmas: Iterable[str] = ()
) -> Iterator[sqlite3.Connection]:
    with closing(
        sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    ) as opened:
        for pragma in pragmas:
            opened.execute(pragma).fetchall()
        if before is not None:
            opened.execute("ATTACH ? AS before", (str(before),))
        yield opened


def count(opened: sqlite3.Connection, table: Table, database: str = "main") -> int:
    """Return how many rows a table has. `database` is main or before."""
    (number,) = opened.execute(f'SELECT count(*) FROM {database}."{table.name}"').fetchone()  # noqa: S608 - our names # nosec B608
    return int(number)


def rows_of(opened: sqlite3.Connection, table: Table, skip: int) -> sqlite3.Cursor:
    """Return the rows of a table in the order of their keys, without the first ones."""
    return opened.execute(
        f'SELECT {_listed(table, "t")} FROM main."{table.name}" AS t'  # noqa: S608 - our names # nosec B608
        f" ORDER BY {_keys(table, 't')} LIMIT -1 OFFSET {skip}"
    )


def changes(opened: sqlite3.Connection, table: Table) -> tuple[list[Row], list[Row]]:
    """Return the rows of `before` that are gone or differ now, and those that are new or differ.

    Each row is read once, in the order of the keys; a million rows take a second or two. Rows that
    are gone are only searched for if the numbers of rows say that there are any.
    """
    came = opened.execute(_without_equal(table, "main", "before", columns(table))).fetchall()
    same_key = " AND ".join(f'b."{key}" = ?' for key in key_names(table))
    of_key = f'SELECT {_listed(table, "b")} FROM before."{table.name}" AS b WHERE {same_key}'  # noqa: S608 - our names # nosec B608
    found = (opened.execute(of_key, key_of(table, row)).fetchone() for row in came)
    changed = [row for row in found if row is not None]
    added = len(came) - len(changed)
    if count(opened, table, "before") == count(opened, table) - added:
        return changed, came
    keys = [each for each in columns(table) if each.primary_key]
    gone = opened.execute(_without_equal(table, "before", "main", keys)).fetchall()
    return [*gone, *changed], came


def _without_equal(table: Table, there: str, other: str, compared: Sequence[Column[Any]]) -> str:
    """Return the query for the rows in the database `there` that `other` does not have.

    Rows are equal if these columns are.
    """
    # IS for keys, too, would not use the index. NOT INDEXED reads them in its order.
    equal = " AND ".join(
        f'a."{each.name}" {"=" if each.primary_key else "IS"} b."{each.name}"' for each in compared
    )
    return (
        f'SELECT {_listed(table, "a")} FROM {there}."{table.name}" AS a NOT INDEXED'  # noqa: S608 - our names # nosec B608
        f' WHERE NOT EXISTS (SELECT 1 FROM {other}."{table.name}" AS b WHERE {equal})'
    )


def _listed(table: Table, alias: str) -> str:
    return ", ".join(f'{alias}."{each.name}"' for each in columns(table))


def _keys(table: Table, alias: str) -> str:
    return ", ".join(f'{alias}."{key}"' for key in key_names(table))


def set_revision(database: Path, revision: str) -> None:
    """Write another revision into a database, which makes other versions refuse it."""
    with _opened(database, None, PRAGMAS) as opened:
        opened.execute("BEGIN IMMEDIATE")
        end_with_revision(opened, revision)


def end_with_revision(opened: sqlite3.Connection, revision: str) -> None:
    """Write another revision into a database that is locked, and commit."""
    opened.execute(f"UPDATE {VERSION_TABLE} SET version_num = ?", (revision,))  # noqa: S608 - a constant # nosec B608
    opened.execute("COMMIT")
