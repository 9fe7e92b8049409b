"""Decide whether work may be taken over from a process whose lease has ended.

A lease also ends while the database is out of reach, while this process stands still, and when a
clock is set. Then its holder may be alive, and may know what became of the work. So after each of
these, nothing is taken over for a while: the holder renews its lease, or records what it knows.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

RECOVERY_GRACE = timedelta(seconds=30)
"""How long holders have after an outage: each renews its leases every twenty seconds."""

MAX_SILENCE = 10.0
"""Seconds between two contacts with the database after which leases may have ended by mistake."""


class RecoveryGate:
    """Is open once the database has answered without interruption for the whole grace period."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        grace: timedelta = RECOVERY_GRACE,
        *,
        alone: bool = False,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with a grace period in which nothing may be taken over.

        There is none if this process is `alone`, the only one on its database: any lease that it
        finds belongs to a process that has ended.

        `clock` returns the time that leases are compared with, `stopwatch` seconds.
        """
        self._clock = clock
        self._grace = grace.total_seconds()
        self._stopwatch = stopwatch
        self._last: tuple[float, datetime] | None = None
        """When the database last answered, by both clocks."""
        self._since = stopwatch() - (self._grace if alone else 0)
        """Since when the database has answered without interruption."""

    def contact(self) -> None:
        """Note that the database has just committed a transaction."""
        if self._is_interrupted():
            self.close()
        if self._grace:
            self._last = self._stopwatch(), self._clock()

    def close(self) -> None:
        """Note that the database has just failed: the grace period begins."""
        self._since = self._stopwatch()

    @property
    def is_open(self) -> bool:
        """Whether what is leased may be taken over once its lease has ended."""
        return not self._is_interrupted() and self._stopwatch() - self._since >= self._grace

    def _is_interrupted(self) -> bool:
        if self._last is None or not self._grace:
            return False
        passed = self._stopwatch() - self._last[0]
        by_clock = (self._clock() - self._last[1]).total_seconds()
        return passed > MAX_SILENCE or abs(by_clock - passed) > MAX_SILENCE
