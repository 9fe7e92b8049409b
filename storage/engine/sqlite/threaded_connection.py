"""A connection to a SQLite file, with a thread of its own in which it is used."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TypeVar

import aiosqlite

T = TypeVar("T")

PREPARED_STATEMENTS = 500
"""How many statements a connection keeps prepared: preparing one takes longer than running it."""


class ThreadedConnection(aiosqlite.Connection):
    """A connection whose thread runs a function in one hop."""

    async def run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run `function` in the connection's thread, and return its result."""
        result: T = await self._execute(function, self._conn)  # type: ignore[no-untyped-call]  # aiosqlite leaves it untyped
        return result

    async def end(self) -> None:
        """Close the connection, and wait until its thread has ended, just after `close` returns."""
        await self.close()
        self.join()

    def join(self) -> None:
        """Wait until the thread has ended, which was told to."""
        self._thread.join()


async def connect(path: Path, pragmas: Iterable[str], stack: AsyncExitStack) -> ThreadedConnection:
    """Connect to the file at `path`. `stack` ends the thread, which would live on."""
    connection = ThreadedConnection(partial(_connect, path), 64)
    try:
        await connection
    except BaseException:
        # Its thread is ending, and reports to this event loop, which may close soon.
        connection.join()
        raise
    stack.push_async_callback(connection.end)
    for pragma in pragmas:
        await connection.execute_fetchall(pragma)
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    """Connect in the calling thread, to a file that only its owner can read."""
    path.touch(mode=0o600, exist_ok=True)
    return sqlite3.connect(path, isolation_level=None, cached_statements=PREPARED_STATEMENTS)
