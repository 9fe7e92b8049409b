"""Lets a few tasks work at once. Of those that wait, the oldest comes next."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

MAX_WAIT = 30.0
"""Seconds after which a task that waits gives up, as it would for a connection of a pool."""


@dataclass(order=True)
class _Waiting:
    since: float
    number: int
    turn: "asyncio.Future[None]" = field(compare=False)


class Turns:
    """So many turns at once, the oldest first. A semaphore and a pool know only who asked first."""

    def __init__(self, at_once: int) -> None:
        """Allow `at_once` turns at a time."""
        self._free = at_once
        self._numbers = count()
        self._waiting: list[_Waiting] = []

    @asynccontextmanager
    async def turn(self, since: float | None = None) -> AsyncIterator[None]:
        """Wait for a turn, and have it until the context ends.

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
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        begin = loop.time() if since is None else since
        heapq.heappush(self._waiting, _Waiting(begin, next(self._numbers), turn))
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
            turn = heapq.heappop(self._waiting).turn
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
