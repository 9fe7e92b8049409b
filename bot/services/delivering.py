"""The worker that takes mail from the outbox to the mail server, and records what became of it."""

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection

from bot.services.breaker import Breaker
from bot.services.parting import part
from bot.services.recording import Recording
from conversations.delivery import Happening
from conversations.identity import Decided
from conversations.known import AlertKind
from storage import alerts, diverting, sending
from storage.database import Database
from storage.outbox import CODES, MailKind
from storage.sending import Claimed, Outcome
from storage.vault import Vault

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
"""How long a worker that fell silent keeps a mail from others; renewed while SMTP waits."""

MAILBOX_FULL = timedelta(hours=4)
PROBE_FIRST = timedelta(seconds=30)
"""How long after a rest a mail waits that may be the reason for it."""

_LONGEST_SLEEP = 5.0
_JITTER = 0.2
_LOOK_BACK = timedelta(seconds=1)


@dataclass(frozen=True)
class Mail:
    """What goes on the wire; and as whom, where a letter is assembled for the first time."""

    sender: str
    recipient: str
    message: bytes
    decided: Decided | None = None


@dataclass(frozen=True)
class Tried:
    """What became of one try.

    `reached` tells that the server answered, `ours` that it finds a fault of ours: then the queue
    rests, and nothing is lost. `alone` tells that the fault may concern this mail only.
    """

    happened: Happening
    code: int | None = None
    text: str = ""
    reached: bool = True
    ours: bool = False
    alone: bool = False
    mailbox_full: bool = False


class Carrier(Protocol):
    """Who assembles mail and hands it to a server."""

    in_hand: int
    """How many mails may be claimed at once."""

    async def assemble(self, claimed: Claimed, now: datetime) -> Mail:
        """Return the mail as it goes out."""

    async def send(self, mail: Mail, begin: Callable[[], Awaitable[bool]]) -> Tried | None:
        """Hand it over; `begin` notes the attempt right before DATA and may call it off: None."""


