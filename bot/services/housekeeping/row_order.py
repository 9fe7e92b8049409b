"""On PostgreSQL: keep rows in the order of their keys, and vacuum what was erased."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import Table

from bot.services.core import Core
from bot.services.runner import repeat
from storage import row_order
from storage.row_order import Key

log = structlog.get_logger()

ROW_ORDER_INTERVAL = 600.0
"""Seconds between two rounds. There is one pass a day."""

AFTER_SETTLING = timedelta(hours=1)
"""When the pass begins after midnight, UTC: letters are settled from midnight on."""

SLICE_PAUSE = 0.05
"""Seconds between two slices of a pass, so that replies come first."""

BUSY_PAUSE = 1.0
"""Seconds until the next attempt where a VACUUM or ANALYZE of the table is running."""


class RowOrder:
    """Rewrites once a day the rows that were written since the day before."""

    def __init__(self, core: Core) -> None:
        """Use the database and the clock of `core`."""
        self._core = core

    async def run(self) -> None:
        """Rewrite until cancelled. SQLite needs no rewriting."""
        if not self._core.database.multi_process:
            await asyncio.get_running_loop().create_future()
        await repeat(self.run_once, ROW_ORDER_INTERVAL)

    async def run_once(self) -> int:
        """Do the day's pass if it isn't done. Return how many rows were rewritten."""
        database = self._core.database
        day = (self._core.clock() - AFTER_SETTLING).date().isoformat()
        current = await database.transact(partial(row_order.begin, day=day))
        if current is None:
            return 0
        count = 0
        for table in row_order.personal_tables():
            look, after = partial(row_order.look, table=table, current=current), None
            while window := await database.read(partial(look, after=after)):
                await self._rewrite(table, window.changed)
                after, count = window.last, count + len(window.changed)
                await asyncio.sleep(SLICE_PAUSE)
        await database.transact(row_order.finish)
        await database.discard_erased()
        log.info("rows rewritten in order", count=count)
        return count

    async def _rewrite(self, table: Table, keys: Sequence[Key]) -> None:
        """Rewrite rows in slices, each as soon as the table is free."""
        size, start = row_order.SLICE_SIZE, 0
        while start < len(keys):
            work = partial(row_order.rewrite, table=table, keys=keys[start : start + size])
            is_done = await self._core.database.transact(work)
            start += size if is_done else 0
            await asyncio.sleep(SLICE_PAUSE if is_done else BUSY_PAUSE)
