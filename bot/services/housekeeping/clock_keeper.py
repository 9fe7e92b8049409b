"""Keep the clock right, and what was stored while it was wrong.

A clock that was ahead has stored times that are far in the future. When it is right again, mail
would wait until then.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.services.runner import repeat
from bot.services.shared_clock import SharedClock
from storage import database_health
from storage.chats import leases
from storage.engine.database import Database
from storage.mail.delivery import future_mail
from storage.mail.delivery.future_mail import Place

log = structlog.get_logger()

SETTING_INTERVAL = 5.0
"""Seconds between two readings of the database's time."""

MAX_STEP = timedelta(seconds=2)
"""How far a clock that nobody sets moves at most between two readings."""


class ClockKeeper:
    """Sets the clock every few seconds. Each process has one."""

    def __init__(self, database: Database, clock: SharedClock, changed: Callable[[], None]) -> None:
        """Set `clock` by `database`; `changed` is called when mail is due earlier than before."""
        self._database = database
        self._clock = clock
        self._changed = changed
        self._is_new = True

    async def run(self) -> None:
        """Keep the clock right until cancelled."""
        await repeat(self.run_once, SETTING_INTERVAL)

    async def run_once(self) -> None:
        """Set the clock. If it was ahead, correct the times of mail that waits."""
        moved = await self._clock.set(self._database)
        if abs(moved) > MAX_STEP:
            log.warning("clock set", count=round(moved.total_seconds()))
        is_new, self._is_new = self._is_new, False
        if moved < -MAX_STEP or (is_new and await self._was_ahead()):
            await self._database.transact(partial(leases.correct_future, now=self._clock()))
            if corrected := await correct_mail(self._database, self._clock()):
                log.warning("mail was queued by a clock that was ahead", count=corrected)
                self._changed()

    async def _was_ahead(self) -> bool:
        """Whether the clock was wrong before this process started."""
        was_ahead = partial(database_health.clock_was_ahead, now=self._clock())
        return await self._database.read(was_ahead)


async def correct_mail(database: Database, now: datetime) -> int:
    """Correct the times of mail that waits and was stored later than `now`. Return how much."""
    corrected = 0
    await database.transact(partial(future_mail.end_leases, now=now))
    for lane in await database.read(future_mail.lanes):
        after: Place | None = (now, "")
        while after is not None:
            search = partial(future_mail.find, lane=lane, after=after, now=now)
            found, after = await database.read(search)
            if found:
                correct = partial(future_mail.correct, found=found, now=now)
                corrected += await database.transact(correct)
    return corrected
