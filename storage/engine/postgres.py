"""Transactions on PostgreSQL: the same functions, on a pool, for any number of processes."""

import asyncio
import random
import ssl
from typing import Any, Self, TypeVar

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.engine.database import Database, Work

T = TypeVar("T")

# Serialization failure and deadlock: whoever lost may simply try again (PostgreSQL, 13.5).
_AGAIN = ("40001", "40P01")

# The server is not well, or the way to it is not: connection, read-only (while it fails over),
# rollback, resources, locks, operators and the system (PostgreSQL, appendix A).
_UNWELL = ("08", "25006", "40", "53", "55P03", "57", "58")
_TRIES = 8
_FIRST_WAIT = 0.01

_PLACE = 0x706C_6163_65
"""The advisory lock of `occupy`: “place” in ASCII."""


class PostgresDatabase(Database):
    """A database on a PostgreSQL server."""

    replicas = True

    def __init__(self, engine: AsyncEngine) -> None:
        """Use `engine`; `open` makes it."""
        self._engine = engine
        self._place: AsyncConnection | None = None

    @classmethod
    def open(cls, url: URL, tls: ssl.SSLContext | bool | None, connections: int = 10) -> Self:
        """Prepare a pool of at most `connections`; none is opened before it is needed."""
        arguments: dict[str, Any] = {} if tls is None else {"ssl": tls}
        engine = create_async_engine(
            url, pool_size=connections, max_overflow=0, pool_pre_ping=True, connect_args=arguments
        )
        return cls(engine)

    async def transact(self, work: Work[T]) -> T:
        """Return what `work` returns, once it is committed. Raises what `work` or COMMIT raised.

        A server that is not well is an OperationalError: asyncpg's own has no kind, so that work
        would seem to be at fault.
        """
        for attempt in range(_TRIES):
            try:
                async with self._engine.begin() as connection:
                    return await connection.run_sync(work)
            except PoolTimeoutError as error:
                raise OperationalError(None, None, error) from None
            except DBAPIError as error:
                state = _state(error)
                if state not in _AGAIN or attempt == _TRIES - 1:
                    if state.startswith(_UNWELL):
                        raise OperationalError(None, None, error.orig or error) from None
                    raise
            # Not a secret: jitter, so that two that collided do not do so again.
            await asyncio.sleep(_FIRST_WAIT * 2**attempt * random.random())  # noqa: S311 - as above
        raise AssertionError("the last attempt returned or raised")

    async def read(self, work: Work[T]) -> T:
        """Return what `work` returns; it sees one committed state and may change nothing."""
        async with self._engine.connect() as connection:
            await connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            return await connection.run_sync(work)

    async def occupy(self) -> bool:
        """Claim the one place: a lock of the session (PostgreSQL, 13.3.5, advisory locks)."""
        if self._place is not None:
            return True
        connection = await self._engine.connect()
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        lock = text("SELECT pg_try_advisory_lock(:place)")
        if (await connection.execute(lock, {"place": _PLACE})).scalar_one():
            self._place = connection
            return True
        await connection.close()
        return False

    async def tidy(self) -> None:
        """Do nothing: PostgreSQL lets go of erased rows by its own vacuum."""

    async def close(self) -> None:
        """Close all connections."""
        if self._place is not None:
            await self._place.close()
        await self._engine.dispose()


def _state(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", "") or "")
