"""One attempt to send a mail: assemble it, hand it to the mail server, and record the result."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from structlog.contextvars import bound_contextvars

from bot import metrics
from bot.logs import error_fields
from bot.services.core import Core
from bot.services.mail.in_flight import InFlightLimit, Place
from bot.services.mail.mail_results import MailResults
from bot.services.mail.outages import OutageReporter
from bot.services.mail.retry_delays import (
    BREAK_DELAY,
    BUSY_SERVER_DELAY,
    FIRST_BREAK_DELAY,
    MAILBOX_FULL_DELAY,
    SUSPECT_DELAY,
    retry_delay,
)
from bot.services.ports import AttemptResult, MailTransport
from bot.services.recovery_gate import RecoveryGate
from conversations.model.letters.delivery import DeliveryEvent
from conversations.model.letters.server_reply import ReplyMeaning, ServerReply
from storage.engine.database import DATABASE_ERRORS
from storage.mail.delivery import sending
from storage.mail.delivery.content import MailKind
from storage.mail.delivery.outcomes import MailOutcome
from storage.mail.delivery.sending import Beginning, ClaimedMail

log = structlog.get_logger()

MAIL_LEASE = timedelta(seconds=60)
"""How long a worker that stopped responding keeps a mail from others. Renewed during an attempt."""

RENEWAL_INTERVAL = MAIL_LEASE.total_seconds() / 3
"""Seconds between two renewals of the leases."""


class MailAttempts:
    """Sends claimed mails, each in one attempt."""

    def __init__(
        self,
        core: Core,
        transport: MailTransport,
        outages: OutageReporter,
        look_again: Callable[[], None],
        gate: RecoveryGate,
        *,
        hold: bool,
    ) -> None:
        """Send with `transport`, and call `look_again` when more mails may start or be due.

        `gate` is closed when the database fails.
        With `hold`, a letter whose connection broke waits for an admin's decision.
        """
        self._core = core
        self._transport = transport
        self._outages = outages
        self._look_again = look_again
        self._gate = gate
        self._hold = hold
        self._results = MailResults(
            core.database, core.vault, core.clock, self._batch_size, gate.close
        )
        self.in_flight = InFlightLimit(transport.in_hand)
        self._leases: dict[tuple[str, str], datetime] = {}
        """When leases end, by mail and lease, of the mails that are being sent."""
        self._so_far: dict[tuple[str, str], MailOutcome] = {}
        """What is known of the mails that are being sent: their outcomes if they end now."""
        self._cut_off: list[MailOutcome] = []
        """The outcomes of mails that were cut off by a shutdown."""
        self._slow: set[tuple[str, str]] = set()
        """Those for which the server takes so long that other mails take their places."""

    @property
    def slow(self) -> int:
        """How many mails the server takes long for."""
        return len(self._slow)

    async def deliver(self, claimed: ClaimedMail) -> None:
        """Send a claimed mail and record the result."""
        held = claimed.mail, claimed.lease
        self._leases[held] = claimed.until
        self._so_far[held] = self._outcome(claimed, AttemptResult(DeliveryEvent.NOT_SENT))
        try:
            name = {"turn": claimed.turn_id, "kind": claimed.kind, "campaign": claimed.campaign}
            with bound_contextvars(**name):
                await self._deliver(claimed)
        except asyncio.CancelledError:
            self._cut_off.append(self._so_far[held])
            raise
        finally:
            del self._leases[held], self._so_far[held]
            self._slow.discard(held)

    async def renew_leases(self) -> None:
        """Renew the leases of all mails that are being sent."""
        if self._leases:
            await self._renew(tuple(self._leases))

    async def _renew(self, held: Collection[tuple[str, str]]) -> None:
        """Renew leases that nobody has taken, even if they ended."""
        until = self._core.clock() + MAIL_LEASE
        try:
            renewed = await self._core.database.transact(
                partial(sending.renew, held=held, until=until)
            )
        except DATABASE_ERRORS:
            self._gate.close()
            raise
        for each in renewed:
            if each in self._leases:
                self._leases[each] = until

    def give_back(self, claimed: Iterable[ClaimedMail]) -> None:
        """Let `release` give back mails that were claimed and will not be sent here."""
        not_sent = AttemptResult(DeliveryEvent.NOT_SENT)
        self._cut_off += (self._outcome(each, not_sent) for each in claimed)

    async def release(self) -> None:
        """Record what is known of the mails that were cut off, so that another worker goes on.

        Raises what the database raises.
        """
        if self._cut_off:
            await self._results.record_all(self._cut_off)
            self._cut_off = []

    async def _deliver(self, claimed: ClaimedMail) -> None:
        now = self._core.clock()
        try:
            mail = await self._transport.assemble(claimed, now)
        except Exception as error:
            # A bug of ours, which a new version may fix: this mail waits, and others are sent.
            log.error("mail not assembled", **error_fields(error))
            result = AttemptResult(DeliveryEvent.NOT_SENT, ServerReply(meaning=ReplyMeaning.OURS))
            await self._finish(claimed, result, now + retry_delay(claimed, now))
            return
        # A mail begins before it has a connection, so that no connection waits for a commit. Codes
        # are few, and not limited.
        is_code = claimed.kind is MailKind.CODE
        place = Place(None) if is_code else await self.in_flight.enter()
        try:
            if self._outages.breaker.is_paused(self._core.clock()):
                await self._record(claimed, AttemptResult(DeliveryEvent.NOT_SENT))
                return
            if not await self._results.begin(Beginning(claimed, mail.message, mail.decided)):
                return
            sent = await self._transport.send(
                mail, partial(self._holds_lease, claimed), partial(self._is_slow, claimed, place)
            )
        finally:
            place.leave()
        if sent is None:
            # Recorded only if nobody else has the mail: the database may have failed.
            await self._record(claimed, AttemptResult(DeliveryEvent.NOT_SENT))
        else:
            domain = mail.recipient.rpartition("@")[2].lower()
            sent = self._judge(domain, sent)
            await self._finish(claimed, sent, await self._retry_at(claimed, domain, sent))

    def _is_slow(self, claimed: ClaimedMail, place: Place) -> None:
        """Let other mails take the place of one that the server takes long for."""
        log.warning("mail server is slow")
        self._slow.add((claimed.mail, claimed.lease))
        place.leave()
        self._look_again()

    def _judge(self, domain: str, result: AttemptResult) -> AttemptResult:
        """Return the result; what sounds like a fault of ours may be the domain's."""
        suspicious = result.our_fault and result.this_mail_only
        if suspicious and self._outages.breaker.blames_domain(domain):
            return replace(
                result, event=DeliveryEvent.REFUSED, our_fault=False, this_mail_only=False
            )
        return result

    def _batch_size(self) -> int:
        """Return how many results make a batch: half of the mails in flight end close together."""
        return min(len(self._leases) - len(self._slow), self.in_flight.width // 2)

    async def _holds_lease(self, claimed: ClaimedMail) -> bool:
        """Whether nobody else has claimed the mail. A lease that ended is renewed if it can be.

        This is asked right before the content. If that is cut off, the mail may have left.
        """
        held = claimed.mail, claimed.lease
        if self._core.clock() >= self._leases[held]:
            try:
                await self._renew((held,))
            except DATABASE_ERRORS as error:
                log.warning("lease not renewed", **error_fields(error))
        now = self._core.clock()
        if now >= self._leases[held]:
            return False
        cut_off = AttemptResult(DeliveryEvent.BROKEN_OFF)
        self._so_far[held] = self._outcome(claimed, cut_off, now + retry_delay(claimed, now))
        return True

    async def _retry_at(
        self, claimed: ClaimedMail, domain: str, result: AttemptResult
    ) -> datetime | None:
        """Report whether the server answered. Return when to try the mail again; None if never."""
        now = self._core.clock()
        if result.reached and not result.our_fault:
            await self._outages.server_answered(now)
        if result.event is DeliveryEvent.TAKEN:
            self._outages.breaker.accepted()
        if result.event is DeliveryEvent.NOT_SENT:
            return await self._retry_unsent_at(claimed, domain, result, now)
        if result.mailbox_full:
            return now + MAILBOX_FULL_DELAY
        if result.event in (DeliveryEvent.PUT_OFF, DeliveryEvent.BROKEN_OFF):
            return now + retry_delay(claimed, now)
        return None

    async def _retry_unsent_at(
        self, claimed: ClaimedMail, domain: str, result: AttemptResult, now: datetime
    ) -> datetime:
        """Return when to try a mail again that the server did not take because of us."""
        breaker = self._outages.breaker
        if result.broke and not breaker.broke(domain):
            return now + (FIRST_BREAK_DELAY if claimed.message is None else BREAK_DELAY)
        if not result.this_mail_only:
            return await self._outages.server_failed(result, now)
        if not result.our_fault:
            # The server allows no more connections at once.
            return now + BUSY_SERVER_DELAY
        ends = now
        if breaker.suspect(claimed.mail, domain):
            ends = await self._outages.server_failed(result, now)
        # Other mails go first: this one may be the only one that the server refuses.
        return max(ends + SUSPECT_DELAY, now + retry_delay(claimed, now))

    async def _finish(
        self, claimed: ClaimedMail, result: AttemptResult, retry_at: datetime | None
    ) -> None:
        await self._record(claimed, result, retry_at)
        outcome = result.event.replace(" ", "_")
        metrics.MAIL_ATTEMPTS.labels(claimed.kind, outcome).inc()
        log.info("mail attempted", outcome=outcome, smtp_code=result.reply.code)

    async def _record(
        self, claimed: ClaimedMail, result: AttemptResult, retry_at: datetime | None = None
    ) -> None:
        outcome = self._outcome(claimed, result, retry_at)
        self._so_far[claimed.mail, claimed.lease] = outcome
        await self._results.record(outcome)
        if result.event not in (DeliveryEvent.TAKEN, DeliveryEvent.REFUSED):
            self._look_again()

    def _outcome(
        self, claimed: ClaimedMail, result: AttemptResult, retry_at: datetime | None = None
    ) -> MailOutcome:
        lost = result.event is DeliveryEvent.BROKEN_OFF and not claimed.possible_duplicate
        return MailOutcome(
            claimed.mail,
            claimed.kind,
            claimed.lease,
            result.event,
            retry_at,
            result.reply,
            held=self._hold and lost and claimed.kind is MailKind.LETTER,
        )
