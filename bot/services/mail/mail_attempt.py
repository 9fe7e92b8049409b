"""One attempt: a mail is assembled, handed over, and what became of it is written down."""

import asyncio
import platform
import random
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import partial

import structlog
from structlog.contextvars import bound_contextvars

from bot import metrics
from bot.logs import error_fields
from bot.services.mail.circuit_breaker import CircuitBreaker
from bot.services.mail.in_flight import InFlightLimit
from bot.services.mail.mail_results import MailResults
from bot.services.ports import AttemptResult, MailTransport
from conversations.model.delivery import DeliveryEvent
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail import mail_outages, sending
from storage.mail.outbox import MailKind
from storage.mail.outcomes import MailOutcome
from storage.mail.sending import Beginning, ClaimedMail

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
"""How long a worker that fell silent keeps a mail from others; renewed while SMTP waits."""

MAILBOX_FULL = timedelta(hours=4)
PROBE_FIRST = timedelta(seconds=30)
"""How long after a rest a mail waits that may be the reason for it."""

SILENCE = timedelta(minutes=5)
"""How long after its rest a worker that says nothing still counts as cut off: it may be trying."""

HOST = platform.node()
"""The machine: what it is cut off from, all workers on it are."""

_JITTER = 0.2


class MailAttempts:
    """Makes attempts, and knows from how they went when mail has to rest."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        carrier: MailTransport,
        clock: Callable[[], datetime],
        told: Callable[[], None],
        *,
        hold: bool,
    ) -> None:
        """Use these; see `Delivering`."""
        self._database = database
        self._vault = vault
        self._carrier = carrier
        self._clock = clock
        self._told = told
        self._hold = hold
        self._recording = MailResults(database, vault, clock, self._enough)
        self.window = InFlightLimit(carrier.in_hand)
        self._until: dict[tuple[str, str], datetime] = {}
        self.is_alerted = False
        """Whether it is known that our mail server takes nothing, whoever has found that out."""
        self.breaker = CircuitBreaker()
        self._heard: datetime | None = None

    async def deliver(self, claimed: ClaimedMail) -> None:
        """Bring a claimed mail to the server, and record what became of it."""
        held = claimed.mail, claimed.lease
        self._until[held] = claimed.until
        try:
            name = {"turn": claimed.turn_id, "kind": claimed.kind, "campaign": claimed.campaign}
            with bound_contextvars(**name):
                await self._try(claimed)
        finally:
            del self._until[held]

    async def renew(self) -> None:
        """Hold the leases of all mails in hand, for ever."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            until = self._clock() + LEASE
            renew = partial(sending.renew, held=tuple(self._until), until=until)
            try:
                for held in await self._database.transact(renew):
                    if held in self._until:
                        self._until[held] = until
            except Exception as error:
                # Where the database is away, the next time may still be soon enough.
                log.warning("leases not renewed", **error_fields(error))

    async def _try(self, claimed: ClaimedMail) -> None:
        now = self._clock()
        try:
            mail = await self._carrier.assemble(claimed, now)
        except Exception as error:
            # A fault of ours, which an update may mend: the letter waits, and others go.
            log.error("a mail cannot be assembled", **error_fields(error))
            tried = AttemptResult(DeliveryEvent.NOT_SENT, text="it cannot be assembled")
            await self._finish(claimed, tried, now + _back_off(claimed, now))
            return
        # What waits for a connection has begun: no connection waits for a commit. Codes are few.
        async with nullcontext() if claimed.kind is MailKind.CODE else self.window:
            if self.breaker.rests(self._clock()):
                await self._write(claimed, AttemptResult(DeliveryEvent.NOT_SENT))
                return
            if not await self._recording.begin(Beginning(claimed, mail.message, mail.decided)):
                return
            became = await self._carrier.send(mail, partial(self._is_ours, claimed))
        if became is not None:
            await self._record(claimed, became)

    def _enough(self) -> int:
        """Half of what may begin at once: they come soon after each other."""
        return min(len(self._until), self.window.width // 2)

    async def _is_ours(self, claimed: ClaimedMail) -> bool:
        """Whether the lease still holds: who fell silent for long must not send any more."""
        return self._clock() < self._until[claimed.mail, claimed.lease]

    async def _record(self, claimed: ClaimedMail, tried: AttemptResult) -> None:
        """Note what became of the try, and when the next one is."""
        now = self._clock()
        if tried.reached and not tried.our_fault:
            await self._reached(now)
        again: datetime | None = None
        if tried.event is DeliveryEvent.NOT_SENT:
            again = await self._not_sent(claimed, tried, now)
        elif tried.mailbox_full:
            again = now + MAILBOX_FULL
        elif tried.event in (DeliveryEvent.PUT_OFF, DeliveryEvent.BROKEN_OFF):
            again = now + _back_off(claimed, now)
        await self._finish(claimed, tried, again)

    async def _not_sent(
        self, claimed: ClaimedMail, tried: AttemptResult, now: datetime
    ) -> datetime:
        """Let the queue rest where it must; return when the mail is tried again."""
        again = self.breaker.failed(now, ours=tried.our_fault)
        if self.breaker.rests_until is not None:
            log.warning("mail rests", smtp_code=tried.code)
            await self._alert(tried, now)
        # One that is refused alone lets others go first when the rest is over.
        return (
            max(again + PROBE_FIRST, now + _back_off(claimed, now))
            if tried.this_mail_only
            else again
        )

    async def _alert(self, tried: AttemptResult, now: datetime) -> None:
        until = (self.breaker.rests_until or now) + SILENCE
        goes_on = partial(mail_outages.goes_on, code=tried.code, words=tried.text)
        await self._database.transact(partial(goes_on, host=HOST, now=now, until=until))
        self.is_alerted = True
        self._told()

    async def _reached(self, now: datetime) -> None:
        self.breaker.reached()
        if self.is_alerted:
            # Where another machine is cut off, it is looked again in a second.
            self.is_alerted = False
            if await self._database.transact(partial(mail_outages.is_over, host=HOST, now=now)):
                self._told()

    async def hear(self) -> None:
        """Try the mail server at once where an admin wants that, in whichever chat."""
        wanted = await self._database.read(mail_outages.tried)
        if wanted is not None and wanted != self._heard:
            self._heard = wanted
            self.breaker.try_now(self._clock())

    async def _finish(
        self, claimed: ClaimedMail, tried: AttemptResult, not_before: datetime | None = None
    ) -> None:
        await self._write(claimed, tried, not_before)
        became = tried.event.replace(" ", "_")
        metrics.MAIL_ATTEMPTS.labels(claimed.kind, became).inc()
        log.info("mail was tried", outcome=became, smtp_code=tried.code)
        self._told()

    async def _write(
        self, claimed: ClaimedMail, tried: AttemptResult, not_before: datetime | None = None
    ) -> None:
        lost = tried.event is DeliveryEvent.BROKEN_OFF and not claimed.possible_duplicate
        outcome = MailOutcome(
            claimed.mail,
            claimed.kind,
            claimed.lease,
            tried.event,
            not_before,
            tried.code,
            tried.text,
            held=self._hold and lost and claimed.kind is MailKind.LETTER,
        )
        await self._recording.record(outcome)


def _back_off(claimed: ClaimedMail, now: datetime) -> timedelta:
    """Return how long to wait: the mail's age, as Postfix does, with jitter against stampedes.

    Letters wait 300 to 4000 seconds; codes, which are good for half an hour, 10 to 120.
    """
    least, most = (10.0, 120.0) if claimed.kind is MailKind.CODE else (300.0, 4000.0)
    age = (now - claimed.queued).total_seconds()
    jitter = 1 + _JITTER * (2 * random.random() - 1)  # noqa: S311 - no secret
    return timedelta(seconds=min(max(age, least), most) * jitter)
