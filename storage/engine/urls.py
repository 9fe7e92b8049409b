"""URLs of databases, and the engine that each stands for."""

import os
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.engine.database import Database
from storage.engine.sqlite.database import SqliteDatabase

_TLS_OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey")


class DatabaseUrlError(Exception):
    """A database URL cannot be used. The text says why, without the password."""


async def open_database(url: str) -> Database:
    """Open the database at `sqlite:///path` or `postgresql://user:password@host/name?sslmode=…`.

    Raises DatabaseUrlError.
    """
    parsed = parse(url)
    if parsed.drivername == "sqlite":
        return await SqliteDatabase.open(Path(parsed.database or ""))
    # Imported here: it needs SQLAlchemy's parts for asyncio, which take 5 MB.
    from storage.engine.postgres.database import PostgresDatabase

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

    `sslmode`, `sslrootcert`, `sslcert` and `sslkey` mean what libpq says (PostgreSQL, 32.1.2):
    `require` encrypts without verifying the server, `verify-full` verifies its certificate and its
    name. Raises DatabaseUrlError.
    """
    query = {name: url.query.get(name) for name in _TLS_OPTIONS}
    for name, value in query.items():
        if isinstance(value, tuple):
            raise DatabaseUrlError(f"{name} is given twice in this address.")
    mode = query["sslmode"]
    rest = url.difference_update_query(_TLS_OPTIONS).set(drivername="postgresql+asyncpg")
    match mode:
        case None | "prefer" | "allow":
            return rest, None
        case "disable":
            return rest, False
        case "require" | "verify-ca" | "verify-full":
            context = _tls_context(query)
            context.check_hostname = mode == "verify-full"
            if mode == "require":
                context.verify_mode = ssl.CERT_NONE
            return rest, context
        case _:
            raise DatabaseUrlError("This sslmode is not known: use verify-full")


def require_protected(url: URL) -> None:
    """Raise DatabaseUrlError if a middleman could read the connection or answer as the server.

    Loopback and Unix sockets stay on the machine. Anything else needs `sslmode=verify-full`.
    """
    if url.drivername == "sqlite" or url.query.get("sslmode") == "verify-full":
        return
    named = url.query.get("host") or url.host or os.environ.get("PGHOST", "")
    hosts = (named,) if isinstance(named, str) else named
    if not all(_is_local(each) for host in hosts for each in host.split(",")):
        raise DatabaseUrlError(
            "Someone between the bot and this server could read the password and all data."
            " Add ?sslmode=verify-full to the address, and &sslrootcert=FILE"
            " if the server's certificate is from an authority of your own."
        )


def _is_local(host: str) -> bool:
    """Whether the host is a folder of Unix sockets, or loopback. An empty one is either."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    name = host.partition("]")[0].strip("[") if host.startswith("[") else host
    if name.count(":") == 1:
        name = name.partition(":")[0]
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _tls_context(query: Mapping[str, Any]) -> ssl.SSLContext:
    """Return a context that trusts `sslrootcert`, or the system's authorities without it."""
    authority, certificate, key = query["sslrootcert"], query["sslcert"], query["sslkey"]
    if authority == "system":
        authority = None
    try:
        context = ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError):
        raise DatabaseUrlError("The file in sslrootcert can't be read, or isn't PEM.") from None
    if certificate is not None:
        try:
            context.load_cert_chain(certificate, key, password="")
        except (OSError, ssl.SSLError):
            raise DatabaseUrlError("The files in sslcert and sslkey don't fit together.") from None
    return context
