"""Wake-ups between processes on PostgreSQL: LISTEN on a connection of its own, and NOTIFY.

A notification says which worker has something to do and which process says so, under a random
name. It is sent in the transaction that makes the work, so that PostgreSQL delivers it with the
commit or not at all. PostgreSQL commits notifying transactions one after another, so a process
sends at most one notification for a worker in each QUIET_TIME: the rest of that time's commits
share one, which the listening connection sends afterwards.
"""

import asyncio
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine.wake_ups import WakeUps, Worker

log = structlog.get_logger()

CHANNEL = "actionbot"

QUIET_TIME = 0.02
"""Seconds after a notification in which this process sends no other one for the same worker."""

CHECK_INTERVAL = 20.0
"""Seconds between two checks of the listening connection, which may be dead without a sign."""

CHECK_TIMEOUT = 5.0
"""Seconds that the server has to answer on that connection."""

CLOSE_TIMEOUT = 1.0
"""Seconds after which the connection is closed without the server."""

_NOTIFY = text("SELECT pg_notify(:channel, :payload)")
_NOTIFY_ALL = "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload"


class PostgresWakeUps(WakeUps):
    """Wakes the workers of this process and, through the database, those of all others."""

    def __init__(self, engine: AsyncEngine) -> None:
        """`engine` opens a connection for `run`. While that doesn't run, each transaction notifies
        by itself.
        """
        super().__init__()
        self._engine = engine
        self._process = secrets.token_hex(4)
        """The name of this process, which ignores its own notifications."""
        self._is_listening = False
        self._notified: dict[Worker, float] = {}
        """When this process last notified others, by the monotonic clock."""
        self._deferred: set[Worker] = set()
        """The workers of which others are notified after QUIET_TIME."""
        self._news = asyncio.Event()
        """Set when a worker was deferred, or the connection was lost."""

    def notify(self, connection: Connection, workers: Iterable[Worker]) -> frozenset[Worker]:
        """Notify other processes when the transaction of `connection` commits, which it is about
        to do. Return the workers for which that is left to `committed`.
        """
        now, deferred = time.monotonic(), set[Worker]()
        for worker in sorted(workers):
            if self._is_listening and now - self._notified.get(worker, -QUIET_TIME) < QUIET_TIME:
                deferred.add(worker)
                continue
            self._notified[worker] = now
            connection.execute(_NOTIFY, {"channel": CHANNEL, "payload": self._payload(worker)})
        return frozenset(deferred)

    def committed(self, workers: Iterable[Worker], deferred: Iterable[Worker]) -> None:
        """Wake the workers here. Notify others of those that `notify` has deferred."""
        self.wake(workers)
        self._deferred.update(deferred)
        if self._deferred:
            self._news.set()

    async def run(self) -> None:
        """Listen until cancelled. Raises the error by which the connection is lost."""
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            driver: Any = (await connection.get_raw_connection()).driver_connection
            driver.add_termination_listener(lambda _: self._news.set())
            await driver.add_listener(CHANNEL, self._hear)
            self._is_listening = True
            log.info("listening to other processes")
            self.wake(Worker)  # there may have been notifications before
            try:
                await self._serve(driver)
            except BaseException:
                self._is_listening = False
                await self._end(driver)
                raise

    async def _serve(self, driver: Any) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECK_INTERVAL):
                    await self._news.wait()
            self._news.clear()
            if driver.is_closed():
                raise ConnectionError("the listening connection was closed")
            if self._deferred:
                await asyncio.sleep(QUIET_TIME)
            await self._notify_deferred(driver)

    async def _notify_deferred(self, driver: Any) -> None:
        """Notify others of the deferred workers. Without any, this only checks the connection."""
        payloads = [self._payload(worker) for worker in sorted(self._deferred)]
        self._notified |= dict.fromkeys(self._deferred, time.monotonic())
        self._deferred.clear()
        async with asyncio.timeout(CHECK_TIMEOUT):
            await driver.execute(_NOTIFY_ALL, CHANNEL, payloads)

    async def _end(self, driver: Any) -> None:
        """Send what was deferred, if the connection still works, and close it."""
        with suppress(Exception):
            if self._deferred:
                async with asyncio.timeout(CLOSE_TIMEOUT):
                    await self._notify_deferred(driver)
        with suppress(Exception):
            await driver.close(timeout=CLOSE_TIMEOUT)

    def _payload(self, worker: Worker) -> str:
        return f"{worker.value} {self._process}"

    def _hear(self, _: object, __: int, ___: str, payload: object) -> None:
        worker, _____, process = str(payload).partition(" ")
        if process != self._process and worker in {each.value for each in Worker}:
            self.wake((Worker(worker),))
