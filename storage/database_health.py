"""How a database is: what whoever runs it may want to know, and the bot relies on."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, func, literal, select, text, union_all

from conversations.model.delivery import LetterState
from storage.engine.dialects import insert
from storage.schema.migrations import current_revision
from storage.schema.tables import DUE, leases, outbox

# Each of these is what a partial index says, so that only what waits is read.
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
    """What a database says of itself. `revision`: the last step that was run on it; None if none.

    `lasts`: a commit outlives a loss of power. `writable`: not a copy that only follows another.
    """

    engine: str
    revision: str | None
    lasts: bool
    writable: bool


@dataclass(frozen=True)
class WaitingMail:
    """How much mail of a kind waits in a state, and since when the oldest of it was queued.

    “held” is mail of unknown fate that an admin is to decide about.
    """

    kind: str
    state: str
    count: int
    since: datetime


def count_waiting_mail(connection: Connection) -> tuple[WaitingMail, ...]:
    """Return what waits in the outbox; mail that is done with is not read."""
    return tuple(WaitingMail(*row) for row in connection.execute(_WAITING))


def check_health(connection: Connection) -> DatabaseHealth:
    """Return how the database is; within a transaction, and changing nothing."""
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
    """Write one row, always the same."""
    row = {"name": "probe", "token": "", "until": now}
    written = insert(connection.dialect.name, leases)
    connection.execute(
        written.on_conflict_do_update(index_elements=["name"], set_={"until": now}), row
    )


def is_full(error: BaseException) -> bool:
    """Whether a database failed because it has no room (SQLite, SQLITE_FULL; PostgreSQL, appendix
    A, 53100).
    """
    cause = getattr(error, "orig", None) or error
    return (
        getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        or getattr(cause, "sqlstate", None) == "53100"
    )


def engine_version(connection: Connection) -> str:
    """Return what the database is, with its version."""
    if connection.dialect.name == "sqlite":
        return f"SQLite {_ask(connection, 'SELECT sqlite_version()')}"
    return f"PostgreSQL {_ask(connection, 'SHOW server_version').split()[0]}"


def size_in_bytes(connection: Connection) -> int:
    """Return how many bytes the database has."""
    if connection.dialect.name == "sqlite":
        pages, each = (_ask(connection, f"PRAGMA {name}") for name in ("page_count", "page_size"))
        return int(pages) * int(each)
    return int(_ask(connection, "SELECT pg_database_size(current_database())"))


def _ask(connection: Connection, question: str) -> str:
    return str(connection.execute(text(question)).scalar_one())
