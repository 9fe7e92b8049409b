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

from bot.services.parting import part
from conversations.delivery import LetterState
from conversations.identity import Decided
from storage import sending
from storage.database import Database
from storage.outbox import MailKind
from storage.sending import Claimed, Outcome
from storage.vault import Vault

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
"""How long a worker that fell silent keeps a mail from others; renewed while SMTP waits."""

PAUSE = timedelta(seconds=30)
"""How long the queue rests after a fault of ours, or when the server cannot be reached."""

MAILBOX_FULL = timedelta(hours=4)
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
    """What became of one try. `state` is None where nothing was sent.

    `rests` tells that it was a fault of ours, or that the server was not reached: the queue rests,
    and nothing is lost. `alone` tells that it may concern this mail only.
    """

    state: LetterState | None
    code: int | None = None
    text: str = ""
    rests: bool = False
    alone: bool = False
    mailbox_full: bool = False


class Carrier(Protocol):
    """Who assembles mail and hands it to a server."""

    in_hand: int
    """How many mails may be claimed at once."""

    async def assemble(self, claimed: Claimed, now: datetime) -> Mail:
        """Return the mail as it goes out."""

    async def send(self, mail: Mail, begin: Callable[[], Awaitable[bool]]) -> Tried:
        """Hand it over; `begin` notes the attempt right before DATA and may call it off."""


class Delivering:
    """Drains the outbox. Any number of these may run, in any number of processes."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        carrier: Carrier,
        clock: Callable[[], datetime],
        told: Callable[[], None],
    ) -> None:
        """Use these; `told` is called when there is news of letters."""
        self._database = database
        self._vault = vault
        self._carrier = carrier
        self._clock = clock
        self._told = told
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._rests_until: datetime | None = None
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
        lease = secrets.token_hex(8)
        # Leases that ran out are not looked for with every mail.
        looks_back = self._looked_back is None or abs(now - self._looked_back) >= _LOOK_BACK
        self._looked_back = now if looks_back else self._looked_back

        def work(connection: Connection) -> tuple[int, tuple[Claimed, ...]]:
            recovered = sending.recover(connection, now=now) if looks_back else 0
            return recovered, sending.claim(
                connection, self._vault, now=now, lease=lease, until=now + LEASE, limit=free
            )

        recovered, claimed = await self._database.transact(work)
        if recovered:
            self._told()
        for each in claimed:
            task = asyncio.create_task(self._deliver(each))
            self._running.add(task)
            task.add_done_callback(self._done)
        return bool(claimed) and self._free(now) > 0

    def _free(self, now: datetime) -> int:
        """Return how many more may go now: after a rest, one goes first."""
        if self._rests_until is None:
            return self._carrier.in_hand - len(self._running)
        return 0 if now < self._rests_until else 1 - len(self._running)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            # The lease will run out, and the mail is taken back.
            log.error("delivery broke", error=type(error).__name__)

    async def _sleep(self) -> None:
        """Wait until something is due, is queued, or a hand is free."""
        now = self._clock()
        due = await self._database.read(sending.next_due)
        seconds = _LONGEST_SLEEP
        if self._rests_until is not None and now < self._rests_until:
            seconds = (self._rests_until - now).total_seconds()
        elif due is not None and self._free(now) > 0:
            seconds = max((due - now).total_seconds(), 0.01)
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, _LONGEST_SLEEP)):
                await self._wake.wait()

    async def _deliver(self, claimed: Claimed) -> None:
        now = self._clock()
        if claimed.expires <= now:
            # What may have left is never called failed.
            state = LetterState.UNKNOWN if claimed.possible_duplicate else LetterState.FAILED
            await self._finish(claimed, state, text="it could not be delivered in time")
            return
        mail = await self._carrier.assemble(claimed, now)
        renewing = asyncio.create_task(self._renew(claimed))
        try:
            tried = await self._carrier.send(mail, partial(self._begin, claimed, mail))
        finally:
            renewing.cancel()
        await self._record(claimed, tried)

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
            until = self._clock() + LEASE
            await self._database.transact(
                partial(sending.renew, mail=claimed.mail, lease=claimed.lease, until=until)
            )

    async def _record(self, claimed: Claimed, tried: Tried) -> None:
        now = self._clock()
        self._rests_until = now + PAUSE if tried.rests else None
        if tried.rests:
            log.warning("mail rests", smtp_code=tried.code)
            # Others go first when the rest is over.
            wait = max(2 * PAUSE, _back_off(claimed, now)) if tried.alone else PAUSE
            await self._finish(claimed, LetterState.QUEUED, tried, not_before=now + wait)
        elif tried.state is LetterState.DEFERRED:
            wait = MAILBOX_FULL if tried.mailbox_full else _back_off(claimed, now)
            await self._finish(claimed, LetterState.DEFERRED, tried, not_before=now + wait)
        elif tried.state is LetterState.UNKNOWN:
            again = now + _back_off(claimed, now)
            await self._finish(claimed, LetterState.UNKNOWN, tried, not_before=again)
        elif tried.state is not None:
            await self._finish(claimed, tried.state, tried)

    async def _finish(
        self,
        claimed: Claimed,
        state: LetterState,
        tried: Tried | None = None,
        *,
        not_before: datetime | None = None,
        text: str = "",
    ) -> None:
        outcome = Outcome(
            claimed.mail,
            claimed.kind,
            claimed.lease,
            state,
            not_before,
            tried.code if tried else None,
            tried.text if tried else text,
        )
        now = self._clock()
        await self._database.transact(partial(sending.finish, outcomes=[outcome], now=now))
        self._told()


def _back_off(claimed: Claimed, now: datetime) -> timedelta:
    """Return how long to wait: the mail's age, as Postfix does, with jitter against stampedes.

    Letters wait 300 to 4000 seconds; codes, which are good for half an hour, 10 to 120.
    """
    least, most = (300.0, 4000.0) if claimed.kind is MailKind.LETTER else (10.0, 120.0)
    age = (now - claimed.queued).total_seconds()
    jitter = 1 + _JITTER * (2 * random.random() - 1)  # noqa: S311 - no secret
    return timedelta(seconds=min(max(age, least), most) * jitter)
