"""Batch concurrent calls: everything that arrives while one batch runs forms the next batch.

This pays where work for many items costs hardly more than work for one, as a transaction does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

FILL_WAIT = 0.02
"""Seconds that a batch with fewer items than wanted waits for more."""


@dataclass(frozen=True)
class _Pending(Generic[Item, Result]):
    item: Item
    result: "asyncio.Future[Result]"


class Batcher(Generic[Item, Result]):
    """Runs one function for the items of all callers that arrive while it is busy.

    If a batch fails, each of its items runs alone, so that only the faulty ones fail.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        *,
        enough: Callable[[], int] = lambda: 1,
    ) -> None:
        """Run `work`, which returns one result for each item, in the same order.

        A batch with fewer than `enough` items waits for FILL_WAIT.
        """
        self._work = work
        self._enough = enough
        self._pending: list[_Pending[Item, Result]] = []
        self._worker: asyncio.Task[None] | None = None

    async def add(self, item: Item) -> Result:
        """Return the result for `item`. Raises what `work` raises for this item alone."""
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._pending.append(_Pending(item, result))
        if self._worker is None:
            self._worker = asyncio.create_task(self._run_batches())
        return await result

    async def _run_batches(self) -> None:
        try:
            while self._pending:
                if len(self._pending) < self._enough():
                    await asyncio.sleep(FILL_WAIT)
                batch, self._pending = self._pending, []
                await self._run_batch(batch)
        finally:
            self._worker = None

    async def _run_batch(self, batch: list[_Pending[Item, Result]]) -> None:
        try:
            results = await self._work([each.item for each in batch])
        except Exception as error:
            if len(batch) > 1:
                for each in batch:
                    await self._run_batch([each])
            elif not batch[0].result.done():
                batch[0].result.set_exception(error)
            return
        for each, result in zip(batch, results, strict=True):
            if not each.result.done():
                each.result.set_result(result)
