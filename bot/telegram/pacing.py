"""When a call may go: as fast as Telegram takes them and no faster, interactive before bulk.

Telegram names its limits only roughly (Bots FAQ, "My bot is hitting limits"): about one message a
second to one chat with bursts tolerated, about thirty a second overall for bulk. What counts is the
429, whose ``retry_after`` binds every sender of the bot.

A 429 does not say whether it means one chat or the whole bot. It halts its chat; only where another
chat is refused while the first is still halted, and nothing that began in between was taken, it
halts the bot. To take the bot's for a chat's costs one more 429; the other way round would freeze
everybody for one person who presses buttons quickly. One in answer to bulk halts all bulk as well,
and halves its rate, which then grows back.
"""

import asyncio
import heapq
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from typing import TypeVar

from bot.telegram.api_errors import TooManyRequests

T = TypeVar("T")

ATTEMPTS = 5
"""How often a call is offered that Telegram answers with 429."""

PATIENCE = 120.0
"""Seconds. A 429 that asks for more is handed to the caller, who keeps the message better."""

_RECOVERY = 60.0
"""Seconds in which the rate of bulk grows from nothing to the whole."""

_LOWEST = 1 / 25
"""The share of the rate of bulk that no 429 takes."""

_LATE = 0.02
"""Seconds by which a busy loop may wake up late, and bulk loses nothing of its rate."""

_FEW = 1000
_LONG_AGO = -math.inf


