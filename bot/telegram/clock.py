"""Compares the clock with that of Telegram's server, which dates every answer."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

CLOCK_ERRORS = (OSError, HTTPException)
"""What is raised if the server can't be asked."""

_TIMEOUT = 10
"""Seconds. The date of an answer may be as old as the time that the answer took."""


async def seconds_off(api: str, clock: Callable[[], datetime]) -> float | None:
    """Return how many seconds `clock` differs from the server at `api`; None if it sends no date.

    The date has whole seconds only (RFC 9110, section 6.6.1). The request has no token. Raises one
    of CLOCK_ERRORS.
    """
    date = await asyncio.to_thread(_date, api)
    now = clock()
    try:
        there = parsedate_to_datetime(date).astimezone(UTC)
    except ValueError:
        return None
    return abs((now - there).total_seconds())


def _date(api: str) -> str:
    """Return the Date header of an answer of the server; "" if it sends none."""
    server = urlsplit(api)
    connect = HTTPSConnection if server.scheme == "https" else HTTPConnection
    connection = connect(server.hostname or "", server.port, timeout=_TIMEOUT)
    try:
        connection.request("HEAD", server.path or "/")
        return connection.getresponse().getheader("Date", "")
    finally:
        connection.close()
