"""Minding the house: each minute it is looked whether something needs a hand that nobody reports.

The database (room, speed), the campaigns' files, the clock, and whether answers come in time. What
is found becomes an alert; a full database cannot keep one, so that is told straight away.
"""

import asyncio
import secrets
import shutil
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

import structlog

from bot.logs import error_fields
from bot.services.mail.mail_attempt import HOST
from bot.services.monitoring.alert_mail import AlertMailer
from bot.services.ports import MessageSender
from conversations.admin.alerts import full
from conversations.core.facts import AlertKind, Deployment
from conversations.model.mistakes import Mistake
from conversations.model.roles import Role
from storage import database_health
from storage.admin import sightings
from storage.admin.roles import Roster
from storage.admin.sightings import Trouble
from storage.engine.database import Database

log = structlog.get_logger()

KINDS = (AlertKind.FULL, AlertKind.SLOW, AlertKind.FILES, AlertKind.CLOCK, AlertKind.LATE)

EVERY = 60.0
"""Seconds between two looks."""

_COUNTS = timedelta(minutes=3)
"""How long what was seen counts, where no other look follows."""

_CLOCK_EVERY = timedelta(minutes=10)
_OFF = 30.0
"""Seconds that a clock may be off."""

_SLOW, _PROBES, _PATIENCE = 1.0, 5, 30.0
"""Seconds that a write may take, as the median of so many; and after which one is given up."""

_LATE = timedelta(seconds=60)

_LEAST_SHARE, _LEAST_FREE = 0.05, 200 * 10**6
_MEGABYTE = 10**6

_MOST_WORDS = 300

Seen = dict[tuple[AlertKind, str], Trouble]


@dataclass
class SendingRate:
    """How old messages were when they were answered, since the last look."""

    began: datetime
    answers: list[tuple[datetime, datetime]] = field(default_factory=list)
    """When each was sent, and when it was answered."""
    last: Trouble | None = None

    def look(self, now: datetime) -> Trouble | None:
        """Return how answers are late, and begin anew. Where nobody wrote, it stays as it was.

        What was sent before the bot began has waited for that: it is told as such, and only where
        it is still being answered a minute later.
        """
        answers, self.answers = self.answers, []
        if not answers:
            return self.last
        self.last = None
        if any(sent < self.began for sent, _ in answers):
            if now - self.began > _LATE:
                self.last = Trouble(what="catching up")
            return self.last
        age = median((answered - sent).total_seconds() for sent, answered in answers)
        if age > _LATE.total_seconds():
            self.last = Trouble(round(age))
        return self.last


@dataclass
class Speed:
    """How long the last writes took."""

    seconds: "deque[float]" = field(default_factory=lambda: deque(maxlen=_PROBES))

    def look(self) -> Trouble | None:
        """Return that writing is slow, where it was for some time."""
        slow = len(self.seconds) == _PROBES and median(self.seconds) > _SLOW
        return Trouble() if slow else None


