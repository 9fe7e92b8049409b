"""Sending updates to subscribers: one sender for the whole bot, in whichever process.

lease ─▶ list a slice ─▶ claim some ─▶ send ─▶ record, claim more ─▶ … ─▶ done
           ▲                  one transaction for each batch  │
           └───────────── as long as somebody is left ────────┘
"""

import asyncio
import math
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from bot import metrics
from bot.logs import error_fields
from bot.services.backoff import Backoff
from bot.services.broadcasts.broadcast_recall import BroadcastRecall
from bot.services.ports import (
    BlockedByUser,
    BroadcastCall,
    BroadcastPort,
    CallRefused,
    NotReached,
    Uncertain,
)
from bot.services.shutdown import finish
from conversations.core.effects.journey import MarkBlocked
from conversations.model.broadcast import Broadcast, BroadcastStatus, RecipientState
from storage import apply_effects
from storage.broadcasts import broadcasts, ledger
from storage.broadcasts.ledger import Claim, ClaimedRecipient, RecipientOutcome
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail import pauses

log = structlog.get_logger()

LEASE = timedelta(seconds=25)
"""After how long another process takes the place of a sender that fell silent, within 30 s."""

MOST_FAILURES = 20
"""How many may fail in a row, blocked ones aside, before an update pauses itself."""

AT_ONCE = 50
"""How many are in hand at a time where nothing limits the rate: that server is near."""

_MOST = 200
"""The most in hand at any rate; all of them are uncertain after a crash."""

_AHEAD = 0.4
"""Seconds. What is claimed is about to be sent: so much less is uncertain after a crash."""

_MARK = 2.0
"""Seconds over which the rate is measured."""

_PAUSE = 1.0
_UNWELL = (OperationalError, InterfaceError, OSError)


