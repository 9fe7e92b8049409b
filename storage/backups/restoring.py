"""Restore a backup: read its rows, column by column, into a fresh schema.

A backup may come from a stranger. Only rows of known tables and columns are read, of the types that
the columns have. Nothing else in the file is used: no schema, no trigger, no view.
"""

import hmac
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, exists, select

from conversations.model.broadcast import BroadcastStatus
from storage import erasure_log
from storage.admin import audit, audit_chain, authority, campaign_modes
from storage.backups.tables import DIGEST_TABLE, KnownTable, opened, tables_of
from storage.backups.writing import RowDigest, copy_rows
from storage.crypto.vault import DecryptionError, Vault
from storage.erasure import repeating
from storage.erasure_file import ErasureFile
from storage.mail.delivery import pauses
from storage.schema import tables as t
from storage.schema.migrations import VERSION_TABLE, upgrade
from storage.schema.tables import metadata

_BATCH_SIZE = 1000
"""Number of rows that are written together."""

GRANTING = frozenset({"authority", "audit", "erasures"})
"""Tables of a foreign backup that are not read: they would grant rights, or vouch for them."""


class NotABackup(Exception):
    """The file is no backup, or not one that this version can read."""


class ForeignBackup(Exception):
    """The keyed digest of the backup is missing, or isn't that of our keys and these rows."""


class ErasuresMissing(Exception):
    """It is not known who was erased since the backup: the file of erasures has a gap."""


def revision_of(source: Path) -> str:
    """Return the revision of the tables in a backup. Raises NotABackup."""
    try:
        with closing(_open_untrusted(source)) as backup:
            if not _is_table(backup, VERSION_TABLE):
                raise NotABackup
            rows = backup.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchall()  # noqa: S608 - a constant # nosec B608
    except sqlite3.DatabaseError:
        raise NotABackup from None
    if len(rows) != 1 or not isinstance(rows[0][0], str):
        raise NotABackup
    return str(rows[0][0])


def read_rows(
    source: Path,
    draft: Path,
    vault: Vault,
    revision: str,
    *,
    without: frozenset[str] = frozenset(),
) -> bool:
    """Read the rows of a backup into the new file `draft`, with a fresh schema of its revision.

    Tables in `without` stay empty. Returns whether the backup's digest is that of our keys and
    these rows. Raises NotABackup, also for a value that its column can't have.
    """
    draft.touch(mode=0o600)
    upgrade(f"sqlite:///{draft}", to=revision)
    digest = RowDigest(vault, revision)
    try:
        with (
            closing(_open_untrusted(source)) as backup,
            closing(sqlite3.connect(draft)) as fresh,
            fresh,
        ):
            backup.execute("BEGIN")
            for table in tables_of(revision):
                if table.name not in without:
                    _read_table(backup, fresh, table, digest)
            return hmac.compare_digest(_digest_in(backup), digest.value())
    except (sqlite3.DatabaseError, OverflowError):
        raise NotABackup from None


def _read_table(
    backup: sqlite3.Connection, fresh: sqlite3.Connection, table: KnownTable, digest: RowDigest
) -> None:
    """Copy the rows of one table, and add them to the digest."""
    if not _is_table(backup, table.name):
        raise NotABackup
    digest.begin_table(table)
    rows = backup.execute(table.select())
    while batch := rows.fetchmany(_BATCH_SIZE):
        if not all(table.accepts(row) for row in batch):
            raise NotABackup
        for row in batch:
            digest.add_row(row)
        fresh.executemany(table.insert(), batch)


def _open_untrusted(source: Path) -> sqlite3.Connection:
    """Open a file that a stranger may have made (SQLite, “Defense against the dark arts”)."""
    # Immutable: SQLite neither applies nor creates files beside it.
    address = f"{source.absolute().as_uri()}?immutable=1"
    backup = sqlite3.connect(address, uri=True, isolation_level=None)
    backup.execute("PRAGMA trusted_schema = OFF")
    backup.execute("PRAGMA cell_size_check = ON")
    backup.execute("PRAGMA query_only = ON")
    return backup


def _is_table(backup: sqlite3.Connection, name: str) -> bool:
    """Whether the file has an ordinary table of this name, without generated columns."""
    listed = "SELECT type FROM pragma_table_list WHERE schema = 'main' AND name = ?"
    kinds = backup.execute(listed, (name,))
    hidden = backup.execute("SELECT max(hidden) FROM pragma_table_xinfo(?)", (name,)).fetchone()
    return kinds.fetchall() == [("table",)] and hidden == (0,)


def _digest_in(backup: sqlite3.Connection) -> bytes:
    if not _is_table(backup, DIGEST_TABLE):
        return b""
    row = backup.execute(f"SELECT digest FROM {DIGEST_TABLE}").fetchone()  # noqa: S608 - a constant # nosec B608
    return row[0] if row and isinstance(row[0], bytes) else b""


# --- what happens to the rows ---------------------------------------------------------------------


def is_empty(connection: Connection) -> bool:
    """Return whether all tables are empty."""
    return not any(
        connection.execute(select(exists(select(table)))).scalar_one()
        for table in metadata.sorted_tables
    )


def fill(connection: Connection, source: Path) -> None:
    """Copy all rows of the file at `source`, which we wrote, into empty tables of its revision."""
    with opened(source) as kept:
        copy_rows(kept, connection)


def repeat_erasures(
    connection: Connection, vault: Vault, copied: ErasureFile | None, *, lost: bool, foreign: bool
) -> int:
    """Erase again what was erased after the backup; return how many entries there were.

    `copied` is the file of erasures. A foreign backup knows nothing of its numbers, so every entry
    is repeated. Raises ErasuresMissing if entries are missing, unless `lost` accepts that.
    """
    last = erasure_log.last_number(connection)
    follows = copied is not None and copied.after <= last <= copied.last
    if not (follows or lost or foreign):
        raise ErasuresMissing
    entries = copied.entries if copied else ()
    new = [each for each in entries if foreign or each.number > last]
    try:
        readable = [each.read(vault) for each in new]
    except DecryptionError:
        raise ErasuresMissing from None
    repeating.repeat(connection, vault, readable)
    if copied is not None and (foreign or copied.last >= last):
        erasure_log.replace_all(connection, entries)
    return len(new)


def adopt(connection: Connection, vault: Vault, now: datetime) -> None:
    """Continue after a backup: the newest roles and modes that this machine knows stay valid."""
    authority.put_back(connection, vault)
    audit_chain.accept(connection, vault)
    audit.add_command(connection, vault, "restore", now)


def grant_nothing(connection: Connection, vault: Vault, now: datetime) -> None:
    """Take from a foreign backup all that gives a right, or makes the bot write to people.

    All campaigns are in test mode, no broadcast goes on, and all sending waits until an admin
    resumes it. Tables in `GRANTING` were not read.
    """
    campaign_modes.start_all_test_modes(connection, vault)
    over = [each.value for each in (BroadcastStatus.DONE, BroadcastStatus.RECALLED)]
    connection.execute(delete(t.broadcasts).where(t.broadcasts.c.state.not_in(over)))
    pauses.pause(connection, pauses.ALL_SENDING, now)
