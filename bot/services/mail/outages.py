"""Report outages of the mail server, as this machine sees them, and their end."""

import platform
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.services.core import Core
from bot.services.mail.circuit_breaker import CircuitBreaker
from bot.services.ports import AttemptResult
from storage.mail.delivery import mail_outages

log = structlog.get_logger()

HOST = platform.node()
"""This machine. If one worker on a machine is cut off from the mail server, all of them are."""

OUTAGE_LIFETIME = timedelta(minutes=5)
"""How long an outage lasts after the pause of a worker that no longer reports."""


class OutageReporter:
    """Pauses mail when the server fails, and raises and ends the alert about it."""

    def __init__(self, core: Core) -> None:
        """Start without an outage."""
        self._core = core
        self.breaker = CircuitBreaker()
        self.is_known = False
        """Whether there is an alert, raised by any worker."""
        self._last_request: datetime | None = None
        """The last request of an admin to try the server again."""

    async def server_failed(self, result: AttemptResult, now: datetime) -> datetime:
        """Pause mail if the server failed too often. Return when to try again."""
        retry_at = self.breaker.failed(now, our_fault=result.our_fault)
        paused_until = self.breaker.paused_until
        if paused_until is not None:
            log.warning("mail paused", smtp_code=result.reply.code)
            work = partial(mail_outages.report, reply=result.reply, host=HOST)
            until = paused_until + OUTAGE_LIFETIME
            await self._core.database.transact(partial(work, now=now, until=until))
            self.is_known = True
        return retry_at

    async def server_answered(self, now: datetime) -> None:
        """End the pause, and the alert unless another machine is still cut off."""
        self.breaker.succeeded()
        if self.is_known:
            # If another machine is cut off, the worker finds that out within a second.
            self.is_known = False
            end = partial(mail_outages.end, host=HOST, now=now)
            await self._core.database.transact(end)

    async def report_probe(self, result: AttemptResult | None) -> None:
        """Report what a log-in at the start found: None, or why the server can't be used.

        A server that refuses our log-in would refuse every mail. A server that isn't reached may
        only be restarting: the first mail finds out.
        """
        now = self._core.clock()
        if result is None:
            self.is_known = await self._core.database.read(mail_outages.is_open)
            await self.server_answered(now)
            log.info("mail server can be used")
            return
        log.error(
            "mail server can't be used",
            smtp_code=result.reply.code,
            reason="it refuses user or password" if result.our_fault else "it isn't reached",
        )
        if result.our_fault:
            await self.server_failed(result, now)

    async def read_retry_request(self) -> None:
        """End the pause if an admin has asked to try the server now, in any chat."""
        requested = await self._core.database.read(mail_outages.retry_requested)
        if requested is not None and requested != self._last_request:
            self._last_request = requested
            self.breaker.end_pause(self._core.clock())
