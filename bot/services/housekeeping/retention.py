"""Forgetting what is past its time."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from storage import erasure
from storage.engine.database import Database

log = structlog.get_logger()

_PAUSE = 600.0


class Retention:
    """Erases, every ten minutes, what nobody needs any more."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
    ) -> None:
        """Use these."""
        self._database = database
        self._clock = clock

    async def run(self) -> None:
        """Sweep for ever."""
        while True:
            await self.sweep()
            await asyncio.sleep(_PAUSE)

    async def sweep(self) -> int:
        """Erase what is past its time; return how many actions were."""
        now = self._clock()
        erased = await self._database.transact(lambda c: erasure.purge(c, now=now))
        await self._database.tidy()
        if erased:
            log.info("erased", count=erased)
        return erased
