"""Send one broadcast until no recipient is left, or it is paused or stopped."""

import asyncio
import math
import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from bot import metrics
from bot.logs import error_fields
from bot.services.broadcasts.recipient_calls import RecipientCalls
from bot.services.core import Core
from bot.services.ports import BroadcastPort
from bot.services.shutdown import finish
from conversations.core.effects.journey import MarkBlocked
from conversations.model.broadcast import BroadcastStatus, RecipientState
from storage import apply_effects
from storage.broadcasts import broadcasts, ledger, releases
from storage.broadcasts.ledger import BatchRequest, Claim, ClaimedBatch
from storage.broadcasts.releases import ReleasedBroadcast
from storage.broadcasts.results import RecipientOutcome
from storage.crypto.person_keys import PersonKeys
from storage.engine.database import DATABASE_ERRORS

log = structlog.get_logger()

MAX_CLAIMED_UNLIMITED = 50
"""How many recipients are claimed at once where nothing limits the rate: that server is near."""

MAX_CLAIMED = 200
"""How many recipients are claimed at once, at any rate. All are uncertain after a crash."""

CLAIM_AHEAD_SECONDS = 0.4
"""Seconds of sending to claim: what is claimed is uncertain after a crash."""

RATE_INTERVAL = 2.0
"""Seconds over which the rate is measured."""

DATABASE_RETRY = 1.0
"""Seconds until the next try to record outcomes in a database that fails."""


@dataclass(frozen=True)
class SenderLease:
    """The right to send broadcasts."""

    token: str
    duration: timedelta

    @property
    def renewal_interval(self) -> float:
        """Seconds after which the lease is renewed."""
        return self.duration.total_seconds() / 3


