"""Transactions on SQLite.

`await database.transact(work)` runs `work` in the thread of the connection, in a single hop.
Transactions that wait share one COMMIT, and no caller continues before it (group commit). If
anything fails, COMMIT included, the batch is rolled back and each work runs again alone, so that
only the failing one fails. Savepoints would not work on a full disk, where SQLite rolls back the
whole transaction.
"""

import asyncio
import sqlite3
import threading
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.pool import NullPool

from storage.engine.database import Database, Work
from storage.engine.memory import remembering
from storage.engine.oldest_first import OldestFirst
from storage.engine.sqlite.checkpoints import BUSY_TIMEOUT, Checkpoints
from storage.engine.sqlite.threaded_connection import ThreadedConnection, connect
from storage.engine.wake_ups import WakeUps, Worker, take

T = TypeVar("T")

MAX_BATCH = 200
"""How many transactions share a commit at most, so that none waits for long."""

# FULL, since with NORMAL a loss of power could undo a commit. Group commit makes FULL cheap.
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    BUSY_TIMEOUT,
    # No COMMIT writes the log back: `Checkpoints` does.
    "PRAGMA wal_autocheckpoint = 0",
)

_thread = threading.local()


class _BareBooleans(SQLiteCompiler):
    """Writes `held` and `NOT held` where SQLAlchemy writes `held = 1` and `held = 0`.

    SQLite uses a partial index only if the query has its condition word by word (“Partial Indexes”,
    3.1), and the conditions of indexes are written so.
    """

    def visit_is_true_unary_operator(self, element: Any, operator: Any, **kw: Any) -> str:
        return str(self.process(element.element, **kw))

    def visit_is_false_unary_operator(self, element: Any, operator: Any, **kw: Any) -> str:
        return f"NOT {self.process(element.element, **kw)}"


# One engine for all connections, so that a process compiles each statement only once.
_ENGINE = create_engine(
    "sqlite://",
    creator=lambda: _thread.driver,
    poolclass=NullPool,
    isolation_level="AUTOCOMMIT",
)
_ENGINE.dialect.statement_compiler = _BareBooleans


def sqlalchemy_connection(driver: sqlite3.Connection) -> Connection:
    """Return a SQLAlchemy connection on top of `driver`, which leaves BEGIN and COMMIT to us.

    Only the calling thread may use the connection. Closing it closes `driver`.
    """
    _thread.driver = driver
    return _ENGINE.connect()


@dataclass
class _WaitingWork:
    work: Work[Any]
    result: asyncio.Future[Any]


class SqliteDatabase(Database):
    """A SQLite file. `open` opens it; `close` must be called, or its threads live on.

    Reads have a connection and a thread of their own, so that a long one delays no transaction.
    """

    multi_process = False

    def __init__(
        self,
        path: Path,
        writer: ThreadedConnection,
        writing: Connection,
        reader: ThreadedConnection,
        reading: Connection,
    ) -> None:
        """Use two threads, each with its SQLAlchemy connection. `open` creates them."""
        self.wake_ups = WakeUps()
        self._woken: set[Worker] = set()
        """The workers to wake for what the thread has committed."""
        self._path = path
        self._lock: sqlite3.Connection | None = None
        self._writer = writer
        self._writing = writing
        self._reader = reader
        self._reading = reading
        self._waiting: OldestFirst[_WaitingWork] = OldestFirst()
        self._committer: asyncio.Task[None] | None = None
        self._checkpoints = Checkpoints(path, PRAGMAS, writer, partial(reader.run, _nothing))

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the file at `path`. A missing file is created with mode 0600."""
        async with AsyncExitStack() as stack:
            writer = await connect(path, PRAGMAS, stack)
            reader = await connect(path, ("PRAGMA query_only = ON",), stack)
            opened = cls(
                path,
                writer,
                await writer.run(sqlalchemy_connection),
                reader,
                await reader.run(sqlalchemy_connection),
            )
            # From here on, `close` ends the threads.
            stack.pop_all()
        return opened

    async def close(self) -> None:
        """Finish all transactions, and close the connections and their threads."""
        while self._committer:
            await asyncio.wait([self._committer])
        await self._checkpoints.close()
        for thread, connection in ((self._reader, self._reading), (self._writer, self._writing)):
            await thread.run(partial(_close, connection))
            await thread.end()
        if self._lock is not None:
            self._lock.close()

    async def read(self, work: Work[T]) -> T:
        """Return the result of `work`, which reads one committed state and changes nothing."""

        def reading(driver: sqlite3.Connection) -> T:
            driver.execute("BEGIN")
            try:
                with remembering(self._reading):
                    return work(self._reading)
            finally:
                self._reading.rollback()
                # SQLAlchemy rolls back only if `work` ran a statement.
                driver.rollback()

        return await self._reader.run(reading)

    async def lock_exclusively(self) -> bool:
        """Lock a file next to the database. Return False if another process has locked it."""
        self._lock = self._lock or _lock_file(self._path.with_name(f"{self._path.name}.lock"))
        return self._lock is not None

    async def discard_erased(self) -> None:
        """Empty the write-ahead log, which still contains erased rows."""
        await self._checkpoints.empty()

    async def transact(self, work: Work[T], *, since: float | None = None) -> T:
        """Run `work` in a transaction, and return its result after the commit.

        Raises what `work` or COMMIT raised.
        """
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.add(_WaitingWork(work, result), since)
        if self._committer is None:
            self._committer = asyncio.create_task(self._commit_waiting())
        return await result

    async def _commit_waiting(self) -> None:
        try:
            while self._waiting:
                size = min(MAX_BATCH, len(self._waiting))
                batch = [self._waiting.take() for _ in range(size)]
                works = [waiting.work for waiting in batch]
                outcomes = await self._writer.run(partial(self._commit, works))
                for waiting, outcome in zip(batch, outcomes, strict=True):
                    _resolve(waiting.result, outcome)
                woken, self._woken = self._woken, set()
                self.wake_ups.wake(woken)
                self._checkpoints.request()
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
        take(self._writing)  # what a transaction left that was rolled back
        try:
            with remembering(self._writing):
                results = [work(self._writing) for work in works]
            self._writing.exec_driver_sql("COMMIT")
        except BaseException:
            # No effect if SQLite rolled back itself, as after OR ROLLBACK or on a full disk.
            self._writing.rollback()
            raise
        self._woken |= take(self._writing)
        return results


def _lock_file(path: Path) -> sqlite3.Connection | None:
    """Lock `path` by SQLite's file locks, which work on all systems and end with the process."""
    lock = sqlite3.connect(path, isolation_level=None, timeout=0, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        lock.close()
        return None
    return lock


def _close(connection: Connection, _: sqlite3.Connection) -> None:
    connection.close()


def _nothing(_: sqlite3.Connection) -> None:
    """Do nothing: what the thread did before has ended."""


def _resolve(future: asyncio.Future[Any], outcome: tuple[Any, Exception | None]) -> None:
    result, error = outcome
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
