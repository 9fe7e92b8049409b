"""Sending updates to subscribers: one sender for the whole bot, in whichever process.

lease ─▶ list a slice ─▶ claim some ─▶ send ─▶ record, claim more ─▶ … ─▶ done
           ▲                  one transaction for each batch  │
           └───────────── as long as somebody is left ────────┘
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection

from bot.services.backoff import Backoff
from bot.services.telling import Blocked
from conversations.broadcast import Broadcast, Fate, State
from conversations.effects import MarkBlocked
from storage import broadcasts, effects, ledger, pauses, recalls
from storage.database import Database
from storage.ledger import Claim, Claimed, Outcome
from storage.recalls import Left
from storage.vault import Vault

log = structlog.get_logger()

LEASE = timedelta(seconds=30)
"""After how long another process takes the place of a sender that fell silent."""

MOST_FAILURES = 20
"""How many may fail in a row, blocked ones aside, before an update pauses itself."""

AT_ONCE = 50
"""The most calls that are in hand at a time; all of them are uncertain after a crash."""

_AHEAD = 0.4
"""Seconds. What is claimed is about to be sent: so much less is uncertain after a crash."""

_MARK = 2.0
"""Seconds over which the rate is measured."""

_PAUSE = 1.0
_PARTING = 10.0


class Unreached(Exception):
    """Telegram saw nothing of it."""


class Doubtful(Exception):
    """Nobody knows whether it was sent."""


class Refused(Exception):
    """Telegram does not take it."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call to the Bot API. `body` is JSON that lacks its opening brace and the chat."""

    method: str
    body: bytes


class Wire(Protocol):
    """Who brings an update to a chat."""

    @property
    def rate(self) -> float:
        """The messages a second that may go now."""

    def prepare(self, broadcast: Broadcast, language: str) -> tuple[Call, ...]:
        """Return the calls that bring `broadcast` to whoever speaks `language`."""

    async def send(self, chat: int, call: Call) -> tuple[int, ...]:
        """Send and return the ids of the messages. Raises Blocked, Unreached, Doubtful, Refused."""

    async def delete(self, chat: int, messages: Sequence[int]) -> None:
        """Delete messages. Raises as `send` does."""


