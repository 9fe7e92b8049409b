"""Transactions on SQLite: a plain function of a connection, handed over whole.

`await database.transact(work)` runs `work` in the connection's one thread, in a single hop.
Transactions that wait share one COMMIT, and nobody is answered before it. If anything fails, COMMIT
included, the batch is rolled back and each work runs again alone, so that only the guilty fail.
Savepoints would be wrong on a full disk, where SQLite rolls back the whole transaction.

So a work touches nothing but its connection, may run twice, and may commit although its caller was
cancelled meanwhile.
"""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import aiosqlite
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from storage.engine.database import Database, Work

T = TypeVar("T")

# How many waiting transactions share a commit, so that none waits for long.
MAX_BATCH = 200

# FULL keeps a commit through a loss of power, which NORMAL does not; group commit makes it cheap.
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
    # Pages, 16 MB: writing the log back is dear. `tidy` empties it every ten minutes in any case.
    "PRAGMA wal_autocheckpoint = 4000",
)

_here = threading.local()

# One for all connections, so that each statement is compiled once in a process, whatever is opened.
_ENGINE = create_engine(
    "sqlite://",
    creator=lambda: _here.driver,
    poolclass=NullPool,
    isolation_level="AUTOCOMMIT",
)


def sqlalchemy_connection(driver: sqlite3.Connection) -> Connection:
    """Return SQLAlchemy's way to a connection, which leaves BEGIN and COMMIT to us.

    It is for this thread alone; closed, it closes `driver`.
    """
    _here.driver = driver
    return _ENGINE.connect()


class _Hop(aiosqlite.Connection):
    """A connection whose thread runs a whole function in one hop."""

    async def run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `function` returns, run in the connection's thread."""
        result: T = await self._execute(function, self._conn)  # type: ignore[no-untyped-call]  # aiosqlite leaves it untyped
        return result

    async def end(self) -> None:
        """Close, and wait for the thread's end, which comes moments after `close` returns."""
        await self.close()
        self._thread.join()


@dataclass
class _Waiting:
    work: Work[Any]
    answer: asyncio.Future[Any]


class SqliteDatabase(Database):
    """One SQLite file. Open it with `open`, and close it, or its threads live on.

    Long reads have a connection and a thread of their own, so that they hold up no transaction.
    """

    replicas = False

    def __init__(
        self, path: Path, hop: _Hop, writing: Connection, reader: _Hop, reading: Connection
    ) -> None:
        """Use two connections, each with SQLAlchemy's way to it; `open` makes them."""
        self._path = path
        self._place: sqlite3.Connection | None = None
        self._hop = hop
        self._writing = writing
        self._reader = reader
        self._reading = reading
        self._waiting: deque[_Waiting] = deque()
        self._committer: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the file at `path`, made with mode 0600 where there is none."""
        async with AsyncExitStack() as stack:
            hop = await _start(path, PRAGMAS, stack)
            reader = await _start(path, ("PRAGMA query_only = ON",), stack)
            opened = cls(
                path,
                hop,
                await hop.run(sqlalchemy_connection),
                reader,
                await reader.run(sqlalchemy_connection),
            )
            # From here on, `close` ends what was started.
            stack.pop_all()
        return opened

    async def close(self) -> None:
        """Finish what waits, and end the connection and its thread."""
        while self._committer:
            await asyncio.wait([self._committer])
        for hop, way in ((self._reader, self._reading), (self._hop, self._writing)):
            await hop.run(partial(_close, way))
            await hop.end()
        if self._place is not None:
            self._place.close()

    async def read(self, work: Work[T]) -> T:
        """Return what `work` returns; it sees one committed state and may change nothing."""

        def reading(driver: sqlite3.Connection) -> T:
            driver.execute("BEGIN")
            try:
                return work(self._reading)
            finally:
                self._reading.rollback()
                # That does nothing where `work` asked nothing, or broke before it did.
                driver.rollback()

        return await self._reader.run(reading)

    async def occupy(self) -> bool:
        """Claim the one place: a lock on a file beside the database."""
        self._place = self._place or _lock(self._path.with_name(f"{self._path.name}.lock"))
        return self._place is not None

    async def tidy(self) -> None:
        """Empty the write-ahead log, where what was erased still stands."""
        # All rows are fetched: a statement left open would be in the way of what comes next.
        await self._hop.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")

    async def transact(self, work: Work[T]) -> T:
        """Return what `work` returns, once it is committed. Raises what `work` or COMMIT raised."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(work, answer))
        if self._committer is None:
            self._committer = asyncio.create_task(self._drain())
        return await answer

    async def _drain(self) -> None:
        try:
            while self._waiting:
                size = min(MAX_BATCH, len(self._waiting))
                batch = [self._waiting.popleft() for _ in range(size)]
                works = [waiting.work for waiting in batch]
                outcomes = await self._hop.run(partial(self._commit, works))
                for waiting, outcome in zip(batch, outcomes, strict=True):
                    _tell(waiting.answer, outcome)
        finally:
            self._committer = None

    def _commit(
        self, works: list[Work[Any]], _: sqlite3.Connection
    ) -> list[tuple[Any, Exception | None]]:
        try:
            return [(result, None) for result in self._together(works)]
        except Exception as error:
            if len(works) == 1:
                return [(None, error)]
        return [outcome for work in works for outcome in self._commit([work], _)]

    def _together(self, works: list[Work[Any]]) -> list[Any]:
        self._writing.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            results = [work(self._writing) for work in works]
            self._writing.exec_driver_sql("COMMIT")
        except BaseException:
            # Nothing where SQLite did so itself, as after OR ROLLBACK or on a full disk.
            self._writing.rollback()
            raise
        return results


async def _start(path: Path, pragmas: Iterable[str], stack: AsyncExitStack) -> _Hop:
    """Start a connection and its thread, which `stack` ends: left alone, it lives for ever."""
    hop = _Hop(partial(_connect, path), 64)
    await hop
    stack.push_async_callback(hop.end)
    for pragma in pragmas:
        await hop.execute_fetchall(pragma)
    return hop


def _connect(path: Path) -> sqlite3.Connection:
    """Connect in the connection's own thread, to a file that only its owner reads."""
    path.touch(mode=0o600, exist_ok=True)
    return sqlite3.connect(path, isolation_level=None)


def _lock(path: Path) -> sqlite3.Connection | None:
    """Lock `path` as SQLite locks files, which works on every system and ends with the process."""
    lock = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        lock.close()
        return None
    return lock


def _close(way: Connection, _: sqlite3.Connection) -> None:
    way.close()


def _tell(answer: asyncio.Future[Any], outcome: tuple[Any, Exception | None]) -> None:
    result, error = outcome
    if answer.done():
        return
    if error is None:
        answer.set_result(result)
    else:
        answer.set_exception(error)
