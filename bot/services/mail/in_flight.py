"""Limit how many mails are in flight at once. After a crash, those may have been sent or not."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

FLIGHT_SECONDS = 0.2
"""The limit is as many mails as finish within these seconds: a fast server may have more."""


class Place:
    """A place among the mails in flight; it is left once, at the end or before."""

    def __init__(self, limit: "InFlightLimit | None") -> None:
        """Take a place that counts in `limit`; None: it does not count."""
        self._limit = limit

    def leave(self) -> None:
        """Give the place to the next in line."""
        if self._limit is not None:
            limit, self._limit = self._limit, None
            limit.leave()


class InFlightLimit:
    """A semaphore whose width follows the throughput."""

    def __init__(self, minimum: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow `minimum` at first, and never less. `clock` returns seconds."""
        self._minimum = minimum
        self._clock = clock
        self._inside = 0
        self._finished: deque[float] = deque()
        """When mails finished, within the last second."""
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def width(self) -> int:
        """How many may be in flight now, from the throughput of the last second."""
        now = self._clock()
        while self._finished and self._finished[0] <= now - 1:
            self._finished.popleft()
        return max(self._minimum, int(len(self._finished) * FLIGHT_SECONDS))

    async def enter(self) -> Place:
        """Wait for a place, in the order of arrival."""
        if self._inside < self.width:
            self._inside += 1
            return Place(self)
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if not waiting.cancelled():
                self._pass_on()
            raise
        return Place(self)

    def leave(self) -> None:
        """Note that a mail finished, and give its place to the next in line."""
        self._finished.append(self._clock())
        self._pass_on()

    def _pass_on(self) -> None:
        self._inside -= 1
        width = self.width
        while self._waiting and self._inside < width:
            waiting = self._waiting.popleft()
            if not waiting.done():
                self._inside += 1
                waiting.set_result(None)
