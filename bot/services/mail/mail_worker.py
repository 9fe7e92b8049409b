"""The worker that takes mail from the outbox to the mail server, and records what became of it."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.logs import error_fields
from bot.services.mail.mail_attempt import LEASE, MailAttempts
from bot.services.ports import MailTransport
from bot.services.shutdown import part
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail import (
    mail_outages,
    outcomes,
    sending,
    test_redirect,
)
from storage.mail.outbox import CODES
from storage.mail.sending import ClaimedMail

log = structlog.get_logger()

AHEAD = 2
"""Times as many mails are claimed as may have begun: to sign one takes as long as to send it."""

_LONGEST_SLEEP = 5.0
_LOOK_BACK = timedelta(seconds=1)


class MailWorker:
    """Drains the outbox. Any number of these may run, in any number of processes."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        carrier: MailTransport,
        clock: Callable[[], datetime],
        told: Callable[[], None],
        *,
        hold: bool = False,
        divert_to: str = "",
    ) -> None:
        """Use these; `told` is called when there is news of letters.

        With `hold`, an admin decides whether a letter of unknown fate is sent once more. With
        `divert_to`, no letter goes anywhere but there.
        """
        self._database = database
        self._vault = vault
        self._clock = clock
        self._told = told
        self._hold = hold
        self._divert_to = divert_to
        self._attempting = MailAttempts(database, vault, carrier, clock, told, hold=hold)
        self._breaker = self._attempting.breaker
        self._lanes: tuple[str, ...] = ()
        self._wake = asyncio.Event()
        self._poked = False
        self._running: set[asyncio.Task[None]] = set()
        self._looked_back: datetime | None = None
        self.moved = clock()
        """When a mail was last taken in hand or done with here."""

    @property
    def rests(self) -> bool:
        """Whether mail rests, since the mail server cannot be reached."""
        return self._breaker.rests_until is not None

    def poke(self) -> None:
        """Look at once whether something is due."""
        self._poked = True
        self._wake.set()

    async def run(self) -> None:
        """Deliver for ever; when cancelled, finish what is on the wire first, if it goes soon."""
        renewing = asyncio.create_task(self._attempting.renew())
        try:
            while True:
                self._wake.clear()
                if not await self._claim():
                    await self._sleep()
        finally:
            await part(self._running)
            renewing.cancel()

    async def _claim(self) -> bool:
        """Claim what is due, as far as hands are free; False where there is nothing to do."""
        if self.rests:
            await self._attempting.hear()
        now = self._clock()
        free, for_codes = self._free(now), False
        if free <= 0 and self._poked:
            # Codes go before letters: they wait for no hand.
            hands = (AHEAD + 1) * self._attempting.window.width
            free, for_codes = self._breaker.free(now, hands, len(self._running)), True
        self._poked = False
        if free <= 0:
            return False
        work = partial(self._look, now, secrets.token_hex(8), free, for_codes)
        news, claimed = await self._database.transact(work)
        if news:
            self._told()
        if claimed:
            self.moved = now
        for each in claimed:
            task = asyncio.create_task(self._attempting.deliver(each))
            self._running.add(task)
            task.add_done_callback(self._done)
        return bool(claimed) and self._free(now) > 0

    def _look(
        self, now: datetime, lease: str, free: int, for_codes: bool, connection: Connection
    ) -> tuple[int, tuple[ClaimedMail, ...]]:
        """Return how many mails were taken back or given up, and those that are ours now.

        With every mail it is looked neither for leases that ran out nor for lanes that are new.
        """
        news = 0
        if self._looked_back is None or abs(now - self._looked_back) >= _LOOK_BACK:
            news = outcomes.recover(connection, now=now, hold=self._hold)
            # Whoever raised the alert may be gone: whoever gets through ends it.
            self._attempting.is_alerted = mail_outages.is_one(connection)
            self._looked_back, self._lanes = now, ()
        until = now + LEASE
        claim = partial(
            sending.claim, connection, self._vault, now=now, lease=lease, until=until, limit=free
        )
        lanes = (CODES,) if for_codes else self._lanes
        claimed = claim(lanes=lanes) if lanes else ()
        if not claimed and not for_codes:
            # Codes are never new.
            self._lanes = (CODES, *(lane for lane in sending.lanes(connection) if lane != CODES))
            claimed = claim(lanes=self._lanes)
        due = len(claimed)
        claimed = mail_outages.spare(connection, claimed, now=now)
        news += due - len(claimed)
        if self._divert_to:
            claimed = test_redirect.divert(
                connection, self._vault, claimed, self._divert_to, now=now
            )
        return news, claimed

    def _free(self, now: datetime) -> int:
        """Return how many mails may be claimed: a claim for one costs as much as one for many."""
        width, busy = self._attempting.window.width, len(self._running)
        free = self._breaker.free(now, AHEAD * width, busy)
        return free if not busy or free >= width // 2 else 0

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.moved = self._clock()
        if self._free(self.moved) > 0:
            self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            # The lease will run out, and the mail is taken back.
            log.error("delivery broke", **error_fields(error))

    async def _sleep(self) -> None:
        """Wait until something is due, is queued, or a hand is free."""
        now = self._clock()
        seconds, rests_until = _LONGEST_SLEEP, self._breaker.rests_until
        if rests_until is not None and now < rests_until:
            seconds = (rests_until - now).total_seconds()
        elif self._free(now) > 0:
            due = await self._database.read(sending.next_due)
            if due is not None:
                seconds = max((due - now).total_seconds(), 0.01)
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, _LONGEST_SLEEP)):
                await self._wake.wait()
