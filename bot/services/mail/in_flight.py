"""How many mails may have begun at once: after a crash, it is these that may have left."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

MOMENT = 0.2
"""Seconds. As many may have begun as go meanwhile: where mail goes fast, none waits for long."""


class InFlightLimit:
    """Lets in, in their order, as many as it is wide."""

    def __init__(self, least: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Be as wide as `least` at first, and always."""
        self._least = least
        self._clock = clock
        self._inside = 0
        self._left: deque[float] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def width(self) -> int:
        """How many may be inside: as many as leave in a MOMENT, measured over the last second."""
        now = self._clock()
        while self._left and self._left[0] <= now - 1:
            self._left.popleft()
        return max(self._least, int(len(self._left) * MOMENT))

    async def __aenter__(self) -> None:
        """Wait for room."""
        if self._inside < self.width:
            self._inside += 1
            return
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if not waiting.cancelled():
                self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        """Make room."""
        self._left.append(self._clock())
        self._leave()

    def _leave(self) -> None:
        self._inside -= 1
        width = self.width
        while self._waiting and self._inside < width:
            waiting = self._waiting.popleft()
            if not waiting.done():
                self._inside += 1
                waiting.set_result(None)