class Priority(IntEnum):
    """Who waits for whom: the first goes first."""

    INTERACTIVE = 0
    BULK = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls a second, and how many may go at once; `math.inf` lifts a limit.

    `overall` at once with what grows back stays within the thirty that Telegram takes. Bulk goes
    evenly and leaves room for answers.
    """

    overall: float = 30.0
    overall_burst: float = 25.0
    bulk: float = 25.0
    chat: float = 1.0
    chat_burst: float = 20.0


PAID = Limits(overall=1030.0, bulk=1000.0)
"""With paid broadcasts (Bot API, allow_paid_broadcast: "up to 1000 messages per second")."""

UNLIMITED = Limits(overall=math.inf, bulk=math.inf, chat=math.inf)
"""For servers that set no limits. A 429 is obeyed all the same."""


class _Bucket:
    """Tokens that grow back at a steady rate; times are the loop's, in seconds."""

    __slots__ = ("_burst", "_counted", "_tokens", "halted_until", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate, self._burst = rate, burst
        self._tokens, self._counted = burst, now
        self.halted_until = _LONG_AGO

    def wait(self, now: float) -> float:
        """Return the seconds until there is a token; 0 where there is one."""
        if now < self.halted_until:
            return self.halted_until - now
        if self.rate == math.inf:
            return 0.0
        self._tokens = min(self._burst, self._tokens + (now - self._counted) * self.rate)
        self._counted = now
        missing = 1.0 - self._tokens
        return missing / self.rate if missing > 1e-6 else 0.0

    def take(self) -> None:
        """Take a token, which may be one that is still to grow."""
        self._tokens -= 1.0

    def halt(self, until: float) -> None:
        """Have nothing before `until`, and one token then. Nothing shortens a halt."""
        self.halted_until = max(self.halted_until, until)
        self._tokens, self._counted = 1.0, self.halted_until

    def is_full(self, now: float) -> bool:
        """Whether forgetting this bucket changes nothing."""
        return self.wait(now) == 0.0 and (self.rate == math.inf or self._tokens >= self._burst)


@dataclass(slots=True)
class _Lane:
    """One chat. What was asked for first has `turn` first, and keeps it through its 429s."""

    bucket: _Bucket
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class _Gate:
    """Where all chats meet: lets the interactive through before the bulk, in order of arrival."""

    def __init__(self, limits: Limits) -> None:
        self._loop = asyncio.get_running_loop()
        self.overall = _Bucket(limits.overall, limits.overall_burst, self._loop.time())
        late = max(1.0, limits.bulk * _LATE)
        self._bulk = _Bucket(limits.bulk, late, self._loop.time())
        self._whole, self._share, self._shared = limits.bulk, 1.0, self._loop.time()
        self._waiting: list[tuple[Priority, int, asyncio.Future[None]]] = []
        self._arrivals = count()
        self._timer: asyncio.TimerHandle | None = None

    async def enter(self, priority: Priority) -> None:
        """Wait for the turn. Bulk that was let in passes once more, as the rest does."""
        if not self._waiting and self._wait(priority) <= 0:
            self._take(priority)
            return
        turn = self._loop.create_future()
        heapq.heappush(self._waiting, (priority, next(self._arrivals), turn))
        self._let_through()
        await turn

    def rate(self) -> float:
        """Return the calls a second that bulk may make now."""
        return self._whole if self._whole == math.inf else self._whole * self._share

    def slow(self, until: float) -> None:
        """Let no bulk through before `until`, and half as much after it."""
        if self._bulk.halted_until < until:
            self._share = max(_LOWEST, self._share / 2)
            self._shared = until
            self._bulk.rate = self.rate()
        self._bulk.halt(until)

    def _recover(self, now: float) -> None:
        if self._share < 1.0 and now > self._shared:
            self._share = min(1.0, self._share + (now - self._shared) / _RECOVERY)
            self._shared = now
            self._bulk.rate = self.rate()

    def _wait(self, priority: Priority) -> float:
        now = self._loop.time()
        self._recover(now)
        wait = self.overall.wait(now)
        return wait if priority is Priority.INTERACTIVE else max(wait, self._bulk.wait(now))

    def _take(self, priority: Priority) -> None:
        (self._bulk if priority is Priority.BULK else self.overall).take()

    def _let_through(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            priority, _, turn = self._waiting[0]
            if turn.done():  # cancelled while it waited
                heapq.heappop(self._waiting)
            elif (wait := self._wait(priority)) > 0:
                self._timer = self._loop.call_later(wait, self._let_through)
                return
            else:
                heapq.heappop(self._waiting)
                self._take(priority)
                turn.set_result(None)


class Pacer:
    """Paces all calls of one bot. Belongs to the loop it was made in.

    Within a chat one call goes at a time, in the order of asking. Chats at rest are forgotten.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        """Start with nothing sent."""
        self._limits = limits or Limits()
        self._loop = asyncio.get_running_loop()
        self._gate = _Gate(self._limits)
        self._lanes: dict[int, _Lane] = {}
        self._sweep_at = _FEW
        self._refused: int | None = None
        """The chat that was refused last."""
        self._refused_at = self._refused_until = self._taken = _LONG_AGO
        """When it was, until when, and when the latest call began that Telegram took."""

    @property
    def bulk_rate(self) -> float:
        """The calls a second that bulk may make now."""
        return self._gate.rate()

    def state(self) -> tuple[float | None, float]:
        """Return the calls a second that bulk may make, None where nothing limits them, and the
        seconds for which Telegram lets the whole bot wait.
        """
        rate = None if self.bulk_rate == math.inf else self.bulk_rate
        return rate, max(0.0, self._gate.overall.halted_until - self._loop.time())

    async def send(
        self, chat: int | None, priority: Priority, call: Callable[[], Awaitable[T]]
    ) -> T:
        """Return what `call` returns, once it may go; call it again after a 429.

        `chat` None is for what is no message, such as answering a press: it waits only while the
        whole bot is halted. Raises what `call` raises, a `TooManyRequests` only after `ATTEMPTS`,
        or where Telegram asks to wait longer than `PATIENCE`.
        """
        if chat is None:
            return await self._offer(None, None, call, priority)
        if priority is Priority.BULK:
            # Before the chat's turn: bulk that waits must not hold up an answer in the same chat.
            await self._gate.enter(Priority.BULK)
        lane = self._lane(chat)
        lane.users += 1
        try:
            async with lane.turn:
                return await self._offer(chat, lane.bucket, call, priority)
        finally:
            lane.users -= 1

    async def _offer(
        self,
        chat: int | None,
        bucket: _Bucket | None,
        call: Callable[[], Awaitable[T]],
        priority: Priority,
    ) -> T:
        attempt = 1
        while True:
            await self._wait(bucket)
            began = self._loop.time()
            try:
                answer = await call()
            except TooManyRequests as refused:
                self._halt(chat, bucket, refused.seconds)
                if priority is Priority.BULK:
                    self._gate.slow(self._loop.time() + refused.seconds)
                if attempt == ATTEMPTS or refused.seconds > PATIENCE:
                    raise
                attempt += 1
            else:
                self._taken = max(self._taken, began)
                return answer

    async def _wait(self, bucket: _Bucket | None) -> None:
        overall = self._gate.overall
        if bucket is None:
            # No Event for what time alone brings about, and what a further 429 puts off.
            while (wait := overall.halted_until - self._loop.time()) > 0:  # noqa: ASYNC110 - as above
                await asyncio.sleep(wait)
            return
        if (wait := bucket.wait(self._loop.time())) > 0:
            await asyncio.sleep(wait)
        bucket.take()
        await self._gate.enter(Priority.INTERACTIVE)

    def _halt(self, chat: int | None, bucket: _Bucket | None, seconds: float) -> None:
        now = self._loop.time()
        until = now + seconds
        another = chat != self._refused and now < self._refused_until
        if bucket is None or (another and self._taken <= self._refused_at):
            self._gate.overall.halt(until)
        else:
            bucket.halt(until)
            self._refused, self._refused_at, self._refused_until = chat, now, until

    def _lane(self, chat: int) -> _Lane:
        lane = self._lanes.get(chat)
        if lane is None:
            now = self._loop.time()
            if len(self._lanes) >= self._sweep_at:
                self._lanes = {
                    key: old
                    for key, old in self._lanes.items()
                    if old.users or not old.bucket.is_full(now)
                }
                self._sweep_at = max(_FEW, 2 * len(self._lanes))
            bucket = _Bucket(self._limits.chat, self._limits.chat_burst, now)
            lane = self._lanes[chat] = _Lane(bucket)
        return lane
