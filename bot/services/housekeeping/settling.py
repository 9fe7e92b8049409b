"""Settle letters: some days after they left, delete what identifies their writers."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog

from bot.services.runner import repeat
from storage.chats import sent_journeys
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.erasure import settling

log = structlog.get_logger()

SETTLING_INTERVAL = 600.0
"""Seconds between two rounds."""

SLICE_SIZE = 10
"""Number of letters that one transaction settles at most."""

SLICE_PAUSE = 0.02
"""Seconds between two slices of a round, so that replies come first."""


class Settling:
    """Settles every ten minutes the letters that are due."""

    def __init__(self, database: Database, vault: Vault, clock: Callable[[], datetime]) -> None:
        """`clock` returns the current time."""
        self._database = database
        self._vault = vault
        self._clock = clock

    async def run(self) -> None:
        """Settle until cancelled."""
        await repeat(self.run_once, SETTLING_INTERVAL)

    async def run_once(self) -> int:
        """Settle all letters that are due. Return how many that were."""
        now, count = self._clock(), 0
        await self._database.transact(partial(sent_journeys.empty_unreachable, vault=self._vault))
        while due := await self._database.read(partial(settling.find_due, now=now)):
            settled = 0
            for first in range(0, len(due), SLICE_SIZE):
                wanted = due[first : first + SLICE_SIZE]
                settle = partial(settling.settle, vault=self._vault, wanted=wanted, now=now)
                settled += await self._database.transact(settle)
                await asyncio.sleep(SLICE_PAUSE)
            if not settled:
                break
            count += settled
        if count:
            await self._database.discard_erased()
            log.info("letters settled", count=count)
        return count
