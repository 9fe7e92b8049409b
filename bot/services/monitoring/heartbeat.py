"""Telling somebody outside that the bot is well: one that is dead cannot say that it is."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import structlog
from telegram.error import TelegramError

log = structlog.get_logger()

EVERY = 60.0
"""Seconds between two beats."""

_PATIENCE = aiohttp.ClientTimeout(total=20)

Look = Callable[[], Awaitable[str | None]]


class Heartbeat:
    """Asks for an address each minute in which nothing is missing, and is silent otherwise."""

    def __init__(self, url: str, *looks: Look) -> None:
        """Ask for `url`, which is never logged, while each of `looks` returns None."""
        self._url = url
        self._looks = looks
        self._why = ""

    async def run(self) -> None:
        """Beat for ever."""
        while True:
            await self.beat()
            await asyncio.sleep(EVERY)

    async def beat(self) -> bool:
        """Beat once, if all is well; tell whether it arrived."""
        why = await self._missing()
        if why is None:
            why = await self._ask()
        if (why or "") != self._why:
            self._why = why or ""
            if why:
                log.warning("no heartbeat", reason=why)
            else:
                log.info("the heart beats again")
        return why is None

    async def _missing(self) -> str | None:
        for look in self._looks:
            try:
                if why := await look():
                    return why
            except TelegramError as error:
                return f"Telegram does not answer ({type(error).__name__})"
        return None

    async def _ask(self) -> str | None:
        """Ask for the address; return what came of it, unless that is well."""
        try:
            async with (
                aiohttp.ClientSession(timeout=_PATIENCE) as session,
                session.get(self._url, allow_redirects=False) as response,
            ):
                return None if response.ok else f"its address answered {response.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            # Only the kind: the words hold the address.
            return f"its address does not answer ({type(error).__name__})"