class Delivering:
    """Drains the outbox. Any number of these may run, in any number of processes."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        carrier: Carrier,
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
        self._carrier = carrier
        self._clock = clock
        self._told = told
        self._hold = hold
        self._divert_to = divert_to
        self._recording = Recording(database, clock)
        self._breaker = Breaker()
        self._may_be_alerted = True  # by a process before this one
        self._lanes: tuple[str, ...] = ()
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._looked_back: datetime | None = None

    def poke(self) -> None:
        """Look at once whether something is due."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver for ever; when cancelled, finish what is on the wire first, if it goes soon."""
        try:
            while True:
                self._wake.clear()
                if not await self._claim():
                    await self._sleep()
        finally:
            await part(self._running)

    async def _claim(self) -> bool:
        """Claim what is due, as far as hands are free; False where there is nothing to do."""
        now = self._clock()
        free = self._free(now)
        if free <= 0:
            return False
        work = partial(self._look, now, secrets.token_hex(8), free)
        news, claimed = await self._database.transact(work)
        if news:
            self._told()
        for each in claimed:
            task = asyncio.create_task(self._deliver(each))
            self._running.add(task)
            task.add_done_callback(self._done)
        return bool(claimed) and self._free(now) > 0

    def _look(
        self, now: datetime, lease: str, free: int, connection: Connection
    ) -> tuple[int, tuple[Claimed, ...]]:
        """Return how many mails were taken back, and those that are ours now.

        With every mail it is looked neither for leases that ran out nor for lanes that are new.
        """
        recovered = 0
        if self._looked_back is None or abs(now - self._looked_back) >= _LOOK_BACK:
            recovered = sending.recover(connection, now=now, hold=self._hold)
            self._looked_back, self._lanes = now, ()
        until = now + LEASE
        claim = partial(
            sending.claim, connection, self._vault, now=now, lease=lease, until=until, limit=free
        )
        claimed = claim(lanes=self._lanes) if self._lanes else ()
        if not claimed:
            # Codes are never new.
            self._lanes = (CODES, *(lane for lane in sending.lanes(connection) if lane != CODES))
            claimed = claim(lanes=self._lanes)
        if self._divert_to:
            claimed = diverting.divert(connection, self._vault, claimed, self._divert_to, now=now)
        return recovered, claimed

    def _free(self, now: datetime) -> int:
        """Return how many mails may be claimed: a claim for one costs as much as one for many."""
        hands, busy = self._carrier.in_hand, len(self._running)
        free = self._breaker.free(now, hands, busy)
        return free if not busy or free >= hands // 3 else 0

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            # The lease will run out, and the mail is taken back.
            log.error("delivery broke", error=type(error).__name__)

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

    async def _deliver(self, claimed: Claimed) -> None:
        now = self._clock()
        if claimed.expires <= now:
            # What may have left is never called failed.
            lost = claimed.possible_duplicate
            happened = Happening.BROKEN_OFF if lost else Happening.REFUSED
            await self._finish(claimed, Tried(happened, text="it could not be delivered in time"))
            return
        try:
            mail = await self._carrier.assemble(claimed, now)
        except Exception as error:
            # A fault of ours, which an update may mend: the letter waits, and others go.
            log.error("a mail cannot be assembled", error=type(error).__name__)
            tried = Tried(Happening.NOT_SENT, text="it cannot be assembled")
            await self._finish(claimed, tried, now + _back_off(claimed, now))
            return
        renewing = asyncio.create_task(self._renew(claimed))
        try:
            became = await self._carrier.send(mail, partial(self._begin, claimed, mail))
            if became is not None:
                await self._record(claimed, became)
        finally:
            renewing.cancel()

    async def _begin(self, claimed: Claimed, mail: Mail) -> bool:
        now = self._clock()
        return await self._database.transact(
            lambda c: sending.begin(
                c, self._vault, claimed, mail.message, decided=mail.decided, now=now
            )
        )

    async def _renew(self, claimed: Claimed) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            renew = partial(sending.renew, mail=claimed.mail, lease=claimed.lease)
            # Where the database is away, the next time may still be soon enough.
            with suppress(Exception):
                await self._database.transact(partial(renew, until=self._clock() + LEASE))

    async def _record(self, claimed: Claimed, tried: Tried) -> None:
        """Note what became of the try, and when the next one is."""
        now = self._clock()
        if tried.reached and not tried.ours:
            await self._reached(now)
        again: datetime | None = None
        if tried.happened is Happening.NOT_SENT:
            again = await self._not_sent(claimed, tried, now)
        elif tried.mailbox_full:
            again = now + MAILBOX_FULL
        elif tried.happened in (Happening.PUT_OFF, Happening.BROKEN_OFF):
            again = now + _back_off(claimed, now)
        await self._finish(claimed, tried, again)

    async def _not_sent(self, claimed: Claimed, tried: Tried, now: datetime) -> datetime:
        """Let the queue rest where it must; return when the mail is tried again."""
        again = self._breaker.failed(now, ours=tried.ours)
        if self._breaker.rests_until is not None:
            log.warning("mail rests", smtp_code=tried.code)
            await self._alert(tried, now)
        # One that is refused alone lets others go first when the rest is over.
        return max(again + PROBE_FIRST, now + _back_off(claimed, now)) if tried.alone else again

    async def _alert(self, tried: Tried, now: datetime) -> None:
        said = partial(alerts.raise_, smtp_code=tried.code, smtp_text=tried.text)
        await self._database.transact(
            lambda connection: said(connection, AlertKind.SERVER, "", now=now)
        )
        self._may_be_alerted = True
        self._told()

    async def _reached(self, now: datetime) -> None:
        self._breaker.reached()
        if self._may_be_alerted:
            await self._database.transact(
                lambda connection: alerts.end(connection, AlertKind.SERVER, "", now=now)
            )
            self._may_be_alerted = False
            self._told()

    async def _finish(
        self, claimed: Claimed, tried: Tried, not_before: datetime | None = None
    ) -> None:
        lost = tried.happened is Happening.BROKEN_OFF and not claimed.possible_duplicate
        outcome = Outcome(
            claimed.mail,
            claimed.kind,
            claimed.lease,
            tried.happened,
            not_before,
            tried.code,
            tried.text,
            held=self._hold and lost and claimed.kind is MailKind.LETTER,
        )
        await self._recording.record(outcome)
        self._told()


def _back_off(claimed: Claimed, now: datetime) -> timedelta:
    """Return how long to wait: the mail's age, as Postfix does, with jitter against stampedes.

    Letters wait 300 to 4000 seconds; codes, which are good for half an hour, 10 to 120.
    """
    least, most = (10.0, 120.0) if claimed.kind is MailKind.CODE else (300.0, 4000.0)
    age = (now - claimed.queued).total_seconds()
    jitter = 1 + _JITTER * (2 * random.random() - 1)  # noqa: S311 - no secret
    return timedelta(seconds=min(max(age, least), most) * jitter)
