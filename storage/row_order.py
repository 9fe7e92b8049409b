"""On PostgreSQL: rewrite rows in the order of their keys, so that nothing else orders them.

A row's place in its file (ctid) and the transaction that wrote it (xmin) follow the time of
writing, and rows of one transaction belong together (PostgreSQL, 5.6). Each pass rewrites the rows
that were written since the pass before, in small transactions. SQLite needs none of this: its
tables are sorted by random or hashed keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    delete,
    literal,
    literal_column,
    select,
    text,
    tuple_,
)
from sqlalchemy.exc import DBAPIError

from storage.engine.dialects import insert, sqlstate
from storage.schema.migrations import is_latest
from storage.schema.tables import ENCRYPTION, metadata, row_order

Key = tuple[Any, ...]
"""The values of a row's primary key."""

WINDOW_SIZE = 1000
"""Number of rows that are looked at in one query."""

SLICE_SIZE = 100
"""Number of rows that one transaction rewrites at most."""

_NAME = "pass"
"""Name of the one row of the table. It is stored, so it never changes."""

_KEYS = ("person_key", "address_key")
_ORDERED = ("audit",)
"""Tables whose rows say their order themselves."""

_SERVER = text("SELECT CAST(system_identifier AS text) FROM pg_control_system()")
_LOCK_NOT_AVAILABLE = "55P03"
"""SQLSTATE of a lock timeout (PostgreSQL, appendix A)."""

_NO_LONG_WAIT = text("SET LOCAL lock_timeout = '20ms'")
"""While a lock on a table waits for a VACUUM or ANALYZE to end, all writers wait behind it."""


@dataclass(frozen=True)
class Pass:
    """How far a pass has come."""

    day: str
    """Day on which it began, as YYYY-MM-DD."""

    server: str
    """Identifier of the database server: transaction ids of another one mean nothing here."""

    mark: str = ""
    """Transaction id from which on rows are rewritten; empty: all rows."""

    next_mark: str = ""
    """That of the pass after this one: no transaction before it was running when this one began."""

    written: tuple[str, ...] = ()
    """Transactions of this pass: their rows are in order."""

    written_before: tuple[str, ...] = ()
    """Transactions of the pass before, which began at `mark`."""

    complete: bool = True


@dataclass(frozen=True)
class Window:
    """Some rows of a table that follow one another."""

    changed: list[Key]
    """Keys of the rows that were written since the last pass."""

    last: Key
    """Key of the last row."""


def personal_tables() -> tuple[Table, ...]:
    """Return the tables with rows of single people."""
    return tuple(
        table
        for table in metadata.sorted_tables
        if table.name not in _ORDERED
        and any(ENCRYPTION in each.info or each.name in _KEYS for each in table.columns)
    )


def begin(connection: Connection, day: str) -> Pass | None:
    """Begin a pass, or go on with an incomplete one; None if this day's pass is complete."""
    row = connection.execute(select(row_order).with_for_update()).one_or_none()
    server = connection.execute(_SERVER).scalar_one()
    before = _load(row) if row else Pass("", server)
    if before.server != server:  # the database was restored from a backup
        before = Pass("", server)
    if before.complete and before.day == day:
        return None
    if not before.complete:
        return before
    oldest = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"
    mark = connection.execute(text(oldest)).scalar_one()
    begun = Pass(day, server, before.next_mark, mark, (), before.written, complete=False)
    _save(connection, begun)
    return begun


def look(connection: Connection, table: Table, current: Pass, after: Key | None) -> Window | None:
    """Look at the rows of `table` behind the key `after`; None at the end of the table.

    A window has a fixed number of rows, changed or not, so that no query scans the table.
    """
    columns = table.primary_key.columns
    xmin: ColumnElement[str] = literal_column("CAST(xmin AS text)")
    # 64-bit ids never wrap around; those of rows are the lower 32 bits.
    newer = text("age(xmin) <= age(CAST(CAST(:mark AS xid8) AS xid)) AS newer")
    since = newer.bindparams(mark=current.mark) if current.mark else literal(True).label("newer")
    query = select(*columns, xmin.label("xmin"), since).order_by(*columns).limit(WINDOW_SIZE)
    if after is not None:
        query = query.where(tuple_(*columns) > tuple_(*after))
    rows = connection.execute(query).all()
    if not rows:
        return None
    in_order = {*current.written, *current.written_before}
    changed = [tuple(row[:-2]) for row in rows if row.newer and row.xmin not in in_order]
    return Window(changed, tuple(rows[-1][:-2]))


def rewrite(connection: Connection, table: Table, keys: Sequence[Key]) -> bool:
    """Write the rows with these keys again, in the order of the keys; False if the table is busy.

    No other transaction writes to the table meanwhile: an update would miss a row that is deleted
    and inserted again. A newer version may have added columns that would be lost, so then the
    table counts as busy until that version works on it.
    """
    if not _lock(connection, table) or not is_latest(connection):
        return False
    columns = table.primary_key.columns
    wanted = tuple_(*columns).in_(keys)
    gone = delete(table).where(wanted).returning(*table.columns).cte("gone")
    ordered = select(*gone.columns).order_by(*(gone.columns[each.name] for each in columns))
    connection.execute(table.insert().from_select([each.name for each in table.columns], ordered))
    _add_written(connection)
    return True


def _lock(connection: Connection, table: Table) -> bool:
    """Lock the table against writers; False if it is locked, for example by a VACUUM."""
    connection.execute(_NO_LONG_WAIT)
    try:
        with connection.begin_nested():
            connection.execute(text(f"LOCK TABLE {table.name} IN EXCLUSIVE MODE"))
    except DBAPIError as error:
        if sqlstate(error) != _LOCK_NOT_AVAILABLE:
            raise
        return False
    return True


def finish(connection: Connection) -> None:
    """Record that the pass is complete."""
    row = connection.execute(select(row_order).with_for_update()).one()
    _save(connection, replace(_load(row), complete=True))


def _add_written(connection: Connection) -> None:
    """Note that the rows of this transaction are in order."""
    row = connection.execute(select(row_order).with_for_update()).one()
    mine = "SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)"
    current = _load(row)
    xid = connection.execute(text(mine)).scalar_one()
    _save(connection, replace(current, written=(*current.written, xid)))


def _load(row: Row[Any]) -> Pass:
    saved = orjson.loads(row.position)
    lists = ("written", "written_before")
    return Pass(**saved | {name: tuple(saved[name]) for name in lists})


def _save(connection: Connection, current: Pass) -> None:
    values = {"name": _NAME, "position": orjson.dumps(vars(current)).decode()}
    statement = insert(connection.dialect.name, row_order)
    kept = statement.on_conflict_do_update(
        index_elements=["name"], set_={"position": statement.excluded.position}
    )
    connection.execute(kept, values)
