"""The clock of a process: it shows the time of the database's server, as those of all others do.

Leases and deadlines are stored by one process and compared by another, so all must agree on the
time. Between two readings the clock runs by the monotonic clock: nothing that happens to the clock
of this machine moves it.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Self

from storage.engine import server_time
from storage.engine.database import Database

MAX_ANSWER_SECONDS = 1.0
"""How long the database's answer may take, except for the first one."""


class SharedClock:
    """Returns the time when it is called. It is this machine's until it was first set."""

    def __init__(self, stopwatch: Callable[[], float] = time.monotonic) -> None:
        """`stopwatch` returns seconds that always advance."""
        self._stopwatch = stopwatch
        self._time, self._read = datetime.now(UTC), stopwatch()
        self._is_set = False

    @classmethod
    async def of(cls, database: Database) -> Self:
        """Return a clock that shows the time of the server of `database`."""
        clock = cls()
        await clock.set(database)
        return clock

    def __call__(self) -> datetime:
        """Return the time, in UTC."""
        return self._time + timedelta(seconds=self._stopwatch() - self._read)

    async def set(self, database: Database) -> timedelta:
        """Set it by the database's server. Return how far that moved it; backwards is negative.

        With SQLite, it is set by this machine. An answer that took too long says little, and does
        not move it. Raises what the database raises.
        """
        asked = self._stopwatch()
        if database.multi_process:
            there = await database.read(server_time.read_time)
        else:
            there = datetime.now(UTC)
        answered = self._stopwatch()
        if answered - asked > MAX_ANSWER_SECONDS and self._is_set:
            return timedelta()
        self._is_set = True
        # The answer took half of the time to come back.
        now = there + timedelta(seconds=(answered - asked) / 2)
        moved = now - (self._time + timedelta(seconds=answered - self._read))
        self._time, self._read = now, answered
        return moved
