"""Snapshots of a SQLite database: files beside it, which are compared row by row."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Table

from storage.engine.sqlite import PRAGMAS
from storage.moves.rows import Row, columns, key_names
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
    with closing(
        sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    ) as opened:
        if before is not None:
            opened.execute("ATTACH ? AS before", (str(before),))
        opened.execute("PRAGMA query_only = ON")
        opened.execute("BEGIN")
        yield opened


def count(opened: sqlite3.Connection, table: Table) -> int:
    """Return how many rows a table has."""
    (number,) = opened.execute(f'SELECT count(*) FROM main."{table.name}"').fetchone()  # noqa: S608 - our names # nosec B608
    return int(number)


def rows_of(opened: sqlite3.Connection, table: Table, skip: int) -> sqlite3.Cursor:
    """Return the rows of a table in the order of their keys, without the first ones."""
    return opened.execute(
        f'SELECT {_listed(table, "t")} FROM main."{table.name}" AS t'  # noqa: S608 - our names # nosec B608
        f" ORDER BY {_keys(table, 't')} LIMIT -1 OFFSET {skip}"
    )


def changes(opened: sqlite3.Connection, table: Table) -> tuple[list[Row], list[Row]]:
    """Return the rows of `before` that are gone or differ now, and those that are new or differ."""
    return _missing(opened, table, "before", "main"), _missing(opened, table, "main", "before")


def _missing(opened: sqlite3.Connection, table: Table, there: str, other: str) -> list[Row]:
    """Return the rows of a table in the database `there` that `other` does not have like this."""
    names = [each.name for each in columns(table)]
    same_key = " AND ".join(f'a."{key}" = b."{key}"' for key in key_names(table))
    differs = " OR ".join(f'a."{name}" IS NOT b."{name}"' for name in names)
    query = (
        f'SELECT {_listed(table, "a")} FROM {there}."{table.name}" AS a'  # noqa: S608 - our names # nosec B608
        f' LEFT JOIN {other}."{table.name}" AS b ON {same_key} WHERE {differs}'
        f" ORDER BY {_keys(table, 'a')}"
    )
    return opened.execute(query).fetchall()


def _listed(table: Table, alias: str) -> str:
    return ", ".join(f'{alias}."{each.name}"' for each in columns(table))


def _keys(table: Table, alias: str) -> str:
    return ", ".join(f'{alias}."{key}"' for key in key_names(table))


def set_revision(database: Path, revision: str) -> None:
    """Write another revision into a database, which makes other versions refuse it."""
    with closing(sqlite3.connect(database, isolation_level=None)) as opened:
        for pragma in PRAGMAS:
            opened.execute(pragma).fetchall()
        opened.execute(f"UPDATE {VERSION_TABLE} SET version_num = ?", (revision,))  # noqa: S608 - a constant # nosec B608
