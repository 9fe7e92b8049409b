"""A queue from which the item comes next that has waited longest."""

import asyncio
import heapq
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")


class OldestFirst(Generic[T]):
    """Items by the time from which they wait; those of the same time in the order of arrival."""

    def __init__(self) -> None:
        """Start empty."""
        self._numbers = count()
        self._heap: list[tuple[float, int, T]] = []

    def __len__(self) -> int:
        """Return how many items wait."""
        return len(self._heap)

    def add(self, item: T, since: float | None) -> None:
        """Add an item. `since` is the event loop's time from which it waits; None: from now."""
        begin = asyncio.get_running_loop().time() if since is None else since
        heapq.heappush(self._heap, (begin, next(self._numbers), item))

    def take(self) -> T:
        """Remove the oldest item and return it. Raises IndexError if none waits."""
        return heapq.heappop(self._heap)[2]
