"""Health checks: whether this process can serve. Each check returns the problem that it found."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count

import structlog

from bot.logs import error_fields
from bot.services.mail.mail_worker import MailWorker
from bot.services.ports import HealthCheck
from bot.telegram.updates.polling import MAX_POLL_SILENCE, Poller
from bot.telegram.updates.webhook_watch import WebhookWatch
from storage.engine.database import Database
from storage.mail.delivery import sending
from storage.schema import migrations

log = structlog.get_logger()

CHECK_TIMEOUT = 5.0
"""Seconds that all checks together may take: they query the database."""

MAX_UPDATE_SECONDS = 60.0
"""Seconds for which an update may be processing."""

MAX_MAIL_DELAY = timedelta(minutes=10)
"""How long mail may be due before a worker picks it up, unless mail is paused."""


class Health:
    """Runs the health checks of this process."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Start with the checks that every process has."""
        self._database = database
        self._clock = clock
        self._numbers = count()
        self._processing: dict[int, float] = {}
        """When the updates began that are processing now, oldest first, by a number of each."""
        self._checks: list[HealthCheck] = [self._slow_update, self._schema]

    async def problem(self) -> str | None:
        """Return why this process cannot serve now, or None if it can."""
        try:
            async with asyncio.timeout(CHECK_TIMEOUT):
                for check in self._checks:
                    if problem := await check():
                        return problem
        except Exception as error:
            fields = error_fields(error)
            log.warning("health check failed", **fields)
            return f"the database does not answer ({fields['error']})"
        return None

    @contextmanager
    def processing(self) -> Iterator[None]:
        """Count an update as processing while the context lasts."""
        number = next(self._numbers)
        self._processing[number] = time.monotonic()
        try:
            yield
        finally:
            del self._processing[number]

    def watch_polls(self, poller: Poller) -> None:
        """Also check that Telegram answers polls."""

        async def check() -> str | None:
            seconds = time.monotonic() - poller.answered
            if seconds < MAX_POLL_SILENCE:
                return None
            reason = f": {poller.fault.value}" if poller.fault else ""
            return f"Telegram has not answered a poll for {seconds:.0f} seconds{reason}"

        self._checks.append(check)

    def watch_webhook(self, watch: WebhookWatch) -> None:
        """Also check that nobody else keeps changing the webhook."""
        self._checks.append(watch.lasting_problem)

    def watch_limit(self, limited_for: Callable[[], float]) -> None:
        """Also check that Telegram does not limit the bot: `limited_for` returns the seconds."""

        async def check() -> str | None:
            seconds = limited_for()
            if seconds <= 0:
                return None
            return f"Telegram limits the bot, and asks it to wait for {seconds:.0f} seconds"

        self._checks.append(check)

    def watch_mail(self, worker: MailWorker) -> None:
        """Also check that mail which is due is picked up.

        Mail may be paused because the mail server is down. That is no fault of this process, and
        admins get an alert. Deferred mail is due when its delay ends.
        """

        async def check() -> str | None:
            due = (await self._database.read(sending.schedule)).next_due
            now = self._clock()
            since = max(due or now, worker.last_progress)
            if worker.is_paused or now - since < MAX_MAIL_DELAY:
                return None
            return (
                f"mail has been due since {since:%Y-%m-%d %H:%M} UTC, "
                "and no process has picked it up"
            )

        self._checks.append(check)

    async def _schema(self) -> str | None:
        if not await self._database.read(migrations.is_usable):
            return "the database is of another version"
        return None

    async def _slow_update(self) -> str | None:
        oldest = next(iter(self._processing.values()), None)
        seconds = 0.0 if oldest is None else time.monotonic() - oldest
        if seconds < MAX_UPDATE_SECONDS:
            return None
        return f"an update has been processing for {seconds:.0f} seconds"
