"""The health of the database: engine, revision, durability, and mail that waits."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, func, literal, select, text, union_all

from conversations.model.letters.delivery import LetterState
from storage.engine.dialects import insert
from storage.schema.migrations import current_revision
from storage.schema.tables import DUE, codes, leases, outbox

PROBE = "probe"
"""Name of the row that `probe` writes among the leases."""

TOLERANCE = timedelta(seconds=10)
"""How far the clocks of two processes differ at most, while none is wrong."""

_LATEST_CODE = select(func.max(codes.c.requested))
_LATEST_PROBE = select(leases.c.until).where(leases.c.name == PROBE)

# Each condition is that of a partial index, so that only mail that waits is read.
_WAITING = union_all(
    *(
        select(
            outbox.c.kind,
            state.label("state"),
            func.count().label("count"),
            func.min(outbox.c.queued).label("since"),
        )
        .where(where)
        .group_by(outbox.c.kind, outbox.c.state)
        for state, where in (
            (outbox.c.state, text(DUE)),
            (outbox.c.state, outbox.c.state == LetterState.SENDING.value),
            (literal("held"), outbox.c.held),
        )
    )
)


@dataclass(frozen=True)
class DatabaseHealth:
    """The health of a database."""

    engine: str
    """Name and version of the engine."""

    revision: str | None
    """Its last migration; None for an empty database."""

    lasts: bool
    """Whether commits survive a loss of power."""

    writable: bool
    """Whether it can be written to. A standby server cannot."""


@dataclass(frozen=True)
class WaitingMail:
    """Mail of one kind that waits in one state."""

    kind: str
    state: str
    """State of the mail, or "held" for letters that an admin must decide about."""

    count: int
    since: datetime
    """When the oldest was queued."""


def count_waiting_mail(connection: Connection) -> tuple[WaitingMail, ...]:
    """Return the mail that waits in the outbox. Finished mail is not read."""
    return tuple(WaitingMail(*row) for row in connection.execute(_WAITING))


def check_health(connection: Connection) -> DatabaseHealth:
    """Return the health of the database. Runs in a transaction, and changes nothing."""
    revision = current_revision(connection)

    ask = partial(_ask, connection)
    if connection.dialect.name == "sqlite":
        # FULL is 2 (SQLite, “PRAGMA synchronous”).
        lasts = ask("PRAGMA journal_mode") == "wal" and ask("PRAGMA synchronous") == "2"
        return DatabaseHealth(engine_version(connection), revision, lasts, writable=True)
    lasts = "off" not in (ask("SHOW fsync"), ask("SHOW synchronous_commit"))
    writable = ask("SHOW transaction_read_only") == "off"
    return DatabaseHealth(engine_version(connection), revision, lasts, writable)


def probe(connection: Connection, now: datetime) -> None:
    """Write one row, always the same, to see whether writing works."""
    row = {"name": PROBE, "token": "", "until": now}
    written = insert(connection.dialect.name, leases)
    connection.execute(
        written.on_conflict_do_update(index_elements=["name"], set_={"until": now}), row
    )


def clock_was_ahead(connection: Connection, now: datetime) -> bool:
    """Whether a clock was ahead lately, as far as it can be seen in a few rows."""
    stored = (connection.execute(query).scalar() for query in (_LATEST_CODE, _LATEST_PROBE))
    return any(at is not None and at > now + TOLERANCE for at in stored)


def is_full(error: BaseException) -> bool:
    """Return whether an error says that the disk is full.

    SQLite: SQLITE_FULL. PostgreSQL: 53100 (appendix A).
    """
    cause = getattr(error, "orig", None) or error
    return (
        getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        or getattr(cause, "sqlstate", None) == "53100"
    )


def engine_version(connection: Connection) -> str:
    """Return the name and the version of the engine."""
    if connection.dialect.name == "sqlite":
        return f"SQLite {_ask(connection, 'SELECT sqlite_version()')}"
    return f"PostgreSQL {_ask(connection, 'SHOW server_version').split()[0]}"


def size_in_bytes(connection: Connection) -> int:
    """Return the size of the database, in bytes."""
    if connection.dialect.name == "sqlite":
        pages, each = (_ask(connection, f"PRAGMA {name}") for name in ("page_count", "page_size"))
        return int(pages) * int(each)
    return int(_ask(connection, "SELECT pg_database_size(current_database())"))


def _ask(connection: Connection, question: str) -> str:
    return str(connection.execute(text(question)).scalar_one())
