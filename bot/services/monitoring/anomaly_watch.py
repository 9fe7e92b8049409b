"""Noticing sudden changes: every few minutes, beside what is usual."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection

from conversations.core.facts import Deployment
from storage.admin import campaign_modes
from storage.engine.database import Database
from storage.stats import samples

log = structlog.get_logger()

_PAUSE = 60.0


class AnomalyWatch:
    """Looks for sudden changes. Any number of these may run: each time is looked at once."""

    def __init__(
        self,
        database: Database,
        deployment: Callable[[], Deployment],
        clock: Callable[[], datetime],
    ) -> None:
        """Use these."""
        self._database = database
        self._house = deployment
        self._clock = clock

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(_PAUSE)

    async def look(self) -> None:
        """Look at how each campaign stands now."""
        found = await self._database.transact(partial(_look, self._house(), self._clock()))
        if found:
            log.info("sudden changes", count=found)


def _look(deployment: Deployment, now: datetime, connection: Connection) -> int:
    closed, unconfirmed = campaign_modes.standing(connection)
    resting = {
        slug
        for slug, each in deployment.campaigns.items()
        if deployment.test or each.test or slug in closed | unconfirmed or not each.is_open(now)
    }
    return samples.look(connection, tuple(deployment.campaigns), now, resting=resting)
