"""Wake-ups: a transaction names the workers that have something to do once it is committed.

`wake` may be called anywhere in a transaction. After the commit the workers are woken in this
process, and on PostgreSQL also in all others (`storage.engine.postgres.notifications`). A
transaction that is rolled back wakes nobody. Workers also look for work at intervals, in case a
wake-up is lost.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from enum import StrEnum

from sqlalchemy import Connection


class Worker(StrEnum):
    """A background worker that may have something to do once a transaction is committed.

    Processes send each other the values, also those of different versions, so they never change.
    """

    MAIL = "mail"
    """Sends the mail in the outbox."""

    REPLIES = "replies"
    """Shows in chats how letters fare."""

    BOUNCES = "bounces"
    """Tells people in their chats that a code or a copy came back."""

    ALERTS = "alerts"
    """Sends alerts to admins."""

    BROADCAST = "broadcast"
    """Sends broadcasts to their recipients."""

    CAMPAIGNS = "campaigns"
    """Loads the newest versions of campaigns."""

    AUTHORITY = "authority"
    """Remembers the newest roles and modes, and the head of the audit log, outside the database."""


_WOKEN = "wake-ups"
"""Key of the workers in what SQLAlchemy keeps beside a connection."""


def wake(connection: Connection, *workers: Worker) -> None:
    """Wake workers, in every process, once the transaction of `connection` is committed."""
    connection.info.setdefault(_WOKEN, set()).update(workers)


def take(connection: Connection) -> frozenset[Worker]:
    """Return the workers to wake after the commit, and forget them: connections are used again."""
    return frozenset(connection.info.pop(_WOKEN, ()))


class WakeUps:
    """Wakes the workers of this process."""

    def __init__(self) -> None:
        """Start without workers."""
        self._listeners: dict[Worker, list[Callable[[], None]]] = defaultdict(list)

    def listen(self, worker: Worker, wake: Callable[[], None]) -> None:
        """Call `wake` in the event loop whenever the worker has something to do."""
        self._listeners[worker].append(wake)

    def wake(self, workers: Iterable[Worker]) -> None:
        """Wake the workers of this process."""
        for worker in workers:
            for listener in self._listeners[worker]:
                listener()

    async def run(self) -> None:
        """Hear what other processes wake, until cancelled. Only PostgreSQL has other processes."""
        await asyncio.get_running_loop().create_future()