class BroadcastRun:
    """Sends one broadcast while this process holds the lease."""

    def __init__(
        self, core: Core, port: BroadcastPort, released: ReleasedBroadcast, lease: SenderLease
    ) -> None:
        """Send the broadcast with `port`."""
        broadcast = released.broadcast
        self._core = core
        self._port = port
        self._broadcast = broadcast
        self._most = released.most
        self._lease = lease
        self._calls = RecipientCalls(port, broadcast)
        self._claims: deque[Claim] = deque()
        """Claimed recipients whose call has not begun."""
        self._tasks: set[asyncio.Task[None]] = set()
        """Each makes calls, one after another."""
        self._progress = asyncio.Event()
        self._wake_at = 0
        """`_progress` is set when no more recipients than that are claimed."""
        self._measured, self._ended = time.monotonic(), 0
        """When the rate was last measured, and how many recipients were done since."""

    async def send(self) -> None:
        """Send until the broadcast is done, paused or stopped, or the lease is lost."""
        try:
            await self._send()
        finally:
            await asyncio.shield(self._finish())

    async def _send(self) -> None:
        while True:
            limit = self._max_claimed()
            try:
                claimed = await self._record_and_claim(
                    0 if self._must_wait() else limit - self._count()
                )
            except DATABASE_ERRORS as error:
                log.warning("broadcast outcomes not recorded yet", **error_fields(error))
                await asyncio.sleep(DATABASE_RETRY)
                continue
            if claimed is None:
                log.warning("another process sends broadcasts now")
                return
            self._claims.extend(claimed.claims)
            if claimed.state is not BroadcastStatus.SENDING or self._must_wait():
                self._give_back()
            self._start_tasks(limit)
            if claimed.state is not BroadcastStatus.SENDING and not self._tasks:
                return
            if claimed.claims:
                await self._wait_for(limit // 2)
            elif not self._calls.outcomes:
                await self._wait_for(self._count() - 1)

    def _max_claimed(self) -> int:
        """Return how many recipients may be claimed at once, at the rate of this moment."""
        rate = self._port.rate
        if rate == math.inf:
            return MAX_CLAIMED_UNLIMITED
        return int(min(MAX_CLAIMED, max(2, rate * CLAIM_AHEAD_SECONDS)))

    def _count(self) -> int:
        """Return how many recipients are claimed now."""
        return len(self._claims) + len(self._tasks)

    def _must_wait(self) -> bool:
        """Whether no further call may begin: Telegram is not reached, or too many calls failed."""
        return self._calls.is_unreachable or self._calls.has_failed

    def _give_back(self) -> None:
        self._calls.give_back([*self._claims])
        self._claims.clear()

    def _start_tasks(self, limit: int) -> None:
        for _ in range(min(len(self._claims), limit - len(self._tasks))):
            task = asyncio.create_task(self._make_calls())
            self._tasks.add(task)
            task.add_done_callback(self._task_done)

    def _task_done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._progress.set()

    async def _make_calls(self) -> None:
        while self._claims and not self._must_wait():
            await self._calls.make_next(self._claims.popleft())
            if self._count() <= self._wake_at:
                self._progress.set()

    async def _wait_for(self, count: int) -> None:
        """Wait until at most `count` recipients are claimed, or the lease must be renewed."""
        if self._calls.is_unreachable and not self._tasks:
            self._calls.is_unreachable = False
            delay = self._calls.backoff.wait()
            await asyncio.sleep(min(delay, self._lease.renewal_interval))
            return
        self._progress.clear()
        self._wake_at = count
        end = asyncio.get_running_loop().time() + self._lease.renewal_interval
        while self._tasks and self._count() > count:
            try:
                async with asyncio.timeout_at(end):
                    await self._progress.wait()
            except TimeoutError:
                return
            self._progress.clear()

    async def _record_and_claim(self, limit: int) -> ClaimedBatch | None:
        """Record outcomes and claim up to `limit` recipients, in one transaction.

        Return None if the lease is lost. If the transaction fails, the outcomes are kept for the
        next one. Recipients who have blocked the bot are marked in a transaction before it, so that
        nothing can fail after a claim.
        """
        calls = self._calls
        outcomes, calls.outcomes = calls.outcomes, []
        blocked, calls.blocked = calls.blocked, []
        now = self._core.clock()
        request = BatchRequest(
            self._lease.token,
            limit,
            now,
            until=now + self._lease.duration,
            idle=not self._count(),
            rate=self._measure_rate(outcomes),
            most=self._most,
        )
        work = partial(self._write, outcomes=outcomes, request=request, pause=calls.has_failed)
        try:
            if blocked:
                await self._core.database.transact(partial(self._mark_blocked, blocked, now))
            return await self._core.database.transact(work)
        except BaseException:
            calls.outcomes[:0], calls.blocked[:0] = outcomes, blocked
            raise

    def _write(
        self,
        connection: Connection,
        *,
        outcomes: list[RecipientOutcome],
        request: BatchRequest,
        pause: bool,
    ) -> ClaimedBatch | None:
        if pause:
            broadcasts.pause(connection, self._broadcast.id, request.now, "errors")
            releases.set_suspended(connection, self._core.vault, self._broadcast.id, suspended=True)
        return ledger.record_and_claim(
            connection, self._core.vault, self._broadcast, outcomes, request
        )

    def _mark_blocked(self, people: list[int], now: datetime, connection: Connection) -> None:
        effects = (MarkBlocked(blocked=True),)
        for chat in sorted(people):
            person = PersonKeys(self._core.vault, chat)
            apply_effects.apply(connection, self._core.vault, person, effects, now=now)

    def _measure_rate(self, outcomes: list[RecipientOutcome]) -> float | None:
        """Count `outcomes`. Return recipients per second; None within RATE_INTERVAL."""
        ended = Counter(each.state for each in outcomes if each.state is not RecipientState.PENDING)
        for fate, count in ended.items():
            metrics.BROADCAST_RECIPIENTS.labels(fate).inc(count)
        self._ended += ended.total()
        now = time.monotonic()
        if (elapsed := now - self._measured) < RATE_INTERVAL:
            return None
        rate, self._ended, self._measured = self._ended / elapsed, 0, now
        return rate

    async def _finish(self) -> None:
        """Let calls in flight finish within the grace period, and record all outcomes.

        Claims whose call has not begun are given back. Calls that do not finish stay uncertain.
        """
        self._give_back()
        await finish(self._tasks)
        if self._calls.outcomes or self._calls.blocked:
            with suppress(*DATABASE_ERRORS):
                await self._record_and_claim(0)
