"""Write SQLite's write-ahead log back to the file, beside transactions.

SQLite would do that inside the COMMIT that makes the log too long, and everybody would wait for
thousands of writes all over the file and for two syncs (“Write-Ahead Logging”, 2.3). Here another
connection does it, in a thread of its own. It keeps no transaction waiting (PASSIVE), and does it
often, since the sync of much data slows down the sync of a commit.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from storage.engine.sqlite.threaded_connection import ThreadedConnection, connect

BUSY_TIMEOUT = "PRAGMA busy_timeout = 5000"
"""How long a statement waits for a lock, in milliseconds."""

INTERVAL = 0.25
"""Seconds from a commit to the next time that the log is written back."""

LONG_LOG = 2_000
"""Number of pages from which the log must begin again, 8 MB."""

CATCH_UP = 2
"""How often what was added meanwhile is written back before transactions pause for the rest."""

MAX_ATTEMPTS = 10
"""How often the log is tried to be emptied at once, between two reads."""


class Checkpoints:
    """Writes the log of one file back. `close` must be called before the connections are closed."""

    def __init__(
        self,
        path: Path,
        pragmas: Sequence[str],
        writer: ThreadedConnection,
        wait_for_read: Callable[[], Awaitable[object]],
        long_log: int = LONG_LOG,
    ) -> None:
        """`writer` runs the transactions; `wait_for_read` waits until the present read has ended.

        `pragmas` set up the own connection. The log begins again after about `long_log` pages.
        """
        self._path = path
        self._pragmas = pragmas
        self._writer = writer
        self._wait_for_read = wait_for_read
        self._long_log = long_log
        self._limit = long_log
        """Length of the log at which writing it back pauses transactions."""
        self._stack = AsyncExitStack()
        self._beside: ThreadedConnection | None = None
        self._opening = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._is_due = False

    def request(self) -> None:
        """Write the log back in a moment, since something was committed."""
        self._is_due = True
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def write_back(self) -> None:
        """Write the log back, beside transactions.

        That comes to no end while transactions add to the log. Once it is long, what they added
        meanwhile is written between two of them, so that the next one begins the log again.
        """
        beside = await self._connection()
        length = await beside.run(_write_back)
        if length < self._long_log:
            self._limit = self._long_log
        elif length >= self._limit:
            self._limit = length + self._long_log  # a long read may keep the log from beginning
            for _ in range(CATCH_UP):
                await beside.run(_write_back)
            await self._writer.run(_write_back)

    async def empty(self) -> None:
        """Empty the log. If reads keep that from happening again and again, leave it."""
        for _ in range(MAX_ATTEMPTS):
            await self.write_back()
            if await self._writer.run(_empty):
                return
            await self._wait_for_read()

    async def close(self) -> None:
        """Stop, and close the connection."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._stack.aclose()

    async def _run(self) -> None:
        try:
            while self._is_due:
                await asyncio.sleep(INTERVAL)
                self._is_due = False
                # On a full disk, for example: the log keeps everything until the next time.
                with suppress(sqlite3.Error, OSError):
                    await self.write_back()
        finally:
            self._task = None

    async def _connection(self) -> ThreadedConnection:
        async with self._opening:
            if self._beside is None:
                self._beside = await connect(self._path, self._pragmas, self._stack)
            return self._beside


def _write_back(driver: sqlite3.Connection) -> int:
    """Write back as much of the log as can be without waiting. Return its length, in pages."""
    # Fetch all rows: an open statement would block the next transaction.
    ((_, length, _),) = driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    return int(length)


def _empty(driver: sqlite3.Connection) -> bool:
    """Empty the log; return whether that succeeded. It waits for no read."""
    driver.execute("PRAGMA busy_timeout = 0").fetchall()
    try:
        ((busy, _, _),) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        driver.execute(BUSY_TIMEOUT).fetchall()
    return not busy
