"""Runs the steps in `versions/` with alembic."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from storage.engine.database import Work
from storage.engine.sqlite.database import sqlalchemy_connection
from storage.engine.urls import parse, translate
from storage.schema.tables import metadata

_LOCK = 0x6163_7469_6F6E
"""Advisory lock (PostgreSQL, 13.3.5) under which a database is migrated: “action” in ASCII."""

LOCK_TIMEOUT = "3s"
"""How long a step waits for a table: everybody who uses the table waits behind it."""


def run(connection: Connection, folder: Path, to: str) -> None:
    """Run the steps of a folder that are missing, up to the revision `to`."""
    script = scripts(folder)

    def steps(revision: Any, _: MigrationContext) -> Any:
        return script._upgrade_revs(to, revision)

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection, target_metadata=metadata)
        environment.run_migrations()


def oldest_code_after(folder: Path, revision: str) -> str:
    """Return the oldest revision whose code works with the schema after the step `revision`."""
    oldest: str = getattr(scripts(folder).get_revision(revision).module, "oldest_code", revision)
    return oldest


def scripts(folder: Path) -> ScriptDirectory:
    """Return the steps of a folder, as alembic reads them."""
    return ScriptDirectory(str(folder))


def within_lock(url: str, work: Work[Any]) -> Any:
    """Run `work` in a transaction while no other process migrates the database."""
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
