"""Backups: one consistent SQLite file, written while the bot runs on either engine.

A backup contains rows, so it can be restored on the other engine, too.
"""

import sqlite3
from contextlib import AbstractContextManager, closing
from pathlib import Path

from sqlalchemy import Connection, MetaData, create_engine, exists, select
from sqlalchemy.pool import NullPool

from storage.crypto.key_rotation import Position, reencrypt_slice
from storage.crypto.vault import Vault
from storage.schema.migrations import current_revision, latest, upgrade
from storage.schema.tables import metadata

VERSION_TABLE = "alembic_version"
"""Alembic's table with the revision. Each file and each database has its own."""

_BATCH_SIZE = 1000
"""Number of rows that are copied together."""


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy the SQLite database at `source` to `target`, page by page, with mode 0600.

    Raises FileNotFoundError if there is no database, and sqlite3.Error.
    """
    if not source.exists():
        raise FileNotFoundError(source)
    draft = _draft(target)
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(draft)) as kept:
        live.backup(kept)
    draft.replace(target)


def write(connection: Connection, target: Path) -> None:
    """Copy all rows that `connection` sees into a new SQLite file at `target`, with mode 0600.

    The connection sees one committed state. The file has the revision of the database, which may be
    an older one. Raises FileNotFoundError for an empty database, OSError and SQLAlchemyError.
    """
    revision = current_revision(connection)
    if revision is None:
        raise FileNotFoundError
    draft = _draft(target)
    upgrade(f"sqlite:///{draft}", to=revision)
    with _opened(draft) as kept:
        _copy_rows(connection, kept)
    draft.replace(target)


def reencrypt_copy(file: Path, vault: Vault) -> None:
    """Encrypt all values in the copy `file` again with today's key, and drop its free pages.

    A copy of a database from an older version stays as it is, as its tables may differ.
    """
    with _opened(file) as copy:
        if current_revision(copy) != latest():
            return
        position = Position()
        while not position.complete:
            position = reencrypt_slice(copy, vault, position, before=vault.day)
    with closing(sqlite3.connect(file)) as copied:
        copied.execute("VACUUM")


def fill(connection: Connection, source: Path) -> None:
    """Copy all rows of the SQLite file at `source` into empty tables of the same revision."""
    with _opened(source) as kept:
        _copy_rows(kept, connection)


def is_empty(connection: Connection) -> bool:
    """Return whether all tables are empty."""
    return not any(
        connection.execute(select(exists(select(table)))).scalar_one()
        for table in metadata.sorted_tables
    )


def _copy_rows(source: Connection, target: Connection) -> None:
    """Copy all rows. Both sides have the tables already."""
    # The tables as the source has them, which may be those of another version.
    tables = MetaData()
    tables.reflect(source)
    for table in tables.sorted_tables:
        if table.name == VERSION_TABLE:
            continue
        # Streamed, or a server would send all rows of a table at once.
        streamed = source.execution_options(stream_results=True, max_row_buffer=_BATCH_SIZE)
        for rows in streamed.execute(select(table)).mappings().partitions(_BATCH_SIZE):
            target.execute(table.insert(), [dict(row) for row in rows])


def _draft(target: Path) -> Path:
    """Create an empty file next to `target`, which only its owner can read."""
    draft = target.with_name(f"{target.name}.part")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    return draft


def _opened(file: Path) -> AbstractContextManager[Connection]:
    return create_engine(f"sqlite:///{file}", poolclass=NullPool).begin()
