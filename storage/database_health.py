"""The health of the database: engine, revision, durability, and mail that waits."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    literal,
    select,
    text,
    union_all,
)

from conversations.model.letters.delivery import LetterState
from storage.engine.dialects import insert
from storage.mail.delivery.lanes import each_lane
from storage.schema.migrations import current_revision
from storage.schema.tables import DUE, codes, leases, outbox

PROBE = "probe"
"""Name of the row that `probe` writes among the leases."""

TOLERANCE = timedelta(seconds=10)
"""How far the clocks of two processes differ at most, while none is wrong."""

_LATEST_CODE = select(func.max(codes.c.requested))
_LATEST_PROBE = select(leases.c.until).where(leases.c.name == PROBE)

MAX_COUNTED = 10_000
"""Up to how many mails of a lane are counted for metrics, which are read again and again."""

_LANES = each_lane(DUE)
_EACH_LANE = select(_LANES.c.lane).where(_LANES.c.lane.is_not(None))


def _count(state: ColumnElement[str], of: Select[Any]) -> Select[Any]:
    """Return the statement that counts the mail found by `of`, by kind, in a state."""
    found = of.add_columns(outbox.c.kind, state.label("state"), outbox.c.queued).subquery()
    figures = (func.count().label("count"), func.min(found.c.queued).label("since"))
    place = (found.c.kind, found.c.state)
    return select(*place, *figures).group_by(*place)


_FIRST = (
    select().where(text(DUE), outbox.c.lane == bindparam("in")).order_by(outbox.c.not_before)
).limit(MAX_COUNTED)
_WAITING = _count(outbox.c.state, _FIRST)
# Each condition is that of a partial index, so that only this mail is read.
_OTHERS = union_all(
    _count(outbox.c.state, select().where(outbox.c.state == LetterState.SENDING.value)),
    _count(literal("held"), select().where(outbox.c.held)),
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
    """Return the mail that waits in the outbox, of each lane up to MAX_COUNTED.

    Finished mail is not read.
    """
    rows = list(connection.execute(_OTHERS))
    for lane in connection.execute(_EACH_LANE).scalars().all():
        rows += connection.execute(_WAITING, {"in": lane})
    found: dict[tuple[str, str], WaitingMail] = {}
    for kind, state, count, since in rows:
        others = found.get((kind, state), WaitingMail(kind, state, 0, since))
        together = others.count + count
        found[kind, state] = WaitingMail(kind, state, together, min(others.since, since))
    return tuple(found.values())


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
