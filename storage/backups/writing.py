"""Backups: one consistent SQLite file, written while the bot runs on either engine.

A backup contains rows, so it can be restored on the other engine, too. It ends with a keyed digest
of all rows, by which `storage.backups.restoring` sees that nobody changed it.
"""

import hashlib
import hmac
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, MetaData, select

from storage.backups.tables import DIGEST_TABLE, KnownTable, opened, tables_of
from storage.crypto.key_rotation import Position, reencrypt_slice
from storage.crypto.vault import Vault
from storage.schema.migrations import VERSION_TABLE, current_revision, latest, upgrade

_DIGEST_KEY = "backup: digest of all rows"
"""Kind of the keyed hash from which the digest's key is derived. It never changes."""

_BATCH_SIZE = 1000
"""Number of rows that are copied together."""


class RowDigest:
    """The keyed digest (HMAC-SHA-256) of rows, which are added in the order of their keys."""

    def __init__(self, vault: Vault, revision: str) -> None:
        """Begin with the revision of the tables."""
        key = vault.keyed_hash(_DIGEST_KEY, "")
        self._digest = hmac.new(key, revision.encode(), hashlib.sha256)

    def begin_table(self, table: KnownTable) -> None:
        """Begin with the rows of a table."""
        self._add((table.name, *table.columns))

    def add_row(self, row: Sequence[object]) -> None:
        """Add a row. Its values are numbers, texts, bytes or None, as SQLite stores them."""
        self._add(row)

    def value(self) -> bytes:
        """Return the digest of what was added so far, 32 bytes."""
        return self._digest.digest()

    def _add(self, values: Sequence[object]) -> None:
        # Python writes each of these types in a way of its own, with quotes around texts.
        written = repr(tuple(values)).encode()
        self._digest.update(len(written).to_bytes(8, "big") + written)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy the SQLite database at `source` to `target`, page by page, with mode 0600.

    Raises FileNotFoundError if there is no database, and sqlite3.Error.
    """
    if not source.exists():
        raise FileNotFoundError(source)
    draft = new_draft(target)
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
    draft = new_draft(target)
    upgrade(f"sqlite:///{draft}", to=revision)
    with opened(draft) as kept:
        copy_rows(connection, kept)
    draft.replace(target)


def finish(file: Path, vault: Vault) -> None:
    """Encrypt all values in the copy `file` again with today's key, and add the digest of its rows.

    A copy of a database from an older version is not encrypted again, as its tables may differ.
    """
    with opened(file) as copy:
        revision = current_revision(copy)
        position = Position(complete=revision != latest())
        while not position.complete:
            position = reencrypt_slice(copy, vault, position, before=vault.day)
    with closing(sqlite3.connect(file)) as copied, copied:
        digest = RowDigest(vault, revision or "")
        for table in tables_of(revision or latest()):
            digest.begin_table(table)
            for row in copied.execute(table.select()):
                digest.add_row(row)
        copied.execute(f"CREATE TABLE {DIGEST_TABLE} (digest BLOB NOT NULL)")
        copied.execute(f"INSERT INTO {DIGEST_TABLE} VALUES (?)", (digest.value(),))  # noqa: S608 - a constant # nosec B608
    make_compact(file)


def make_compact(file: Path) -> None:
    """Drop the free pages of a file of ours, and what lies beside it."""
    with closing(sqlite3.connect(file, isolation_level=None)) as copied:
        copied.execute("VACUUM")
        copied.execute("PRAGMA journal_mode = DELETE").fetchall()


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy all rows of a database of ours. Both sides have the tables already."""
    # The tables as the source has them, which may be those of another version.
    tables = MetaData()
    tables.reflect(source)
    for table in tables.sorted_tables:
        if table.name in (VERSION_TABLE, DIGEST_TABLE):
            continue
        # Streamed, or a server would send all rows of a table at once.
        streamed = source.execution_options(stream_results=True, max_row_buffer=_BATCH_SIZE)
        for rows in streamed.execute(select(table)).mappings().partitions(_BATCH_SIZE):
            target.execute(table.insert(), [dict(row) for row in rows])


def new_draft(target: Path) -> Path:
    """Create an empty file next to `target`, which only its owner can read."""
    draft = target.with_name(f"{target.name}.part")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    return draft
