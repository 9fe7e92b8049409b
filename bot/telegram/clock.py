"""Compares the clock with that of Telegram's server, which dates every answer."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

_TIMEOUT = aiohttp.ClientTimeout(total=10)
"""The date of an answer may be as old as the time that the answer took."""


async def seconds_off(api: str, clock: Callable[[], datetime]) -> float | None:
    """Return how many seconds `clock` differs from the server at `api`; None if it sends no date.

    The date has whole seconds only (RFC 9110, section 6.6.1). The request has no token. Raises
    aiohttp.ClientError and TimeoutError.
    """
    async with (
        aiohttp.ClientSession(timeout=_TIMEOUT) as session,
        session.head(api, allow_redirects=False) as response,
    ):
        now, date = clock(), response.headers.get("Date", "")
    try:
        there = parsedate_to_datetime(date).astimezone(UTC)
    except ValueError:
        return None
    return abs((now - there).total_seconds())
