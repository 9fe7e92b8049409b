"""Migrations: bring a database to the schema of this version.

Each step is a numbered file in `versions/`. Two processes may migrate at once: the second waits,
and has nothing left to do.

Processes of the release before may go on beside those of this one. So a step names its
`oldest_code`: the oldest revision whose code works with the schema after the step. Without one,
only code that has the step does. The database keeps that of its last step, beside the revision.
"""

import asyncio
import sqlite3
from functools import cache, partial
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, inspect, select, table, text, update
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from storage.engine.database import Work
from storage.engine.sqlite import sqlalchemy_connection
from storage.engine.urls import parse, translate
from storage.schema.tables import metadata

_FOLDER = Path(__file__).parent
_LOCK = 0x6163_7469_6F6E
"""Advisory lock (PostgreSQL, 13.3.5) under which a database is migrated: “action” in ASCII."""

LOCK_TIMEOUT = "3s"
"""How long a step waits for a table: everybody who uses the table waits behind it."""

_VERSION = table("alembic_version", column("version_num"), column("oldest_code"))
"""Alembic's table of one row, with the column that we add."""

UNSUPPORTED = frozenset({"0001", "0001_initial"})
"""Revisions of databases from before the first release. They cannot be migrated."""


def upgrade(url: str, to: str = "head") -> None:
    """Run the steps that are missing in the database at `url`, up to `to`, in one transaction."""
    _with(url, partial(_upgrade, to))


def revision_of(url: str) -> str | None:
    """Return the revision of the database at `url`; None for an empty database."""
    revision: str | None = _with(url, current_revision)
    return revision


def current_revision(connection: Connection) -> str | None:
    """Return the revision of a database, its last step; None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def latest() -> str:
    """Return the last revision of this version."""
    head = _script().get_current_head()
    if head is None:
        raise AssertionError("the package holds its migrations")
    return head


def is_known(revision: str) -> bool:
    """Whether this version has the revision. If not, a newer version made it, or a former one."""
    return any(step.revision == revision for step in _script().walk_revisions())


def is_latest(connection: Connection) -> bool:
    """Whether the database has the schema of this version, and no newer one."""
    return current_revision(connection) == latest()


def is_usable(connection: Connection) -> bool:
    """Whether this version can run on the database.

    It has the latest schema of this version, or a newer one that this version can still use.
    """
    revision = current_revision(connection)
    if revision is None or is_known(revision):
        return revision == latest()
    oldest = oldest_code(connection)
    return oldest is not None and is_known(oldest)


def oldest_code(connection: Connection) -> str | None:
    """Return the oldest revision whose code can use the database; None if it isn't recorded."""
    if not _records_oldest_code(connection):
        return None
    oldest: str | None = connection.execute(select(_VERSION.c.oldest_code)).scalar()
    return oldest


def _records_oldest_code(connection: Connection) -> bool:
    columns = inspect(connection).get_columns(_VERSION.name)
    return any(each["name"] == _VERSION.c.oldest_code.name for each in columns)


def _script() -> ScriptDirectory:
    return ScriptDirectory(str(_FOLDER))


def _upgrade(to: str, connection: Connection) -> None:
    script = _script()

    def steps(revision: Any, _: MigrationContext) -> Any:
        return script._upgrade_revs(to, revision)

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection, target_metadata=metadata)
        environment.run_migrations()
    revision = current_revision(connection)
    if revision is not None and _records_oldest_code(connection):
        step = script.get_revision(revision).module
        oldest = getattr(step, _VERSION.c.oldest_code.name, revision)
        connection.execute(update(_VERSION).values(oldest_code=oldest))


def _with(url: str, work: Work[Any]) -> Any:
    parsed = parse(url)
    if parsed.drivername == "sqlite":
        return _on_sqlite(parsed.database or "", work)
    return asyncio.run(_on_postgres(url, work))


def _on_sqlite(path: str, work: Work[Any]) -> Any:
    Path(path).touch(mode=0o600, exist_ok=True)
    with sqlalchemy_connection(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            result = work(connection)
            connection.exec_driver_sql("COMMIT")
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        return result


async def _on_postgres(url: str, work: Work[Any]) -> Any:
    address, tls = translate(parse(url))
    arguments: dict[str, Any] = {} if tls is None else {"ssl": tls}
    engine = create_async_engine(address, poolclass=NullPool, connect_args=arguments)
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        return await connection.run_sync(work)