def room(total: int, free: int) -> Trouble | None:
    """Return that a disk of so many bytes has hardly any `free`."""
    if free >= _LEAST_FREE and free >= _LEAST_SHARE * total:
        return None
    return Trouble(free // _MEGABYTE)


def files(mistakes: tuple[Mistake, ...]) -> Mapping[str, Trouble]:
    """Return what is wrong in the files of each campaign, by its folder."""
    grave: dict[str, list[Mistake]] = {}
    for each in mistakes:
        if each.grave:
            folder = each.where.partition("/")[0].partition(",")[0]
            grave.setdefault(folder, []).append(each)
    return {
        folder: Trouble(len(found), f"{found[0].where}: {found[0].what}"[:_MOST_WORDS])
        for folder, found in grave.items()
    }


class Watchdog:
    """Looks at what this machine and this process can see. Each process has one."""

    def __init__(
        self,
        database: Database,
        roster: Roster,
        deployment: Callable[[], Deployment],
        voice: MessageSender,
        alarming: AlertMailer,
        clock: Callable[[], datetime],
        *,
        mistakes: Callable[[], tuple[Mistake, ...]],
        seconds_off: Callable[[], Awaitable[float | None]],
        file: Path | None,
        told: Callable[[], None],
        host: str = HOST,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        """Use these: the `mistakes` in campaigns, how far the clock is off, SQLite's file, and what
        is called when there is news.
        """
        self._database = database
        self._roster = roster
        self._house = deployment
        self._voice = voice
        self._alarming = alarming
        self._clock = clock
        self._mistakes = mistakes
        self._seconds_off = seconds_off
        self._file = file
        self._told = told
        self._host = host
        self._stopwatch = stopwatch
        self._pace, self._speed = SendingRate(clock()), Speed()
        self._seen: Seen = {}
        self._off: float | None = None
        self._asked: datetime | None = None
        self._members = self._roster.settled
        self._shouted: dict[int, int] | None = None
        """The messages that tell that the database is full, by chat, while it is."""

    def answered(self, sent: datetime) -> None:
        """Note that a message was answered that was sent then."""
        self._pace.answers.append((sent, self._clock()))

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Look at everything once, and tell what changed."""
        now = self._clock()
        is_full = await self._probe()
        low = await self._room()
        if is_full and self._shouted is None:
            await self._shout()
        elif self._shouted is not None and not is_full and low is None:
            await self._calm_down()
        if is_full:
            return
        await self._admins()
        seen: Seen = {(AlertKind.FILES, slug): it for slug, it in files(self._mistakes()).items()}
        found = {
            AlertKind.FULL: low if self._shouted is None else None,
            AlertKind.SLOW: self._speed.look(),
            AlertKind.CLOCK: await self._skew(now),
            AlertKind.LATE: self._pace.look(now),
        }
        if found[AlertKind.CLOCK]:
            # By a wrong clock nothing can be late.
            found[AlertKind.LATE] = self._pace.last = None
        seen |= {(kind, ""): trouble for kind, trouble in found.items() if trouble}
        work = partial(
            sightings.look, kinds=KINDS, seen=seen, host=self._host, now=now, until=now + _COUNTS
        )
        await self._database.transact(work)
        if seen != self._seen:
            self._seen = seen
            log.info("minding", count=len(seen), kind=", ".join(sorted({k for k, _ in seen})))
            self._told()

    async def _probe(self) -> bool:
        """Write something, and note how long that takes; tell whether there was no room for it."""
        since, is_full = self._stopwatch(), False
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._database.transact(partial(database_health.probe, now=self._clock()))
        except TimeoutError:
            log.warning("the database takes long to write")
        except Exception as error:
            if not database_health.is_full(error):
                raise  # it is away, and so would be what it is to keep
            is_full = True
        self._speed.seconds.append(self._stopwatch() - since)
        return is_full

    async def _room(self) -> Trouble | None:
        if self._file is None:
            return None
        usage = await asyncio.to_thread(shutil.disk_usage, self._file.parent)
        return room(usage.total, usage.free)

    async def _skew(self, now: datetime) -> Trouble | None:
        """Return that the clock is wrong, as it was when it was last looked at."""
        if self._asked is None or abs(now - self._asked) >= _CLOCK_EVERY:
            self._asked = now
            try:
                off = await self._seconds_off()
            except Exception as error:
                log.info("nobody says what time it is", **error_fields(error))
            else:
                self._off = self._off if off is None else off
        if self._off is None or self._off <= _OFF:
            return None
        return Trouble(round(self._off), self._host)

    # --- a full database, which keeps nothing ---------------------------------------------------

    async def _shout(self) -> None:
        log.error("the database is full")
        self._shouted = {}
        for chat, language in await self._admins():
            await self._say(chat, language, over=False)
        deployment = self._house()
        id_ = secrets.token_hex(8)
        await self._alarming.shout(
            AlertKind.FULL, lambda language: full(deployment, language, over=False).text, id_
        )

    async def _calm_down(self) -> None:
        for chat, language in await self._admins():
            if chat in (self._shouted or {}):
                await self._say(chat, language, over=True)
        self._shouted = None

    async def _say(self, chat: int, language: str, *, over: bool) -> None:
        messages = self._shouted if self._shouted is not None else {}
        show = full(self._house(), language, over=over)
        try:
            messages[chat] = await self._voice.show(chat, show, messages.get(chat), silent=over)
        except Exception as error:
            log.warning("an alert could not be told", **error_fields(error))

    async def _admins(self) -> tuple[tuple[int, str], ...]:
        """Return the admins' chats and languages, as known last where they cannot be read."""
        try:
            self._members = await self._database.read(self._roster.members)
        except Exception as error:
            log.warning("admins could not be read", **error_fields(error))
        members = self._members
        return tuple((each.chat, each.language) for each in members if each.role is Role.ADMIN)
