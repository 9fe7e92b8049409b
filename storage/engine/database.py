"""The one way to the tables: a plain function of a connection, handed over whole.

`await database.transact(work)` commits what `work` did and returns what it returned. A work touches
nothing but its connection, may run twice, and may commit although its caller was cancelled.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
Work = Callable[[Connection], T]


class Database(ABC):
    """Where everything is kept, on either engine."""

    replicas: ClassVar[bool]
    """Whether several processes may work on it at once."""

    @abstractmethod
    async def transact(self, work: Work[T]) -> T:
        """Return what `work` returns, once it is committed. Raises what `work` or COMMIT raised."""

    @abstractmethod
    async def read(self, work: Work[T]) -> T:
        """Return what `work` returns; it sees one committed state and may change nothing."""

    @abstractmethod
    async def occupy(self) -> bool:
        """Claim the one place that there is on it until `close`; False where another has it.

        A process that dies gives it back.
        """

    @abstractmethod
    async def tidy(self) -> None:
        """Let go of what was erased, as far as the engine keeps copies."""

    @abstractmethod
    async def close(self) -> None:
        """Finish what waits and let go of all connections and threads."""