class BroadcastSender:
    """Sends what is confirmed. Any number of these may run: one has the lease."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        wire: BroadcastPort,
        clock: Callable[[], datetime],
        *,
        lease: timedelta = LEASE,
    ) -> None:
        """Use these."""
        self._database = database
        self._vault = vault
        self._wire = wire
        self._clock = clock
        self._lease = lease
        self._recalling = BroadcastRecall(database, vault, wire)
        self._token = secrets.token_hex(8)
        self._news = asyncio.Event()

    def poke(self) -> None:
        """Look at once whether there is something to send."""
        self._news.set()

    async def run(self) -> None:
        """Send whatever is to be sent, for ever."""
        try:
            while True:
                self._news.clear()
                await self.sweep()
                try:
                    async with asyncio.timeout(min(_PAUSE, self._lease.total_seconds() / 3)):
                        await self._news.wait()
                except TimeoutError:
                    continue
        finally:
            with suppress(*_UNWELL):  # or the end would be lost in the database's
                leave = partial(ledger.leave, token=self._token)
                await asyncio.shield(self._database.transact(leave))

    async def sweep(self) -> None:
        """Send what is to be sent now, if no other process does."""
        while await self._database.transact(self._take):
            if await self._recalling.step():
                continue
            sending = await self._database.transact(self._first)
            if sending is None:
                return
            await Sending(
                self._database, self._vault, self._wire, self._clock, self._token, self._lease
            ).send(sending)

    def _take(self, connection: Connection) -> bool:
        return ledger.take(connection, self._token, self._clock(), self._lease)

    def _first(self, connection: Connection) -> Broadcast | None:
        """Return the update to send now: the one that was confirmed first."""
        if pauses.everything_rests(connection):
            return None
        return broadcasts.first(connection, self._vault, BroadcastStatus.SENDING)


class Sending:
    """Brings one update to its recipients, until none is left, or it is paused."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        wire: BroadcastPort,
        clock: Callable[[], datetime],
        token: str,
        lease: timedelta,
    ) -> None:
        """Send under the lease that `token` holds."""
        self._database = database
        self._vault = vault
        self._wire = wire
        self._clock = clock
        self._token = token
        self._lease = lease
        self._calls: dict[str, tuple[BroadcastCall, ...]] = {}
        self._outcomes: list[RecipientOutcome] = []
        self._blocked: list[bytes] = []
        self._waiting: deque[Claim] = deque()
        self._going: set[asyncio.Task[None]] = set()
        self._free = asyncio.Event()
        self._enough = 0
        self._failures = 0
        self._backoff = Backoff(0.5, 30)
        self._unreached = False
        self._marked, self._ended = time.monotonic(), 0

    async def send(self, broadcast: Broadcast) -> None:
        """Send it for as long as the lease is ours and it is not paused or stopped."""
        try:
            await self._send(broadcast)
        finally:
            await asyncio.shield(self._part(broadcast))

    async def _send(self, broadcast: Broadcast) -> None:
        while True:
            most = self._most()
            limit = 0 if self._ails() else most - self._in_hand()
            try:
                claimed = await self._go_on(broadcast, limit)
            except _UNWELL as error:
                log.warning("what was sent waits for the database", **error_fields(error))
                await asyncio.sleep(_PAUSE)
                continue
            if claimed is None:
                log.warning("another process sends updates now")
                return
            self._waiting.extend(claimed.claims)
            if claimed.state is not BroadcastStatus.SENDING or self._ails():
                self._give_back()
            self._start(broadcast, most)
            if claimed.state is not BroadcastStatus.SENDING and not self._going:
                return
            if claimed.claims:
                await self._breathe(most // 2)
            elif not self._outcomes:
                await self._breathe(self._in_hand() - 1)

    def _most(self) -> int:
        """Return how many may be in hand: what goes within a moment, and no more."""
        rate = self._wire.rate
        return AT_ONCE if rate == math.inf else int(min(_MOST, max(2, rate * _AHEAD)))

    def _in_hand(self) -> int:
        return len(self._waiting) + len(self._going)

    def _ails(self) -> bool:
        """Whether what waits had better not be sent now."""
        return self._unreached or self._failures >= MOST_FAILURES

    def _give_back(self) -> None:
        """Take back the claims of those to whom no call went."""
        back = (
            RecipientOutcome(e.person, RecipientState.PENDING, e.messages, e.twice)
            for e in self._waiting
        )
        self._outcomes += back
        self._waiting.clear()

    def _start(self, broadcast: Broadcast, most: int) -> None:
        """Let as many calls go as may: each that ends is followed by the next that waits."""
        for _ in range(min(len(self._waiting), most - len(self._going))):
            task = asyncio.create_task(self._deliver_all(broadcast))
            self._going.add(task)
            task.add_done_callback(self._done)

    async def _breathe(self, most: int) -> None:
        """Wait until no more than `most` are in hand, or it is time to renew the lease."""
        if self._unreached and not self._going:
            self._unreached = False
            await asyncio.sleep(min(self._backoff.wait(), self._lease.total_seconds() / 3))
            return
        self._free.clear()
        self._enough = most
        end = asyncio.get_running_loop().time() + self._lease.total_seconds() / 3
        while self._going and self._in_hand() > most:
            try:
                async with asyncio.timeout_at(end):
                    await self._free.wait()
            except TimeoutError:
                return
            self._free.clear()

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._going.discard(task)
        self._free.set()

    async def _deliver_all(self, broadcast: Broadcast) -> None:
        """Call for one after the other of those that wait."""
        while self._waiting and not self._ails():
            await self._deliver(broadcast, self._waiting.popleft())
            if self._in_hand() <= self._enough:
                self._free.set()

    async def _go_on(self, broadcast: Broadcast, limit: int) -> ClaimedRecipient | None:
        """Record what was sent, and claim more, in one transaction; what fails is kept for later.

        Who has blocked the bot is marked before, so that nothing fails once there are claims.
        """
        outcomes, self._outcomes = self._outcomes, []
        blocked, self._blocked = self._blocked, []
        why = "errors" if self._failures >= MOST_FAILURES else ""
        now, idle, rate = self._clock(), not self._in_hand(), self._measured(outcomes)

        def work(connection: Connection) -> ClaimedRecipient | None:
            if why:
                broadcasts.pause(connection, broadcast.id, now, why)
            return ledger.go_on(
                connection,
                broadcast,
                self._token,
                outcomes,
                limit=limit,
                now=now,
                until=now + self._lease,
                idle=idle,
                rate=rate,
            )

        try:
            if blocked:
                await self._database.transact(partial(self._mark_blocked, blocked, now))
            return await self._database.transact(work)
        except BaseException:
            self._outcomes[:0], self._blocked[:0] = outcomes, blocked
            raise

    def _measured(self, outcomes: list[RecipientOutcome]) -> float | None:
        """Return how many a second were done with lately; None until there is news of it."""
        ended = Counter(each.fate for each in outcomes if each.fate is not RecipientState.PENDING)
        for fate, count in ended.items():
            metrics.BROADCAST_RECIPIENTS.labels(fate).inc(count)
        self._ended += ended.total()
        now = time.monotonic()
        if (since := now - self._marked) < _MARK:
            return None
        rate, self._ended, self._marked = self._ended / since, 0, now
        return rate

    def _mark_blocked(self, people: list[bytes], now: datetime, connection: Connection) -> None:
        for person in sorted(people):
            deaf = (MarkBlocked(blocked=True),)
            apply_effects.apply(connection, self._vault, person, deaf, now=now)

    async def _deliver(self, broadcast: Broadcast, claim: Claim) -> None:
        """Make the next call to one person, and remember what became of it."""
        done = claim.messages.count(";") + 1 if claim.messages else 0
        fate, messages = RecipientState.SENT, claim.messages
        try:
            chat, calls = self._ready(broadcast, claim)
            # Who chose another language meanwhile may have no further part.
            for call in calls[done : done + 1]:
                ids = ",".join(map(str, await self._wire.send(chat, call)))
                messages = f"{messages};{ids}" if messages else ids
            if done + 1 < len(calls):
                fate = RecipientState.PENDING
            self._failures = 0
            self._backoff.reset()
        except BlockedByUser:
            fate = RecipientState.BLOCKED
            self._blocked.append(claim.person)
        except NotReached:
            fate, self._unreached = RecipientState.PENDING, True
        except CallRefused:
            fate = RecipientState.FAILED
            self._failures += 1
        except Exception as error:
            if not isinstance(error, Uncertain):
                log.error("an update broke", **error_fields(error))
            fate = RecipientState.UNCERTAIN
            self._failures += 1
        self._outcomes.append(RecipientOutcome(claim.person, fate, messages, claim.twice))

    def _ready(self, broadcast: Broadcast, claim: Claim) -> tuple[int, tuple[BroadcastCall, ...]]:
        """Return where it goes and what. Raises Refused where nothing can go there."""
        place = {"table": "chats", "column": "chat"}
        try:
            chat = int(self._vault.open(claim.sealed_chat, **place, row=claim.person))
            return chat, self._prepared(broadcast, claim.language)
        except Exception as error:  # one that is broken must not stop the others
            log.error("an update cannot go to somebody", **error_fields(error))
            raise CallRefused from None

    def _prepared(self, broadcast: Broadcast, language: str) -> tuple[BroadcastCall, ...]:
        if language not in self._calls:
            self._calls[language] = self._wire.prepare(broadcast, language)
        return self._calls[language]

    async def _part(self, broadcast: Broadcast) -> None:
        """Let what is in hand end, if that goes soon, and write it down.

        What still waits to be sent then is not; of what is on the wire nobody will know.
        """
        self._give_back()
        await finish(self._going)
        if self._outcomes or self._blocked:
            with suppress(*_UNWELL):
                await self._go_on(broadcast, 0)
