"""Compare each campaign's figures with what is usual, and raise alerts of sudden changes."""

from functools import partial

import structlog
from sqlalchemy import Connection

from bot.services.core import Core
from bot.services.runner import repeat
from storage.admin import campaign_modes
from storage.stats import samples

log = structlog.get_logger()

SAMPLE_INTERVAL = 60.0
"""Seconds between two comparisons."""


class AnomalyWatch:
    """Looks for anomalies. Several of these may run: each sample is taken once."""

    def __init__(self, core: Core) -> None:
        """Compare the figures of the campaigns of `core.deployment`."""
        self._core = core

    async def run(self) -> None:
        """Look for anomalies until cancelled."""
        await repeat(self.run_once, SAMPLE_INTERVAL)

    async def run_once(self) -> None:
        """Take a sample of each campaign, and raise or end its alerts."""
        work = partial(_sample, self._core)
        if found := await self._core.database.transact(work):
            log.info("anomalies found", count=found)


def _sample(core: Core, connection: Connection) -> int:
    """Return how many anomalies there are. Closed campaigns and tests have none."""
    deployment, now = core.deployment(), core.clock()
    modes = campaign_modes.load(connection, core.vault)
    inactive = {
        slug
        for slug, each in deployment.campaigns.items()
        if deployment.test
        or each.test
        or modes.of(slug).test
        or modes.of(slug).closed
        or not each.is_open(now)
    }
    return samples.take_samples(connection, tuple(deployment.campaigns), now, resting=inactive)
