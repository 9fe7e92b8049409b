"""Lets a few tasks work at once. Of those that wait, the oldest comes next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from storage.engine.oldest_first import OldestFirst

MAX_WAIT = 30.0
"""Seconds that a transaction waits for a free connection. Then it fails with TimeoutError."""


class Turns:
    """Limits how many tasks work at once. Of those that wait, the oldest comes next."""

    def __init__(self, at_once: int) -> None:
        """Allow `at_once` turns at a time."""
        self._free = at_once
        self._waiting: OldestFirst[asyncio.Future[None]] = OldestFirst()

    @asynccontextmanager
    async def turn(self, since: float | None = None) -> AsyncIterator[None]:
        """Let the caller work until the context ends, once one of the places is free.

        `since` is the loop's time from which the wait counts; None: from now.
        Raises TimeoutError after MAX_WAIT: whoever has the turns may hang.
        """
        await self._enter(since)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, since: float | None) -> None:
        if self._free > 0:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(turn, since)
        try:
            async with asyncio.timeout(MAX_WAIT):
                await turn
        except (asyncio.CancelledError, TimeoutError):
            if not turn.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        """Pass the turn on to the oldest that waits."""
        while self._waiting:
            turn = self._waiting.take()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
