"""Locks by key: work with one key runs one at a time, in the order of the callers."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass
class _CountedLock:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    """How many callers hold the lock or wait for it."""


class KeyedLock(Generic[K]):
    """One lock for each key. A lock is removed when nobody holds it or waits for it."""

    def __init__(self) -> None:
        """Start without locks."""
        self._locks: dict[K, _CountedLock] = {}

    @asynccontextmanager
    async def turn(self, key: K) -> AsyncIterator[None]:
        """Hold the lock of `key`. Callers get it in their order: asyncio's locks are fair."""
        counted = self._locks.setdefault(key, _CountedLock())
        counted.users += 1
        try:
            async with counted.lock:
                yield
        finally:
            counted.users -= 1
            if counted.users == 0:
                del self._locks[key]
