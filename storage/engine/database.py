"""The interface of both database engines.

Work is a plain function of a connection: `await database.transact(work)` commits what it did and
returns its result. A work uses nothing but its connection. It may run twice, and it may commit
although its caller was cancelled.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from storage.engine.wake_ups import WakeUps

T = TypeVar("T")
Work = Callable[[Connection], T]

DATABASE_ERRORS = (OperationalError, InterfaceError, OSError)
"""Errors of a database that is full, down or out of reach: the same work may succeed later."""


class Database(ABC):
    """A database on SQLite or on PostgreSQL."""

    multi_process: ClassVar[bool]
    """Whether several processes may use the database at once."""

    wake_ups: WakeUps
    """Wakes the workers that transactions name (`storage.engine.wake_ups.wake`)."""

    @abstractmethod
    async def transact(self, work: Work[T], *, since: float | None = None) -> T:
        """Run `work` in a transaction, and return its result after the commit.

        Of works that wait, the oldest runs first: `since` is the loop's time from which the wait
        counts; None: from now.

        Raises what `work` or COMMIT raised; nothing is changed then.
        """

    @abstractmethod
    async def read(self, work: Work[T]) -> T:
        """Return the result of `work`, which reads one committed state and changes nothing."""

    @abstractmethod
    async def lock_exclusively(self) -> bool:
        """Take the lock that one process can hold, until `close`. Return False if it is taken.

        A process that dies releases the lock.
        """

    @abstractmethod
    async def discard_erased(self) -> None:
        """Discard copies of erased rows, if the engine keeps any."""

    @abstractmethod
    async def close(self) -> None:
        """Finish all transactions, and close all connections and threads."""
