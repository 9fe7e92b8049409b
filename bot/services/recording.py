"""What became of attempts, written down in batches: what comes meanwhile shares the next one."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from storage import outcomes
from storage.database import Database
from storage.outcomes import Outcome

log = structlog.get_logger()

PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each try. A letter that left and is not recorded would be sent once more."""


@dataclass(frozen=True)
class _Waiting:
    outcome: Outcome
    recorded: asyncio.Future[None]


class Recording:
    """Writes outcomes into the outbox."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Use these."""
        self._database = database
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def record(self, outcome: Outcome) -> None:
        """Return when the outcome is committed. Raises what the database raised to the last."""
        recorded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(outcome, recorded))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await recorded

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                try:
                    await self._finish(batch)
                except Exception as error:
                    log.warning("outcomes are recorded one by one", error=type(error).__name__)
                    await asyncio.gather(*(self._insist(each) for each in batch))
        finally:
            self._writer = None

    async def _insist(self, waiting: _Waiting) -> None:
        """Record one alone, so that only the guilty fail, and again where the database is away."""
        for pause in PAUSES:
            await asyncio.sleep(pause)
            try:
                await self._finish([waiting])
            except Exception as error:
                failed = error
            else:
                return
        if not waiting.recorded.done():
            waiting.recorded.set_exception(failed)

    async def _finish(self, batch: list[_Waiting]) -> None:
        done = [each.outcome for each in batch]
        work = partial(outcomes.finish, outcomes=done, now=self._clock())
        await self._database.transact(work)
        for each in batch:
            if not each.recorded.done():
                each.recorded.set_result(None)
