"""Transactions on PostgreSQL, on a connection pool, for any number of processes."""

import asyncio
import random
import ssl
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from storage.engine.database import Database, Work
from storage.engine.dialects import sqlstate
from storage.engine.memory import remembering
from storage.engine.postgres.notifications import PostgresWakeUps
from storage.engine.postgres.turns import Turns
from storage.engine.wake_ups import Worker, take

T = TypeVar("T")

_RETRIABLE = ("40001", "40P01")
"""SQLSTATE of serialization failures and deadlocks, which are retried (PostgreSQL, 13.5)."""

_UNAVAILABLE = ("08", "25006", "40", "53", "55P03", "57", "58")
"""Prefixes of SQLSTATE that mean the server is unavailable, not that the work is wrong.

Connection, read-only (during a failover), rollback, resources, locks, operators and the system
(PostgreSQL, appendix A).
"""

_OWN_TABLES = text(
    "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()"
)

_VACUUM_OPTIONS = "SKIP_LOCKED, PARALLEL 0, TRUNCATE FALSE"
_PACE = text("SET vacuum_cost_delay = '2ms'")
_NO_PACE = text("RESET vacuum_cost_delay")

PREPARED_STATEMENTS = 500
"""How many statements a connection keeps prepared: preparing one takes a round trip."""

_MAX_ATTEMPTS = 8
_FIRST_RETRY_DELAY = 0.01
"""Longest delay before the first retry, in seconds. The delay doubles with each retry."""

_EXCLUSIVE_LOCK = 0x706C_6163_65
"""Number of the advisory lock of `lock_exclusively`: “place” in ASCII."""


class PostgresDatabase(Database):
    """A database on a PostgreSQL server."""

    multi_process = True

    wake_ups: PostgresWakeUps

    def __init__(self, engine: AsyncEngine, wake_ups: PostgresWakeUps, at_once: int) -> None:
        """Use `engine`, which `open` creates, for `at_once` transactions at a time."""
        self._engine = engine
        self._turns = Turns(at_once)
        self.wake_ups = wake_ups
        self._lock_connection: AsyncConnection | None = None

    @classmethod
    def open(cls, url: URL, tls: ssl.SSLContext | bool | None, connections: int = 10) -> Self:
        """Prepare a pool of at most `connections` connections, and the one that hears wake-ups.

        Each is opened when it is needed.
        """
        arguments: dict[str, Any] = {} if tls is None else {"ssl": tls}
        engine = create_async_engine(
            url,
            pool_size=connections,
            max_overflow=0,
            connect_args={**arguments, "prepared_statement_cache_size": PREPARED_STATEMENTS},
        )
        event.listen(engine.sync_engine, "checkout", _require_open)
        single = create_async_engine(url, poolclass=NullPool, connect_args=arguments)
        return cls(engine, PostgresWakeUps(single), connections)

    async def transact(self, work: Work[T], *, since: float | None = None) -> T:
        """Run `work` in a transaction, and return its result after the commit.

        Raises what `work` or COMMIT raised, and OperationalError if the server is unavailable:
        asyncpg's errors do not tell that case from a mistake in `work`.
        """
        for attempt in range(_MAX_ATTEMPTS):
            try:
                async with self._turns.turn(since), self._engine.begin() as connection:
                    result, woken, deferred = await connection.run_sync(self._run, work)
            except PoolTimeoutError as error:
                raise OperationalError(None, None, error) from None
            except DBAPIError as error:
                if sqlstate(error) not in _RETRIABLE or attempt == _MAX_ATTEMPTS - 1:
                    raise _translated(error) from None
            else:
                self.wake_ups.committed(woken, deferred)
                return result
            # Jitter, so that two transactions that collided do not collide again.
            delay = _FIRST_RETRY_DELAY * 2**attempt * random.random()  # noqa: S311 - not a secret
            await asyncio.sleep(delay)
        raise AssertionError("the last attempt returned or raised")

    def _run(
        self, connection: Connection, work: Work[T]
    ) -> tuple[T, frozenset[Worker], frozenset[Worker]]:
        """Run `work`, and notify other processes of the workers that it wakes.

        Return its result, these workers, and those for which the notification is deferred.
        """
        take(connection)  # what a transaction left that was rolled back
        result = _remembering(connection, work)
        woken = take(connection)
        return result, woken, self.wake_ups.notify(connection, woken)

    async def read(self, work: Work[T]) -> T:
        """Return the result of `work`, which reads one committed state and changes nothing.

        Raises as `transact` does.
        """
        try:
            async with self._turns.turn(), self._engine.connect() as connection:
                await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                return await connection.run_sync(_remembering, work)
        except PoolTimeoutError as error:
            raise OperationalError(None, None, error) from None
        except DBAPIError as error:
            raise _translated(error) from None

    async def lock_exclusively(self) -> bool:
        """Take an advisory lock of the session (PostgreSQL, 13.3.5); False if it is taken."""
        if self._lock_connection is not None:
            return True
        connection = await self._engine.connect()
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        lock = text("SELECT pg_try_advisory_lock(:number)")
        if (await connection.execute(lock, {"number": _EXCLUSIVE_LOCK})).scalar_one():
            self._lock_connection = connection
            return True
        await connection.close()
        return False

    async def discard_erased(self) -> None:
        """Vacuum all tables: pages keep erased rows until then (PostgreSQL, 24.1).

        The vacuum pauses often and takes no second core, since replies come first. Giving space
        back to the file system would lock the tables.
        """
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            tables = (await connection.execute(_OWN_TABLES)).scalars().all()
            if tables:
                await connection.execute(_PACE)
                try:
                    listed = ", ".join(tables)
                    await connection.execute(text(f"VACUUM ({_VACUUM_OPTIONS}) {listed}"))
                finally:
                    await connection.execute(_NO_PACE)

    async def close(self) -> None:
        """Close all connections."""
        if self._lock_connection is not None:
            await self._lock_connection.close()
        await self._engine.dispose()


def _require_open(connection: Any, *_: Any) -> None:
    """Have the pool replace a connection that the server closed since it was used last.

    The driver knows that by itself. Asking the server would take three round trips for each
    transaction (SQLAlchemy, pool_pre_ping with asyncpg).
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _remembering(connection: Connection, work: Work[T]) -> T:
    with remembering(connection):
        return work(connection)


def _translated(error: DBAPIError) -> DBAPIError:
    """Return an OperationalError if the server is unavailable, and otherwise `error`."""
    if sqlstate(error).startswith(_UNAVAILABLE):
        return OperationalError(None, None, error.orig or error)
    return error
