"""Every minute, check for problems that no other component reports.

These are: free disk space, the speed of the database, mistakes in campaign files, the clock, the
delay of answers, and whether Telegram limits the bot. A problem becomes an alert.
"""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from bot.logs import error_fields
from bot.services.core import Core
from bot.services.mail.outages import HOST
from bot.services.monitoring.checks import (
    AnswerDelay,
    WriteSpeed,
    campaign_mistakes,
    disk_space,
)
from bot.services.monitoring.full_database import FullDatabaseAlert
from bot.services.runner import repeat
from conversations.core.alerts import AlertKind, UpdatesTrouble
from conversations.model.mistakes import Mistake
from storage import database_health
from storage.admin import sightings
from storage.admin.sightings import Problem

log = structlog.get_logger()

KINDS = (
    AlertKind.FULL,
    AlertKind.SLOW,
    AlertKind.FILES,
    AlertKind.UNSERVED,
    AlertKind.CLOCK,
    AlertKind.LATE,
    AlertKind.LIMITED,
    AlertKind.UPDATES,
    AlertKind.TAMPERED,
)
"""The alerts that the watchdog raises and ends."""

WATCHDOG_INTERVAL = 60.0
"""Seconds between two rounds of checks."""

SIGHTING_LIFETIME = timedelta(minutes=3)
"""How long a problem counts if this process stops checking."""

CLOCK_CHECK_INTERVAL = timedelta(minutes=10)

MAX_CLOCK_ERROR = 30.0
"""Seconds by which the clock may be wrong."""

WRITE_TIMEOUT = 30.0
"""Seconds after which a test write is cancelled."""

Problems = dict[tuple[AlertKind, str], Problem]
"""Problems by alert and what the alert is about."""


@dataclass(frozen=True)
class Machine:
    """What the watchdog can see of this machine and this process."""

    mistakes: Callable[[], tuple[Mistake, ...]]
    """Returns the mistakes in campaign files."""
    unserved: Callable[[], frozenset[str]]
    """Returns the campaigns of which no version is served (`PublishedCampaigns.unserved`)."""
    clock_error: Callable[[], Awaitable[float | None]]
    """Returns the seconds by which the clock is wrong, or None if that cannot be known."""
    limited_for: Callable[[], float]
    """Returns the seconds for which Telegram limits the whole bot; 0 if it does not."""
    forged: Callable[[], tuple[str, ...]]
    """Returns what was changed in the database from outside (`AuthorityWatch.forged`)."""
    database_file: Path | None
    """SQLite's file; None for PostgreSQL, whose disk is elsewhere."""
    host: str = HOST
    stopwatch: Callable[[], float] = time.monotonic


class Watchdog:
    """Checks what this machine and this process can see. Each process has one."""

    def __init__(self, core: Core, machine: Machine, full_database: FullDatabaseAlert) -> None:
        """Check `machine`."""
        self._core = core
        self._database = core.database
        self._machine = machine
        self._full_database = full_database
        self._answer_delay, self._write_speed = AnswerDelay(core.clock()), WriteSpeed()
        self._problems: Problems = {}
        self._clock_error: float | None = None
        self._clock_checked: datetime | None = None
        self._updates_trouble: Callable[[], UpdatesTrouble | None] = lambda: None

    def watch_updates(self, trouble: Callable[[], UpdatesTrouble | None]) -> None:
        """Also check that updates arrive: `trouble` returns why they have not, for minutes now."""
        self._updates_trouble = trouble

    def answered(self, sent: datetime) -> None:
        """Note that a message that was sent at `sent` has been answered."""
        self._answer_delay.answers.append((sent, self._core.clock()))

    async def run(self) -> None:
        """Check until cancelled."""
        await repeat(self.run_once, WATCHDOG_INTERVAL)

    async def run_once(self) -> None:
        """Run all checks, and raise or end alerts."""
        now = self._core.clock()
        is_full = await self._test_write()
        space = await self._disk_space()
        if is_full and not self._full_database.is_active:
            await self._full_database.raise_()
        elif self._full_database.is_active and not is_full and space is None:
            await self._full_database.end()
        if is_full:
            return
        await self._full_database.admins()  # remembers them for when they cannot be read
        problems = await self._check(now, space)
        until = now + SIGHTING_LIFETIME
        work = partial(
            sightings.update_all, kinds=KINDS, seen=problems, host=self._machine.host, now=now
        )
        await self._database.transact(partial(work, until=until))
        if problems != self._problems:
            self._problems = problems
            kinds = ", ".join(sorted({kind for kind, _ in problems}))
            log.info("problems changed", count=len(problems), kind=kinds)

    async def _check(self, now: datetime, space: Problem | None) -> Problems:
        by_campaign = campaign_mistakes(self._machine.mistakes())
        trouble, forged = self._updates_trouble(), self._machine.forged()
        unserved = self._machine.unserved()
        problems: Problems = {
            (AlertKind.UNSERVED if slug in unserved else AlertKind.FILES, slug): each
            for slug, each in by_campaign.items()
        }
        found = {
            AlertKind.FULL: None if self._full_database.is_active else space,
            AlertKind.SLOW: self._write_speed.check(),
            AlertKind.CLOCK: await self._wrong_clock(now),
            AlertKind.LATE: self._answer_delay.check(now),
            AlertKind.LIMITED: Problem() if self._machine.limited_for() > 0 else None,
            AlertKind.UPDATES: Problem(what=trouble) if trouble else None,
            AlertKind.TAMPERED: Problem(what=" ".join(forged)) if forged else None,
        }
        if found[AlertKind.CLOCK]:
            # With a wrong clock, the delay of answers cannot be measured.
            found[AlertKind.LATE] = self._answer_delay.last = None
        return problems | {(kind, ""): each for kind, each in found.items() if each}

    async def _test_write(self) -> bool:
        """Write a row and note how long it takes. Return whether the database is full."""
        started, is_full = self._machine.stopwatch(), False
        try:
            async with asyncio.timeout(WRITE_TIMEOUT):
                probe = partial(database_health.probe, now=self._core.clock())
                await self._database.transact(probe)
        except TimeoutError:
            log.warning("test write timed out")
        except Exception as error:
            if not database_health.is_full(error):
                raise  # the database is down, and could not keep an alert either
            is_full = True
        self._write_speed.seconds.append(self._machine.stopwatch() - started)
        return is_full

    async def _disk_space(self) -> Problem | None:
        if self._machine.database_file is None:
            return None
        folder = self._machine.database_file.parent
        usage = await asyncio.to_thread(shutil.disk_usage, folder)
        return disk_space(usage.total, usage.free)

    async def _wrong_clock(self, now: datetime) -> Problem | None:
        """Return that the clock is wrong, or None; between two measurements, as it was last."""
        last = self._clock_checked
        if last is None or abs(now - last) >= CLOCK_CHECK_INTERVAL:
            self._clock_checked = now
            try:
                measured = await self._machine.clock_error()
            except Exception as error:
                log.info("clock not checked", **error_fields(error))
            else:
                self._clock_error = self._clock_error if measured is None else measured
        if self._clock_error is None or self._clock_error <= MAX_CLOCK_ERROR:
            return None
        return Problem(round(self._clock_error), self._machine.host)
