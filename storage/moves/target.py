"""The PostgreSQL database to which a bot moves: how far the move is, and writing rows into it.

Until the move is complete, the database has the revision `MOVING`, which every command but the move
refuses, and a table with the state of the move. Triggers note each table that another program
changes meanwhile.
"""

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from sqlalchemy import Connection, Table, exists, inspect, select, text
from sqlalchemy.dialects import postgresql

from storage.moves.rows import (
    Row,
    TableDigest,
    columns,
    digest_query,
    for_postgresql,
    key_of,
    rows_digest,
)
from storage.schema.migrations import MOVING, VERSION_TABLE, latest
from storage.schema.tables import metadata

_STATE = "actionbot_move"
"""The table with the state of a move. It exists only during a move."""

_TOUCHED = "actionbot_move_touched"
"""The table with the names of tables that another program changed, and the triggers' function."""

_OURS = "actionbot.moves"
"""A setting of our own transactions, which the triggers leave out."""

_NOTE = f"BEGIN INSERT INTO {_TOUCHED} VALUES (TG_TABLE_NAME); RETURN NULL; END"  # noqa: S608 - a constant # nosec B608
_GUARD = (
    f"CREATE TABLE {_TOUCHED} (name text NOT NULL)",
    f"CREATE FUNCTION {_TOUCHED}() RETURNS trigger LANGUAGE plpgsql AS $${_NOTE}$$",
    *(
        f"CREATE TRIGGER {_TOUCHED} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
        f' ON "{table.name}" FOR EACH STATEMENT'
        f" WHEN (current_setting('{_OURS}', true) IS DISTINCT FROM 'yes')"
        f" EXECUTE FUNCTION {_TOUCHED}()"
        for table in metadata.sorted_tables
    ),
)

_SET_REVISION = text(f"UPDATE {VERSION_TABLE} SET version_num = :revision")  # noqa: S608 - a constant # nosec B608


_DIALECT: Any = postgresql.dialect  # SQLAlchemy leaves it untyped


class DifferentRows(Exception):
    """Tables of the new database don't hold what they should."""

    def __init__(self, tables: tuple[str, ...]) -> None:
        """Remember which tables."""
        super().__init__(", ".join(tables))


@dataclass(frozen=True)
class MoveState:
    """How far a move is: what the new database holds."""

    bot: str
    """Names the keys of the bot, so that no other bot's move goes on here."""

    snapshot: str
    """The snapshot that is copied, or whose rows the database has."""

    revision: str
    """The revision of the tables on both sides."""

    copied: bool = False
    """Whether all rows of the snapshot are there."""

    tables: Mapping[str, TableDigest] = field(default_factory=dict)
    """What each table should hold."""

    def of(self, table: Table) -> TableDigest:
        """Return what a table should hold."""
        return self.tables.get(table.name, TableDigest())

    def having(self, table: Table, digest: TableDigest) -> "MoveState":
        """Return the state after a table has changed."""
        return replace(self, tables={**self.tables, table.name: digest})


def is_empty(connection: Connection) -> bool:
    """Return whether no table has a row, or there are no tables."""
    present = set(inspect(connection).get_table_names())
    return not any(
        connection.execute(select(exists(select(table)))).scalar_one()
        for table in metadata.sorted_tables
        if table.name in present
    )


def begin(connection: Connection, state: MoveState) -> None:
    """Begin a move into an empty database that has its tables."""
    connection.execute(text(f"CREATE TABLE {_STATE} (state text NOT NULL)"))
    connection.execute(text(f"INSERT INTO {_STATE} VALUES ('')"))  # noqa: S608 - a constant # nosec B608
    for statement in _GUARD:
        connection.execute(text(statement))
    connection.execute(_SET_REVISION, {"revision": MOVING})
    _save(connection, state)


def begin_again(connection: Connection, state: MoveState) -> None:
    """Delete what was copied, and begin with another snapshot."""
    _claim(connection)
    for table in metadata.sorted_tables:
        connection.execute(table.delete())
    _save(connection, state)


def state_of(connection: Connection) -> MoveState | None:
    """Return how far a move into this database is; None if there is none."""
    if not inspect(connection).has_table(_STATE):
        return None
    saved = orjson.loads(connection.execute(text(f"SELECT state FROM {_STATE}")).scalar_one())  # noqa: S608 - a constant # nosec B608
    tables = {
        name: TableDigest(rows, int(total)) for name, (rows, total) in saved["tables"].items()
    }
    return MoveState(**saved | {"tables": tables})


def add_rows(connection: Connection, state: MoveState, table: Table, rows: list[Row]) -> MoveState:
    """Add rows of the snapshot to a table; return the new state, which is saved with them."""
    after = state.having(table, state.of(table).changed(table, (), rows))
    _save(connection, after)
    _copy(connection, table, rows)
    return after


def finish_copy(connection: Connection, state: MoveState) -> MoveState:
    """Record that all rows of the snapshot are there."""
    after = replace(state, copied=True)
    _save(connection, after)
    connection.execute(text("ANALYZE"))
    return after


Changes = Mapping[str, tuple[list[Row], list[Row]]]
"""By table: the rows that are gone or differ, as they were, and those that came, as they are."""


