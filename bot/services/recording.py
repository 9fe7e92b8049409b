"""What became of attempts, written down for many at once."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import structlog

from bot.services.gathering import Gathering
from storage import outcomes
from storage.database import Database
from storage.outcomes import Outcome

log = structlog.get_logger()

PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each try. A letter that left and is not recorded would be sent once more."""


class Recording:
    """Writes outcomes into the outbox."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], enough: Callable[[], int]
    ) -> None:
        """Use these; `enough` tells how many outcomes are worth a transaction at once."""
        self._database = database
        self._clock = clock
        self._gathering = Gathering(self._finish, enough=enough)

    async def record(self, outcome: Outcome) -> None:
        """Return when the outcome is committed. Raises what the database raised to the last."""
        for pause in PAUSES:
            await asyncio.sleep(pause)
            try:
                return await self._gathering.add(outcome)
            except Exception as error:
                log.warning("an outcome is not recorded yet", error=type(error).__name__)
                failed = error
        raise failed

    async def _finish(self, done: Sequence[Outcome]) -> Sequence[None]:
        work = partial(outcomes.finish, outcomes=done, now=self._clock())
        await self._database.transact(work)
        return [None] * len(done)
