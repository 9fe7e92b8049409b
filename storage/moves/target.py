"""The PostgreSQL database to which a bot moves: how far the move is, and writing rows into it.

Until the move is complete, the database has the revision `MOVING`, which every command but the move
refuses, and a table with the state of the move.
"""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from sqlalchemy import Connection, Table, exists, inspect, select, text

from storage.moves.rows import Row, TableDigest, columns, digest_query, for_postgresql, key_names
from storage.schema.migrations import MOVING, VERSION_TABLE, latest
from storage.schema.tables import metadata

_STATE = "actionbot_move"
"""The table with the state of a move. It exists only during a move."""

_SET_REVISION = text(f"UPDATE {VERSION_TABLE} SET version_num = :revision")  # noqa: S608 - a constant # nosec B608


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
    connection.execute(_SET_REVISION, {"revision": MOVING})
    _save(connection, state)


def begin_again(connection: Connection, state: MoveState) -> None:
    """Delete what was copied, and begin with another snapshot."""
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
    """Bring the database from its snapshot to another one; return the new state, which is saved."""
    after = replace(state, snapshot=snapshot)
    for table in metadata.sorted_tables:
        gone, came = changes.get(table.name, ((), ()))
        if gone or came:
            after = after.having(table, after.of(table).changed(table, gone, came))
    _save(connection, after)
    # All rows that are gone go first, or a value that must be unique could be there twice.
    for table in reversed(metadata.sorted_tables):
        _delete(connection, table, changes.get(table.name, ((), ()))[0])
    for table in metadata.sorted_tables:
        _copy(connection, table, changes.get(table.name, ((), ()))[1])
    return after


def different_tables(connection: Connection, state: MoveState) -> tuple[str, ...]:
    """Return the tables that don't hold what they should, by numbers and hashes of their rows."""
    different = []
    for table in metadata.sorted_tables:
        number, total = connection.execute(text(digest_query(table))).one()
        if state.of(table) != TableDigest(number, int(total)):
            different.append(table.name)
    return tuple(different)


def complete(connection: Connection) -> None:
    """End the move: from now on, this is an ordinary database."""
    connection.execute(text(f"DROP TABLE {_STATE}"))
    connection.execute(_SET_REVISION, {"revision": latest()})


def _save(connection: Connection, state: MoveState) -> None:
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
    names = key_names(table)
    keys = [row[: len(names)] for row in for_postgresql(table, rows)]
    wanted = " AND ".join(f'"{name}" = ${at}' for at, name in enumerate(names, 1))
    if keys:
        statement = f'DELETE FROM "{table.name}" WHERE {wanted}'  # noqa: S608 - our names # nosec B608
        _drive(connection, lambda driver: driver.executemany(statement, keys))


def _drive(connection: Connection, work: Callable[[Any], Coroutine[Any, Any, Any]]) -> None:
    """Use asyncpg itself, in the transaction that the connection has begun."""
    driver: Any = connection.connection.dbapi_connection
    driver.run_async(work)
