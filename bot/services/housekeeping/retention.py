"""Erase data that has reached the end of its retention period."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog

from bot.services.runner import repeat
from storage import erasure
from storage.crypto.vault import Vault
from storage.engine.database import Database

log = structlog.get_logger()

RETENTION_INTERVAL = 600.0
"""Seconds between two rounds."""


class Retention:
    """Erases expired data every ten minutes."""

    def __init__(self, database: Database, vault: Vault, clock: Callable[[], datetime]) -> None:
        """`clock` returns the current time."""
        self._database = database
        self._vault = vault
        self._clock = clock

    async def run(self) -> None:
        """Erase until cancelled."""
        await repeat(self.run_once, RETENTION_INTERVAL)

    async def run_once(self) -> int:
        """Erase expired data. Return how many actions (letters with their consent) were erased."""
        now = self._clock()
        erased = await self._database.transact(partial(erasure.purge, vault=self._vault, now=now))
        await self._database.discard_erased()
        if erased:
            log.info("expired actions erased", count=erased)
        return erased
