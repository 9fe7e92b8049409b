"""Prometheus metrics: counts and durations, never anything personal.

A label has one of a few values that are written in the code: never a name, an address, a chat or a
campaign. Figures from the database are queried when the metrics are read, and cached for a few
seconds. `docs/operating.md` lists all metrics, and a test compares.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot.logs import error_fields
from storage.database_health import WaitingMail, count_waiting_mail
from storage.engine.database import Database

log = structlog.get_logger()

CACHE_SECONDS = 5.0
"""Seconds for which figures from the database are cached, and that a query may take."""

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Upper bounds of the histograms' buckets, in seconds."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
Info("actionbot", "The version of actionbot.", registry=REGISTRY).info(
    {"version": version("actionbot")}
)

_UPDATES = Counter(
    "actionbot_updates",
    "Updates from Telegram, by result.",
    ["result"],
    registry=REGISTRY,
)
UPDATES_DONE, UPDATES_MALFORMED, UPDATES_RETRIED, UPDATES_GIVEN_UP = map(
    _UPDATES.labels, ("done", "malformed", "to_come_again", "given_up")
)

TURN_SECONDS = Histogram(
    "actionbot_turn_seconds",
    "Seconds from receiving an update to the commit of its answer.",
    buckets=_BUCKETS,
    registry=REGISTRY,
)
REPLY_SECONDS = Histogram(
    "actionbot_reply_seconds",
    "Seconds from the commit of an answer until its replies are sent.",
    buckets=_BUCKETS,
    registry=REGISTRY,
)
REPLIES_DROPPED = Counter(
    "actionbot_replies_dropped",
    "Answers that were not sent because too many waited in their chat.",
    registry=REGISTRY,
)
TELEGRAM_ERRORS = Counter(
    "actionbot_telegram_errors",
    "Calls to the Bot API that were refused or not answered.",
    ["method", "error"],
    registry=REGISTRY,
)
POLL_FAULTS = Counter(
    "actionbot_poll_faults",
    "Polls for updates that failed or brought nothing usable, by reason.",
    ["reason"],
    registry=REGISTRY,
)
MAIL_ATTEMPTS = Counter(
    "actionbot_mail_attempts",
    "Attempts to hand mail to the mail server, by result.",
    ["kind", "outcome"],
    registry=REGISTRY,
)
BROADCAST_RECIPIENTS = Counter(
    "actionbot_broadcast_recipients",
    "Recipients of broadcasts that this process has handled, by result.",
    ["fate"],
    registry=REGISTRY,
)

_READY = Gauge("actionbot_ready", "1 while /readyz says that it is ready.", registry=REGISTRY)
_PAUSED = Gauge(
    "actionbot_mail_rests",
    "1 while mail is paused in this process because the mail server cannot be reached.",
    registry=REGISTRY,
)
_WAITING = Gauge("actionbot_outbox_mails", "Mail that waits.", ["kind", "state"], registry=REGISTRY)
_OLDEST = Gauge(
    "actionbot_outbox_oldest_seconds",
    "Seconds that the oldest mail in the outbox has waited.",
    ["kind", "state"],
    registry=REGISTRY,
)


class MetricsPage:
    """The content of /metrics."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        mail_paused: Callable[[], bool],
    ) -> None:
        """Query `database`; `mail_paused` returns whether mail is paused in this process."""
        self._database = database
        self._clock = clock
        self._mail_paused = mail_paused
        self._lock = asyncio.Lock()
        self._queried: float | None = None
        """When the database was last queried."""

    async def text(self, *, ready: bool) -> bytes:
        """Return all metrics in Prometheus's text format, version 0.0.4.

        If the database does not answer, its figures are left out.
        """
        async with self._lock:
            if self._queried is None or time.monotonic() - self._queried >= CACHE_SECONDS:
                await self._query()
                self._queried = time.monotonic()
        _READY.set(ready)
        _PAUSED.set(self._mail_paused())
        return generate_latest(REGISTRY)

    async def _query(self) -> None:
        found: tuple[WaitingMail, ...] = ()
        try:
            async with asyncio.timeout(CACHE_SECONDS):
                found = await self._database.read(count_waiting_mail)
        except Exception as error:
            log.warning("outbox not counted", **error_fields(error))
        now = self._clock()
        _WAITING.clear()
        _OLDEST.clear()
        for each in found:
            _WAITING.labels(each.kind, each.state).set(each.count)
            _OLDEST.labels(each.kind, each.state).set((now - each.since).total_seconds())
