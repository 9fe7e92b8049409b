"""The one way to the tables: a plain function of a connection, handed over whole.

`await database.transact(work)` commits what `work` did and returns what it returned. A work touches
nothing but its connection, may run twice, and may commit although its caller was cancelled.
"""

import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

T = TypeVar("T")
Work = Callable[[Connection], T]


class DatabaseUrlError(Exception):
    """The address of the database cannot be used; the text says why, without the password."""


class Database(ABC):
    """Where everything is kept, on either engine."""

    replicas: ClassVar[bool]
    """Whether several processes may work on it at once."""

    @abstractmethod
    async def transact(self, work: Work[T]) -> T:
        """Return what `work` returns, once it is committed. Raises what `work` or COMMIT raised."""

    @abstractmethod
    async def read(self, work: Work[T]) -> T:
        """Return what `work` returns; it sees one committed state and may change nothing."""

    @abstractmethod
    async def tidy(self) -> None:
        """Let go of what was erased, as far as the engine keeps copies."""

    @abstractmethod
    async def close(self) -> None:
        """Finish what waits and let go of all connections and threads."""


async def open_database(url: str) -> Database:
    """Open the database at `sqlite:///path` or `postgresql://user:password@host/name?sslmode=…`.

    Raises DatabaseUrlError.
    """
    # Here, so that one who uses SQLite needs no driver of PostgreSQL, and the other way round.
    from storage.postgres import PostgresDatabase
    from storage.sqlite import SqliteDatabase

    parsed = parse(url)
    if parsed.drivername == "sqlite":
        return await SqliteDatabase.open(Path(parsed.database or ""))
    address, tls = translate(parsed)
    return PostgresDatabase.open(address, tls)


def parse(url: str) -> URL:
    """Return `url` in its parts. Raises DatabaseUrlError."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None:
        raise DatabaseUrlError("This is no address of a database. Write sqlite:///actionbot.db")
    if parsed.drivername == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise DatabaseUrlError("The address names no file. Write sqlite:///actionbot.db")
        return parsed
    if parsed.drivername not in ("postgresql", "postgres"):
        name = parsed.drivername
        raise DatabaseUrlError(f"{name}: is not known here. Use sqlite:/// or postgresql://")
    return parsed


def translate(url: URL) -> tuple[URL, ssl.SSLContext | bool | None]:
    """Return a PostgreSQL address as asyncpg takes it, and its TLS.

    `sslmode` means what libpq says (PostgreSQL, 34.19): `require` encrypts without looking who is
    there, `verify-full` looks.
    """
    mode = url.query.get("sslmode")
    rest = url.difference_update_query(["sslmode"]).set(drivername="postgresql+asyncpg")
    match mode:
        case None | "prefer" | "allow":
            return rest, None
        case "disable":
            return rest, False
        case "require":
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return rest, context
        case "verify-ca":
            context = ssl.create_default_context()
            context.check_hostname = False
            return rest, context
        case "verify-full":
            return rest, ssl.create_default_context()
        case _:
            raise DatabaseUrlError(f"sslmode={mode} is not known: use require or verify-full")
