"""What time it is at Telegram: any answer of its server says so."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

_PATIENCE = aiohttp.ClientTimeout(total=10)
"""So long may an answer be under way, and the date in it be old."""


async def seconds_off(api: str, clock: Callable[[], datetime]) -> float | None:
    """Return how many seconds `clock` is before or behind the server at `api`; None where it does
    not say what time it is there. Its date has whole seconds only (RFC 9110, section 6.6.1).

    It is asked without the token. Raises aiohttp.ClientError and TimeoutError.
    """
    async with (
        aiohttp.ClientSession(timeout=_PATIENCE) as session,
        session.head(api, allow_redirects=False) as response,
    ):
        now, date = clock(), response.headers.get("Date", "")
    try:
        there = parsedate_to_datetime(date).astimezone(UTC)
    except ValueError:
        return None
    return abs((now - there).total_seconds())
