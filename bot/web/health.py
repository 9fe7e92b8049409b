"""Whether the bot can serve: each part that can tell has a look, which names what is missing."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count

import structlog

from bot.logs import error_fields
from bot.services.mail.mail_worker import MailWorker
from bot.telegram.polling import Poller
from storage.engine.database import Database
from storage.mail import sending
from storage.schema import migrations

log = structlog.get_logger()

Look = Callable[[], Awaitable[str | None]]
"""Returns what is missing, in words that hold nothing personal, or None."""

PATIENCE = 5.0
"""Seconds that the database has to answer."""

LONGEST = 60.0
"""Seconds for which an update may be in hand."""

SILENCE = 180.0
"""Seconds for which Telegram may leave polls without an answer: each may last for 50."""

STUCK = timedelta(minutes=10)
"""How long mail may be overdue while nothing moves and nothing lets it rest."""


class Health:
    """What all looks say together."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Look at the database; `looks` has what else there is."""
        self._database = database
        self._clock = clock
        self._numbers = count()
        self._in_hand: dict[int, float] = {}
        self.looks: list[Look] = [self._answered, self._kept]

    async def missing(self) -> str | None:
        """Return why the bot cannot serve at this moment, or None."""
        try:
            async with asyncio.timeout(PATIENCE):
                for look in self.looks:
                    if missing := await look():
                        return missing
        except Exception as error:
            log.warning("health check failed", **error_fields(error))
            return f"the database does not answer ({type(error).__name__})"
        return None

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """Have an update in hand for as long as the context lasts."""
        number = next(self._numbers)
        self._in_hand[number] = time.monotonic()
        try:
            yield
        finally:
            del self._in_hand[number]

    def polls(self, poller: Poller) -> None:
        """Look at the polls, too."""

        async def look() -> str | None:
            seconds = time.monotonic() - poller.answered
            if seconds < SILENCE:
                return None
            return f"Telegram has left polls without an answer for {seconds:.0f} seconds"

        self.looks.append(look)

    def delivers(self, delivering: MailWorker) -> None:
        """Look at the outbox, too: a mail server that is away is no fault of the bot's, and told
        to admins; mail that nobody takes in hand is. What was put off is not due until it is tried.
        """

        async def look() -> str | None:
            due = await self._database.read(sending.next_due)
            now = self._clock()
            since = max(due or now, delivering.last_progress)
            if delivering.is_paused or now - since < STUCK:
                return None
            return f"mail is due that nobody takes in hand, since {since:%Y-%m-%d %H:%M} UTC"

        self.looks.append(look)

    async def _kept(self) -> str | None:
        if await self._database.read(migrations.standing) != migrations.latest():
            return "the database is of another version"
        return None

    async def _answered(self) -> str | None:
        # The first is the oldest.
        since = next(iter(self._in_hand.values()), None)
        seconds = 0.0 if since is None else time.monotonic() - since
        return f"an update is in hand for {seconds:.0f} seconds" if seconds >= LONGEST else None
