"""What is counted while the bot runs, for Prometheus: numbers under names, and nobody's.

A label holds one of a few words that stand in the code: never a name, an address, a chat or a
campaign. What is counted costs a lock and an addition; what stands in the database is asked for
when somebody looks, and kept for some seconds. `docs/operating.md` lists the names, held by a test.
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

KEPT = 5.0
"""Seconds for which an answer of the database stands, however often it is looked at."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
Info("actionbot", "The version that runs.", registry=REGISTRY).info(
    {"version": version("actionbot")}
)

_UPDATES = Counter(
    "actionbot_updates",
    "Updates from Telegram, by what became of them.",
    ["result"],
    registry=REGISTRY,
)
DONE, MALFORMED, AGAIN, GIVEN_UP = map(
    _UPDATES.labels, ("done", "malformed", "to_come_again", "given_up")
)

TURN_SECONDS = Histogram(
    "actionbot_turn_seconds",
    "From taking an update to the commit of its answer.",
    buckets=_SECONDS,
    registry=REGISTRY,
)
REPLY_SECONDS = Histogram(
    "actionbot_reply_seconds",
    "From the commit of an answer until it is said.",
    buckets=_SECONDS,
    registry=REGISTRY,
)
TELEGRAM_ERRORS = Counter(
    "actionbot_telegram_errors",
    "Calls of the Bot API that were refused, or not answered.",
    ["method", "error"],
    registry=REGISTRY,
)
MAIL_ATTEMPTS = Counter(
    "actionbot_mail_attempts",
    "What became of attempts to hand mail to the mail server.",
    ["kind", "outcome"],
    registry=REGISTRY,
)
BROADCAST_RECIPIENTS = Counter(
    "actionbot_broadcast_recipients",
    "Recipients of updates that this process is done with.",
    ["fate"],
    registry=REGISTRY,
)

_READY = Gauge("actionbot_ready", "1 while it can serve, as /readyz says.", registry=REGISTRY)
_RESTS = Gauge(
    "actionbot_mail_rests",
    "1 while this process lets the mail server rest, since it cannot be reached.",
    registry=REGISTRY,
)
_WAITING = Gauge("actionbot_outbox_mails", "Mail that waits.", ["kind", "state"], registry=REGISTRY)
_OLDEST = Gauge(
    "actionbot_outbox_oldest_seconds",
    "How long the oldest of it has waited.",
    ["kind", "state"],
    registry=REGISTRY,
)


class Exposition:
    """What /metrics answers."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        rests: Callable[[], bool],
    ) -> None:
        """Ask these."""
        self._database = database
        self._clock = clock
        self._rests = rests
        self._asking = asyncio.Lock()
        self._asked: float | None = None

    async def text(self, *, ready: bool) -> bytes:
        """Return everything in Prometheus's text format, version 0.0.4.

        Where the database does not answer, what stands in it is left out.
        """
        async with self._asking:
            if self._asked is None or time.monotonic() - self._asked >= KEPT:
                await self._ask()
                self._asked = time.monotonic()
        _READY.set(ready)
        _RESTS.set(self._rests())
        return generate_latest(REGISTRY)

    async def _ask(self) -> None:
        found: tuple[WaitingMail, ...] = ()
        try:
            async with asyncio.timeout(KEPT):
                found = await self._database.read(count_waiting_mail)
        except Exception as error:
            log.warning("outbox not counted", **error_fields(error))  # /readyz says why
            found = ()
        now = self._clock()
        _WAITING.clear()
        _OLDEST.clear()
        for each in found:
            _WAITING.labels(each.kind, each.state).set(each.count)
            _OLDEST.labels(each.kind, each.state).set((now - each.since).total_seconds())
