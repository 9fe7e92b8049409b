"""Noticing sudden changes: every few minutes, beside what is usual."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from conversations.known import House
from storage import samples
from storage.database import Database

log = structlog.get_logger()

_PAUSE = 60.0


class Noticing:
    """Looks for sudden changes. Any number of these may run: each time is looked at once."""

    def __init__(
        self,
        database: Database,
        house: Callable[[], House],
        clock: Callable[[], datetime],
    ) -> None:
        """Use these."""
        self._database = database
        self._house = house
        self._clock = clock

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(_PAUSE)

    async def look(self) -> None:
        """Look at how each campaign stands now."""
        campaigns, now = tuple(self._house().campaigns), self._clock()
        found = await self._database.transact(lambda c: samples.look(c, campaigns, now))
        if found:
            log.info("sudden changes", count=found)