def apply(connection: Connection, state: MoveState, snapshot: str, changes: Changes) -> MoveState:
    """Bring the database from its snapshot to another one; return the new state, which is saved.

    Raises DifferentRows if the changed rows are not there afterwards.
    """
    after = replace(state, snapshot=snapshot)
    for table in metadata.sorted_tables:
        gone, came = changes.get(table.name, ((), ()))
        if gone or came:
            after = after.having(table, after.of(table).changed(table, gone, came))
    _save(connection, after)
    # All rows that are gone go first, or a value that must be unique could be there twice.
    for table in reversed(metadata.sorted_tables):
        _delete(connection, table, changes.get(table.name, ((), ()))[0])
    different = []
    for table in metadata.sorted_tables:
        gone, came = changes.get(table.name, ((), ()))
        _copy(connection, table, came)
        if _digest_of_keys(connection, table, [*gone, *came]) != rows_digest(table, came):
            different.append(table.name)
    if different:
        raise DifferentRows(tuple(different))
    return after


def verify(connection: Connection, state: MoveState) -> None:
    """Compare all tables. From now on, `complete` compares those that others change.

    Raises DifferentRows.
    """
    connection.execute(text(f"DELETE FROM {_TOUCHED}"))  # noqa: S608 - a constant # nosec B608
    _compare(connection, state, metadata.sorted_tables)


def complete(connection: Connection, state: MoveState) -> None:
    """End the move of a database that was verified: from now on, this is an ordinary one.

    Raises DifferentRows.
    """
    # First: this waits for other programs that change a table in this moment.
    connection.execute(text(f"DROP FUNCTION {_TOUCHED} CASCADE"))
    touched = set(connection.execute(text(f"SELECT name FROM {_TOUCHED}")).scalars())  # noqa: S608 - a constant # nosec B608
    _compare(connection, state, [each for each in metadata.sorted_tables if each.name in touched])
    connection.execute(text(f"DROP TABLE {_STATE}, {_TOUCHED}"))
    connection.execute(_SET_REVISION, {"revision": latest()})


def _compare(connection: Connection, state: MoveState, tables: Sequence[Table]) -> None:
    """Raise DifferentRows unless these tables hold what they should, by numbers and hashes."""
    different = []
    for table in tables:
        number, total = connection.execute(text(digest_query(table))).one()
        if state.of(table) != TableDigest(number, int(total)):
            different.append(table.name)
    if different:
        raise DifferentRows(tuple(different))


def _claim(connection: Connection) -> None:
    """Let the triggers leave out this transaction."""
    connection.execute(text(f"SET LOCAL {_OURS} = 'yes'"))


def _save(connection: Connection, state: MoveState) -> None:
    """Save the state in the transaction that brings the rows to it."""
    _claim(connection)
    # JSON has no integers as large as a sum of hashes, and SQLAlchemy's names are no plain texts.
    tables = {str(name): (each.rows, str(each.total)) for name, each in state.tables.items()}
    saved = {**vars(state), "tables": tables}
    update = text(f"UPDATE {_STATE} SET state = :state")  # noqa: S608 - a constant # nosec B608
    connection.execute(update, {"state": orjson.dumps(saved).decode()})


def _copy(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Add rows by COPY, which is many times as fast as INSERT."""
    records = for_postgresql(table, rows)
    names = [each.name for each in columns(table)]
    if records:
        _drive(
            connection,
            lambda driver: driver.copy_records_to_table(table.name, records=records, columns=names),
        )


def _delete(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Delete rows by their keys."""
    keys = _keys(table, rows)
    if keys:
        given, same = _listed_keys(table)
        statement = f'DELETE FROM "{table.name}" USING {given} WHERE {same}'  # noqa: S608 - our names # nosec B608
        _drive(connection, lambda driver: driver.execute(statement, *keys))


def _digest_of_keys(connection: Connection, table: Table, rows: Iterable[Row]) -> TableDigest:
    """Return the digest of the rows that the database has under the keys of these rows."""
    keys = _keys(table, rows)
    if not keys:
        return TableDigest()
    given, same = _listed_keys(table)
    statement = f"{digest_query(table)} WHERE EXISTS (SELECT FROM {given} WHERE {same})"  # nosec B608
    number, total = _drive(connection, lambda driver: driver.fetchrow(statement, *keys))
    return TableDigest(number, int(total))


def _keys(table: Table, rows: Iterable[Row]) -> list[Row]:
    """Return the keys of rows, each once, by column."""
    return list(zip(*{key_of(table, row) for row in rows}, strict=True))


def _listed_keys(table: Table) -> tuple[str, str]:
    """Return PostgreSQL's list of the keys that are given by column, and a row's condition."""
    keys = [each for each in columns(table) if each.primary_key]
    arrays = (f"${at}::{each.type.compile(_DIALECT())}[]" for at, each in enumerate(keys, 1))
    names = ", ".join(f'"{each.name}"' for each in keys)
    same = " AND ".join(f'"{table.name}"."{each.name}" = given."{each.name}"' for each in keys)
    return f"unnest({', '.join(arrays)}) AS given({names})", same


def _drive(connection: Connection, work: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
    """Use asyncpg itself, in the transaction that the connection has begun."""
    driver: Any = connection.connection.dbapi_connection
    return driver.run_async(work)
