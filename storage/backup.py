"""A backup: one SQLite file, whole and of one moment, made while the bot runs on either engine.

Since it holds rows and no engine's own format, it can be restored on the other engine, too.
"""

import sqlite3
from contextlib import AbstractContextManager, closing
from pathlib import Path

from sqlalchemy import Connection, MetaData, create_engine, exists, select
from sqlalchemy.pool import NullPool

from storage.schema.migrations import current_revision, upgrade
from storage.schema.tables import metadata

VERSION_TABLE = "alembic_version"
"""The table in which Alembic notes the version; each file and each database has its own."""

_AT_ONCE = 1000
"""Rows that are carried over together."""


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy the SQLite database at `source` to `target`, page by page, with mode 0600.

    Raises FileNotFoundError where there is none, and sqlite3.Error.
    """
    if not source.exists():
        raise FileNotFoundError(source)
    draft = _draft(target)
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(draft)) as kept:
        live.backup(kept)
    draft.replace(target)


def write(connection: Connection, target: Path) -> None:
    """Copy all rows that `connection` sees into a new SQLite file at `target`, with mode 0600.

    The file is of the version that the database is of, which may be an older one. The connection
    sees one committed state. Raises FileNotFoundError where nothing is made yet, OSError and
    SQLAlchemyError.
    """
    stands = current_revision(connection)
    if stands is None:
        raise FileNotFoundError
    draft = _draft(target)
    upgrade(f"sqlite:///{draft}", to=stands)
    with _opened(draft) as kept:
        _carry(connection, kept)
    draft.replace(target)


def fill(connection: Connection, source: Path) -> None:
    """Put all rows of the SQLite file at `source` into empty tables of the same version."""
    with _opened(source) as kept:
        _carry(kept, connection)


def is_empty(connection: Connection) -> bool:
    """Whether no table holds a row."""
    return not any(
        connection.execute(select(exists(select(table)))).scalar_one()
        for table in metadata.sorted_tables
    )


def _carry(source: Connection, target: Connection) -> None:
    """Carry all rows over; each side has the tables already."""
    # As they are there, and not as this version knows them.
    tables = MetaData()
    tables.reflect(source)
    for table in tables.sorted_tables:
        if table.name == VERSION_TABLE:
            continue
        # A server would send all rows of a table before the first is looked at.
        streamed = source.execution_options(stream_results=True, max_row_buffer=_AT_ONCE)
        for rows in streamed.execute(select(table)).mappings().partitions(_AT_ONCE):
            target.execute(table.insert(), [dict(row) for row in rows])


def _draft(target: Path) -> Path:
    """Make an empty file beside `target`, for its owner alone."""
    draft = target.with_name(f"{target.name}.part")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    return draft


def _opened(file: Path) -> AbstractContextManager[Connection]:
    return create_engine(f"sqlite:///{file}", poolclass=NullPool).begin()
