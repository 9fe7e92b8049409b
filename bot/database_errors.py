"""Say in words why a database can't be opened or used, without any secret."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import URL

from bot.errors import CommandError
from bot.system_errors import describe_connection_error
from conversations.model.mistakes import describe_file_error
from storage.engine.database import DATABASE_ERRORS
from storage.engine.urls import parse

_RESTORE = "Restore a backup: actionbot restore FILE"
_OWN_IT = (
    "Check owner and mode of the file and of its folder (ls -l), and run this as the bot's user."
)

_SQLITE = {
    5: ("Another program has locked it.", "Stop that program."),
    6: ("Another program has locked it.", "Stop that program."),
    8: ("You have no right to write to it.", _OWN_IT),
    10: ("The disk reports an error.", "Check the disk, and that it isn't a network drive."),
    11: ("Its file is damaged.", _RESTORE),
    13: ("The disk is full.", "Free some space."),
    14: ("Its file can't be opened or created.", _OWN_IT),
    26: ("Its file is damaged, or isn't an SQLite database.", _RESTORE),
}
"""Reasons and fixes by SQLite's primary result code."""

_POSTGRESQL = {
    "28P01": ("The password of user “{user}” is wrong, or there is no such user.", "{login}"),
    "28000": (
        "The server doesn't let user “{user}” in.",
        "Check that the user exists, and what pg_hba.conf allows. {login}",
    ),
    "3D000": ("There is no database “{name}” on the server.", "Create it: createdb {name}"),
    "42501": (
        "User “{user}” has no right to create or change tables in “{name}”.",
        'Make it the owner: ALTER DATABASE "{name}" OWNER TO "{user}"',
    ),
    "53300": ("The server has no free connection.", "Raise max_connections, or stop a program."),
    "08003": ("The server closes the connection.", "Look whether it runs, and try again."),
    "57P01": ("The server is stopping.", "Start it again."),
    "57P03": ("The server is starting or stopping.", "Try again in a moment."),
    "25006": ("The server is read-only.", "Use the primary server."),
    "53100": ("The server's disk is full.", "Free some space there."),
    "55P03": ("Something uses a table for long, such as a backup.", "Try again when it is done."),
}
"""Reasons and fixes by SQLSTATE (PostgreSQL, appendix A)."""

_TEMPORARY = ("08", "25006", "53", "57", "58")
"""Prefixes of SQLSTATE that mean that the server may be back in a moment: connection, read-only,
resources, operators and the system (PostgreSQL, appendix A).
"""

_LASTING = (ssl.SSLError, socket.gaierror, PermissionError)
"""System errors that stay until somebody fixes something."""

_LOGIN = "Fix user and password: postgresql://user:password@host/name, with @ as %40 and / as %2F."
_POSTGRESQL_PORT = 5432


class DatabaseOutage(CommandError):
    """The database's server is out of reach. It may be back in a moment."""


def database_error(error: BaseException, url: str) -> CommandError:
    """Return the error that a command reports when the database at `url` can't be used."""
    reason, fix = describe_database_error(error, url)
    parsed = parse(url)
    name = f" {parsed.database}" if parsed.drivername == "sqlite" else ""
    kind = DatabaseOutage if _is_out_of_reach(error, parsed) else CommandError
    return kind(f"Can't open the database{name}. {reason}", fix=fix, where="database.url")


def database_error_in(error: Exception, url: str) -> CommandError | None:
    """Return in words what `error`, or a group, says of the database at `url`; None: nothing."""
    if isinstance(error, ExceptionGroup):
        found = (database_error_in(each, url) for each in error.exceptions)
        return next((each for each in found if each is not None), None)
    if isinstance(error, DatabaseOutage):
        return error
    is_of_file = isinstance(error, OSError) and error.filename is not None
    if not isinstance(error, DATABASE_ERRORS) or is_of_file:
        return None
    return database_error(error, url)


def describe_database_error(error: BaseException, url: str) -> tuple[str, str]:
    """Return why the database at `url` can't be used, and how to fix it.

    The text of the error is never shown: drivers write addresses and passwords into it.
    """
    parsed = parse(url)
    causes = tuple(_causes(error))
    for cause in causes:
        if found := _explain(cause, parsed):
            return found
    # Only the error's class.
    reason = f"The reason is {type(causes[-1]).__name__}."
    return reason, "Check that the server runs, and that the address is right: actionbot doctor"


def _is_out_of_reach(error: BaseException, url: URL) -> bool:
    """Whether a server is out of reach, and not only because its name or address is wrong."""
    if url.drivername == "sqlite":
        return False
    for cause in _causes(error):
        if state := str(getattr(cause, "sqlstate", "") or ""):
            return state.startswith(_TEMPORARY)
        if getattr(cause, "connection_invalidated", False):  # SQLAlchemy: the connection was lost
            return True
        if isinstance(cause, OSError):
            return not isinstance(cause, _LASTING) and not _refuses_tls(cause)
    return False


def _refuses_tls(error: BaseException) -> bool:
    return type(error) is ConnectionError and "SSL" in str(error)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what it wraps: SQLAlchemy wraps the driver's error, and that another."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = getattr(current, "orig", None) or current.__cause__


def _explain(error: BaseException, url: URL) -> tuple[str, str] | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        if Path(url.database or "").is_dir():
            return "This is a folder, not a file.", "Name a file: sqlite:///actionbot.db"
        return _SQLITE.get(code & 0xFF)
    if found := _POSTGRESQL.get(str(getattr(error, "sqlstate", "") or "")):
        values = {"user": url.username or "", "name": url.database or "", "login": _LOGIN}
        reason, fix = found
        return reason.format(**values), fix.format(**values).strip()
    if url.drivername == "sqlite":
        return describe_file_error(error) if isinstance(error, OSError) else None
    return _explain_connection(error, url)


def _explain_connection(error: BaseException, url: URL) -> tuple[str, str] | None:
    """Explain why a PostgreSQL server can't be reached."""
    if isinstance(error, ssl.SSLCertVerificationError):
        fix = "Name the file of its authority: add &sslrootcert=FILE to database.url"
        return "The server's certificate can't be verified.", fix
    if _refuses_tls(error):
        fix = "Switch TLS on there. On this machine: add ?sslmode=disable to database.url"
        return "The server doesn't offer TLS.", fix
    if not isinstance(error, Exception) or not url.host:
        return None
    return describe_connection_error(error, url.host, url.port or _POSTGRESQL_PORT)
