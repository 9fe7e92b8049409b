"""What a transaction remembers, so that it reads the same rows once.

On SQLite, the transactions that share a COMMIT also share the memory: nobody else can write until
then. Whoever changes remembered rows forgets them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection

T = TypeVar("T")

_MEMORY = "memory"
"""Key of the memory in what SQLAlchemy keeps beside a connection."""


@contextmanager
def remembering(connection: Connection) -> Iterator[None]:
    """Remember what is read until the context ends, with the transaction."""
    info = connection.info  # cannot be asked for once the server is gone
    info[_MEMORY] = {}
    try:
        yield
    finally:
        del info[_MEMORY]


def remember(connection: Connection, key: str, read: Callable[[], T]) -> T:
    """Return what `read` returned when this was first called with `key` in the transaction.

    Outside the transactions of a `Database`, nothing is remembered.
    """
    memory = connection.info.get(_MEMORY)
    if memory is None:
        return read()
    if key not in memory:
        memory[key] = read()
    found: T = memory[key]
    return found


def forget(connection: Connection, key: str) -> None:
    """Forget what was read: the transaction has changed these rows."""
    connection.info.get(_MEMORY, {}).pop(key, None)
