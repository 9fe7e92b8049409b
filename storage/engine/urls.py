"""URLs of databases, and the engine that each stands for."""

import ssl
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.engine.database import Database
from storage.engine.postgres import PostgresDatabase
from storage.engine.sqlite import SqliteDatabase


class DatabaseUrlError(Exception):
    """A database URL cannot be used. The text says why, without the password."""


async def open_database(url: str) -> Database:
    """Open the database at `sqlite:///path` or `postgresql://user:password@host/name?sslmode=…`.

    Raises DatabaseUrlError.
    """
    parsed = parse(url)
    if parsed.drivername == "sqlite":
        return await SqliteDatabase.open(Path(parsed.database or ""))
    address, tls = translate(parsed)
    return PostgresDatabase.open(address, tls)


def parse(url: str) -> URL:
    """Parse `url`. Raises DatabaseUrlError."""
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
        raise DatabaseUrlError("This database is not known here: use sqlite:/// or postgresql://")
    return parsed


def translate(url: URL) -> tuple[URL, ssl.SSLContext | bool | None]:
    """Return a PostgreSQL URL in the form that asyncpg expects, and its TLS settings.

    `sslmode` has the meaning that libpq gives it (PostgreSQL, 34.19): `require` encrypts without
    verifying the server, `verify-full` verifies its certificate and its name.
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
            raise DatabaseUrlError("This sslmode is not known: use require or verify-full")