class Broadcasting:
    """Sends what is confirmed. Any number of these may run: one has the lease."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        wire: Wire,
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
            await asyncio.shield(self._database.transact(partial(ledger.leave, token=self._token)))

    async def sweep(self) -> None:
        """Send what is to be sent now, if no other process does."""
        while await self._database.transact(self._take):
            if await self._take_back():
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
        broadcasts.due(connection, self._clock())
        if pauses.everything_rests(connection):
            return None
        return broadcasts.first(connection, self._vault, State.SENDING)

    async def _take_back(self) -> bool:
        """Delete what was taken back from some of the chats it reached; False where all is done."""
        work = partial(broadcasts.first, vault=self._vault, state=State.RECALLED)
        recalled = await self._database.read(work)
        if recalled is None:
            return False
        some = await self._database.read(partial(recalls.left, id_=recalled.id, limit=AT_ONCE))
        async with asyncio.TaskGroup() as group:
            for each in some:
                group.create_task(self._delete(each))
        people = [each.person for each in some]
        await self._database.transact(partial(recalls.taken_back, id_=recalled.id, people=people))
        return True

    async def _delete(self, left: Left) -> None:
        """Delete what stands in a chat; what cannot be deleted stays there."""
        place = {"table": "chats", "column": "chat"}
        chat = int(self._vault.open(left.sealed_chat, **place, row=left.person))
        messages = [int(each) for each in left.messages.replace(";", ",").split(",")]
        with suppress(Blocked, Unreached, Doubtful, Refused):
            await self._wire.delete(chat, messages)


class Sending:
    """Brings one update to its recipients, until none is left, or it is paused."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        wire: Wire,
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
        self._calls: dict[str, tuple[Call, ...]] = {}
        self._outcomes: list[Outcome] = []
        self._blocked: list[bytes] = []
        self._going: set[asyncio.Task[None]] = set()
        self._free = asyncio.Event()
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
            limit = 0 if self._unreached else most - len(self._going)
            claimed = await self._go_on(broadcast, limit)
            if claimed is None:
                log.warning("another process sends updates now")
                return
            for claim in claimed.claims:
                task = asyncio.create_task(self._deliver(broadcast, claim))
                self._going.add(task)
                task.add_done_callback(self._done)
            if claimed.state is not State.SENDING and not self._going:
                return
            await self._breathe(most)

    def _most(self) -> int:
        """Return how many may be in hand: what goes within a moment, and no more."""
        return int(min(AT_ONCE, max(2, self._wire.rate * _AHEAD)))

    async def _breathe(self, most: int) -> None:
        """Wait until half of what was in hand is done, or it is time to renew the lease."""
        if self._unreached and not self._going:
            self._unreached = False
            await asyncio.sleep(min(self._backoff.wait(), self._lease.total_seconds() / 3))
            return
        self._free.clear()
        end = asyncio.get_running_loop().time() + self._lease.total_seconds() / 3
        while len(self._going) > most // 2:
            try:
                async with asyncio.timeout_at(end):
                    await self._free.wait()
            except TimeoutError:
                return
            self._free.clear()

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._going.discard(task)
        self._free.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("an update broke", error=type(task.exception()).__name__)

    async def _go_on(self, broadcast: Broadcast, limit: int) -> Claimed | None:
        """Record what was sent, and claim more, in one transaction."""
        outcomes, self._outcomes = self._outcomes, []
        blocked, self._blocked = self._blocked, []
        why = "errors" if self._failures >= MOST_FAILURES else ""
        now, idle, rate = self._clock(), not self._going, self._measured(outcomes)

        def work(connection: Connection) -> Claimed | None:
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

        claimed = await self._database.transact(work)
        if blocked:
            await self._database.transact(partial(self._mark_blocked, blocked, now))
        return claimed

    def _measured(self, outcomes: list[Outcome]) -> float | None:
        """Return how many a second were done with lately; None until there is news of it."""
        self._ended += sum(each.fate is not Fate.PENDING for each in outcomes)
        now = time.monotonic()
        if (since := now - self._marked) < _MARK:
            return None
        rate, self._ended, self._marked = self._ended / since, 0, now
        return rate

    def _mark_blocked(self, people: list[bytes], now: datetime, connection: Connection) -> None:
        for person in sorted(people):
            deaf = (MarkBlocked(blocked=True),)
            effects.apply(connection, self._vault, person, deaf, now=now)

    async def _deliver(self, broadcast: Broadcast, claim: Claim) -> None:
        """Make the next call to one person, and remember what became of it."""
        calls = self._prepared(broadcast, claim.language)
        done = claim.messages.count(";") + 1 if claim.messages else 0
        fate, messages, twice = Fate.SENT, claim.messages, claim.twice
        try:
            chat = int(
                self._vault.open(claim.sealed_chat, table="chats", column="chat", row=claim.person)
            )
            ids = ",".join(map(str, await self._wire.send(chat, calls[done])))
            messages = f"{messages};{ids}" if messages else ids
            if done + 1 < len(calls):
                fate, twice = Fate.PENDING, False
            self._failures = 0
            self._backoff.reset()
        except Blocked:
            fate = Fate.BLOCKED
            self._blocked.append(claim.person)
        except Unreached:
            fate, self._unreached = Fate.PENDING, True
        except Doubtful:
            fate = Fate.UNCERTAIN
            self._failures += 1
        except Refused:
            fate = Fate.FAILED
            self._failures += 1
        self._outcomes.append(Outcome(claim.person, fate, messages, twice))

    def _prepared(self, broadcast: Broadcast, language: str) -> tuple[Call, ...]:
        if language not in self._calls:
            self._calls[language] = self._wire.prepare(broadcast, language)
        return self._calls[language]

    async def _part(self, broadcast: Broadcast) -> None:
        """Let what is in hand end, if that goes soon, and write it down."""
        if self._going:
            await asyncio.wait(self._going, timeout=_PARTING)
        if self._outcomes or self._blocked:
            await self._go_on(broadcast, 0)
