"""The worker that sends mail from the outbox."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.logs import error_fields
from bot.services.core import Core
from bot.services.mail.mail_attempt import MAIL_LEASE, RENEWAL_INTERVAL, MailAttempts
from bot.services.mail.outages import OutageReporter
from bot.services.ports import AttemptResult, MailTransport
from bot.services.recovery_gate import RECOVERY_GRACE, RecoveryGate
from bot.services.runner import repeat
from bot.services.shutdown import finish
from storage.engine.database import DATABASE_ERRORS
from storage.mail.delivery import mail_outages, sending, uncertain
from storage.mail.delivery.outbox import CODES_LANE
from storage.mail.delivery.sending import ClaimedMail, Schedule
from storage.mail.letters import test_redirect

log = structlog.get_logger()

CLAIM_AHEAD = 2
"""How many times more mails are claimed than may be in flight: signing takes as long as sending."""

MAX_SLEEP = 5.0
"""Seconds after which a worker queries the outbox again, even if nothing wakes it."""

RECOVERY_INTERVAL = timedelta(seconds=1)
"""Time between two queries for leases that have ended and campaigns that are new."""


@dataclass(frozen=True)
class MailClaim:
    """The mails that a worker has claimed at once."""

    mails: tuple[ClaimedMail, ...]
    leaves_more: bool
    """Whether more mail may be due."""
    next_due: datetime | None = None
    """When the next mail is due; None if no mail waits, or more may be due now."""


class MailWorker:
    """Sends the mail that is due. Several of these may run, also in several processes."""

    def __init__(
        self,
        core: Core,
        transport: MailTransport,
        *,
        hold: bool = False,
        redirect_to: str = "",
        grace: timedelta = RECOVERY_GRACE,
    ) -> None:
        """Send with `transport`.

        With `hold`, an admin decides whether a letter with an unknown fate is sent again. With
        `redirect_to`, letters go to that address instead of their targets. `grace` is how long
        after an outage no mail is taken over from another worker.
        """
        self._core = core
        self._hold = hold
        self._redirect_to = redirect_to
        self._outages = OutageReporter(core)
        self._breaker = self._outages.breaker
        self._wake = asyncio.Event()
        self._gate = RecoveryGate(core.clock, grace, alone=not core.database.multi_process)
        self._attempts = MailAttempts(
            core, transport, self._outages, self._wake.set, self._gate, hold=hold
        )
        self._lanes: tuple[str, ...] = (CODES_LANE,)
        """The queues that may hold mail that is due: one for codes, and one for each campaign."""
        self._is_behind = False
        """Whether more mail may be due than was claimed."""
        self._woken = False
        """Whether `wake` was called since the last claim, or another process may have queued a
        code meanwhile.
        """
        self._tasks: set[asyncio.Task[None]] = set()
        self._recovered: datetime | None = None
        """When leases that have ended were last looked for."""
        self.last_progress = core.clock()
        """When a mail was last claimed or finished here."""

    async def probe_server(self, probe: Callable[[], Awaitable[AttemptResult | None]]) -> None:
        """Find out at the start whether the mail server can be used, before the first mail.

        `probe` returns why it can't, or None.
        """
        await self._outages.report_probe(await probe())

    @property
    def is_paused(self) -> bool:
        """Whether mail is paused because the mail server cannot be reached."""
        return self._breaker.paused_until is not None

    @property
    def _busy(self) -> int:
        """How many mails are on their way, without those that the server takes long for."""
        return len(self._tasks) - self._attempts.slow

    def wake(self) -> None:
        """Query the outbox now."""
        self._woken = True
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled. Then finish what is in flight, within the grace period."""
        renewing = asyncio.create_task(repeat(self._attempts.renew_leases, RENEWAL_INTERVAL))
        try:
            await repeat(self._run_once, 0)
        finally:
            await finish(self._tasks)
            renewing.cancel()
            await self._release()

    async def _release(self) -> None:
        """Give back the mails that were not finished. What can't be given back, waits for the end
        of its lease.
        """
        try:
            await self._attempts.release()
        except (SQLAlchemyError, OSError) as error:
            log.warning("leases not released", **error_fields(error))

    async def _run_once(self) -> None:
        """Start what is due, then sleep until more may be due, or `wake` is called."""
        self._wake.clear()
        seconds = await self._claim()
        if seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            self._woken = True

    async def _claim(self) -> float:
        """Claim the mails that are due, and begin to send them.

        Return after how many seconds to look for due mail again.
        """
        if self.is_paused:
            await self._outages.read_retry_request()
            self._gate.contact()
        now = self._core.clock()
        free, codes_only = self._free(now), False
        if free <= 0 and self._woken:
            # Codes do not wait for a free slot.
            slots = (CLAIM_AHEAD + 1) * self._attempts.in_flight.width
            free, codes_only = self._breaker.capacity(now, slots, self._busy), True
        self._woken = False
        if free <= 0:
            self._is_behind = True
            return self._until(None, now)
        work = partial(
            self._claim_due, now, secrets.token_hex(8), free, codes_only, self._gate.is_open
        )
        claiming = asyncio.create_task(self._core.database.transact(work))
        try:
            claim = await asyncio.shield(claiming)
        except asyncio.CancelledError:
            with suppress(*DATABASE_ERRORS):  # the cancellation goes on
                self._attempts.give_back((await claiming).mails)
            raise
        self._gate.contact()
        if claim.mails:
            self.last_progress = now
        for each in claim.mails:
            task = asyncio.create_task(self._attempts.deliver(each))
            self._tasks.add(task)
            task.add_done_callback(self._finished)
        self._is_behind = claim.leaves_more
        if claim.leaves_more:
            return 0 if self._free(now) > 0 else self._until(None, now)
        return self._until(claim.next_due, now)

    def _claim_due(
        self,
        now: datetime,
        lease: str,
        free: int,
        codes_only: bool,
        recovers: bool,
        connection: Connection,
    ) -> MailClaim:
        """Claim the mails that are due. `recovers`: also mails whose worker is gone."""
        if self._recovered is None or abs(now - self._recovered) >= RECOVERY_INTERVAL:
            if recovers:
                uncertain.recover_lost(connection, now=now, hold=self._hold)
            # Any worker that reaches the server ends the alert, not only the one that raised it.
            self._outages.is_known = mail_outages.is_open(connection)
            self._recovered = now
            self._note_lanes(sending.schedule(connection))
        until = now + MAIL_LEASE
        claim = partial(
            sending.claim, connection, self._core.vault, now=now, lease=lease, until=until
        )
        claimed = claim(lanes=(CODES_LANE,) if codes_only else self._lanes, limit=free)
        leaves_more, next_due = codes_only or len(claimed) == free, None
        if not leaves_more:
            found = sending.schedule(connection)
            is_new = self._note_lanes(found)
            if is_new and not claimed:
                claimed = claim(lanes=self._lanes, limit=free)
            leaves_more, next_due = is_new and bool(claimed), found.next_due
        claimed = mail_outages.end_late(connection, self._core.vault, claimed, now=now)
        if self._redirect_to:
            redirect = partial(test_redirect.redirect, connection, self._core.vault)
            claimed = redirect(claimed, self._redirect_to, now=now)
        return MailClaim(claimed, leaves_more, next_due)

    def _note_lanes(self, found: Schedule) -> bool:
        """Note where mail waits; return whether mail waits where none did. Codes always may."""
        before = self._lanes
        self._lanes = (CODES_LANE, *(lane for lane in found.lanes if lane != CODES_LANE))
        return not set(before).issuperset(found.lanes)

    def _free(self, now: datetime) -> int:
        """Return how many mails to claim. A claim of one costs as much as a claim of many."""
        width, busy = self._attempts.in_flight.width, self._busy
        free = self._breaker.capacity(now, CLAIM_AHEAD * width, busy)
        return free if not busy or free >= width // 2 else 0

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.last_progress = self._core.clock()
        if self._is_behind and self._free(self.last_progress) > 0:
            self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            # The mail's lease will end, and a worker claims it again.
            log.error("mail attempt failed", **error_fields(error))

    def _until(self, due: datetime | None, now: datetime) -> float:
        """Return the seconds until a mail is due that can be claimed; at most MAX_SLEEP."""
        paused_until = self._breaker.paused_until
        if paused_until is not None and now < paused_until:
            due = paused_until
        if due is None:
            return MAX_SLEEP
        # While the gate is closed, a lease that has ended is nothing to do yet.
        least = 0.01 if self._gate.is_open else RECOVERY_INTERVAL.total_seconds()
        return min(max((due - now).total_seconds(), least), MAX_SLEEP)
