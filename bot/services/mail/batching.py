"""Work that costs for many hardly more than for one: what comes meanwhile shares the next round."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

MOMENT = 0.02
"""Seconds that a round of too few waits for more."""


@dataclass(frozen=True)
class _Waiting(Generic[Given, Made]):
    given: Given
    made: "asyncio.Future[Made]"


class Batcher(Generic[Given, Made]):
    """Does one thing for all who ask while it is busy; each gets what was made for it.

    Where that raises, each is done alone, so that only the guilty fail.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Given]], Awaitable[Sequence[Made]]],
        *,
        enough: Callable[[], int] = lambda: 1,
    ) -> None:
        """Use `work`, which makes one thing of each that is given, in their order.

        A round of fewer than `enough` waits a moment for more.
        """
        self._work = work
        self._enough = enough
        self._waiting: list[_Waiting[Given, Made]] = []
        self._worker: asyncio.Task[None] | None = None

    async def add(self, given: Given) -> Made:
        """Return what is made of it. Raises what `work` raises for it alone."""
        made: asyncio.Future[Made] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(given, made))
        if self._worker is None:
            self._worker = asyncio.create_task(self._run())
        return await made

    async def _run(self) -> None:
        try:
            while self._waiting:
                if len(self._waiting) < self._enough():
                    await asyncio.sleep(MOMENT)
                batch, self._waiting = self._waiting, []
                await self._do(batch)
        finally:
            self._worker = None

    async def _do(self, batch: list[_Waiting[Given, Made]]) -> None:
        try:
            made = await self._work([each.given for each in batch])
        except Exception as error:
            if len(batch) > 1:
                for each in batch:
                    await self._do([each])
            elif not batch[0].made.done():
                batch[0].made.set_exception(error)
            return
        for each, result in zip(batch, made, strict=True):
            if not each.made.done():
                each.made.set_result(result)
