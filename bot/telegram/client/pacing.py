"""Paces calls to the Bot API: as fast as Telegram accepts them, interactive before bulk.

Telegram publishes its limits only roughly (Bots FAQ, "My bot is hitting limits"): about one message
per second to one chat, with short bursts, and about thirty per second overall for bulk. What counts
is the 429, whose ``retry_after`` applies to every sender of the bot.

A 429 halts its chat, for however long it asks. It halts other chats only if `BotLimit` finds that
Telegram limits the bot itself; then one call at a time probes, until one is accepted. A 429 for a
bulk call also halts all bulk calls, for MAX_BULK_HALT at most, and halves their rate, which then
recovers.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from bot.telegram.client.api_errors import TooManyRequests
from bot.telegram.client.bot_limit import MAX_PROBE_DELAY, BotLimit
from bot.telegram.client.rate_gate import Limits, Priority, RateGate
from bot.telegram.client.token_bucket import TokenBucket

T = TypeVar("T")

MAX_ATTEMPTS = 5
"""How often a call is made that Telegram refuses with 429."""

MAX_HALT_WAIT: Mapping[Priority, float] = {Priority.INTERACTIVE: 25.0, Priority.BULK: 120.0}
"""Seconds for which a call waits for halts to end, all its attempts together.

Beyond that, the caller handles the 429. An answer waits for less than the lease of its chat.
"""

MAX_BULK_HALT = 60.0
"""Seconds for which a 429 for one bulk call halts the others."""

_MIN_KEPT_CHATS = 1000
"""The number of chats from which on idle ones are forgotten."""


@dataclass(slots=True)
class _ChatState:
    """The limit of one chat."""

    bucket: TokenBucket
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by a call until it succeeds, also while it waits after a 429."""
    users: int = 0
    """How many calls hold the lock or wait for it."""


class Pacer:
    """Paces all calls of one bot. It belongs to the event loop in which it was created.

    In one chat, calls are made one at a time, in the order of the callers.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        """Start with no call made."""
        self._limits = limits or Limits()
        self._loop = asyncio.get_running_loop()
        self._gate = RateGate(self._limits)
        self._bot_limit = BotLimit()
        self._limit_ended = asyncio.Event()
        self._chats: dict[int, _ChatState] = {}
        self._forget_at = _MIN_KEPT_CHATS
        """The number of chats at which the idle ones are forgotten."""

    @property
    def bulk_rate(self) -> float:
        """How many bulk calls may be made per second now."""
        return self._gate.bulk_rate()

    def limited_for(self) -> float:
        """Return for how many seconds Telegram limits the whole bot; 0 if it does not."""
        return self._bot_limit.remaining(self._loop.time())

    def state(self) -> tuple[float | None, float]:
        """Return how many bulk calls may be made per second (None: no limit), and `limited_for`."""
        rate = None if self.bulk_rate == math.inf else self.bulk_rate
        return rate, self.limited_for()

    async def send(self, chat: int, priority: Priority, call: Callable[[], Awaitable[T]]) -> T:
        """Make `call`, which concerns `chat`, when it is allowed, and again after each 429.

        Return its result. Raises what `call` raises, and TooManyRequests after MAX_ATTEMPTS or if
        the call would have to wait for longer than MAX_HALT_WAIT.
        """
        if priority is Priority.BULK:
            # Before the lock of the chat: a bulk call that waits must not delay an answer there.
            await self._gate.enter(Priority.BULK)
        state = self._state(chat)
        state.users += 1
        try:
            async with state.lock:
                return await self._call(chat, state.bucket, call, priority)
        finally:
            state.users -= 1

    async def _call(
        self, chat: int, bucket: TokenBucket, call: Callable[[], Awaitable[T]], priority: Priority
    ) -> T:
        attempt = 1
        give_up = self._loop.time() + MAX_HALT_WAIT[priority]
        while True:
            await self._wait(bucket, give_up)
            began = self._loop.time()
            self._bot_limit.begin(began)
            try:
                result = await call()
            except TooManyRequests as refused:
                self._refused(chat, bucket, began, refused.seconds)
                if priority is Priority.BULK:
                    halt = min(refused.seconds, MAX_BULK_HALT)
                    self._gate.slow_down(self._loop.time() + halt)
                if attempt == MAX_ATTEMPTS:
                    raise
                attempt += 1
            else:
                if self._bot_limit.accepted(began):
                    self._limit_ended.set()
                return result

    async def _wait(self, bucket: TokenBucket, give_up: float) -> None:
        """Wait until a call may be made. Raises TooManyRequests if that is after `give_up`."""
        self._raise_if_later(bucket.halted_until, give_up)
        if (wait := bucket.wait(self._loop.time())) > 0:
            await asyncio.sleep(wait)
        bucket.take()
        await self._gate.enter(Priority.INTERACTIVE)
        while (wait := self._bot_limit.wait(self._loop.time())) > 0:
            self._raise_if_later(self._loop.time() + wait, give_up)
            self._limit_ended.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._limit_ended.wait()

    def _raise_if_later(self, moment: float, give_up: float) -> None:
        if moment > give_up:
            raise TooManyRequests(moment - self._loop.time())

    def _refused(self, chat: int, bucket: TokenBucket, began: float, seconds: float) -> None:
        """Halt the chat, or the whole bot, after a 429."""
        now = self._loop.time()
        halted_with_it = self._bot_limit.refused(chat, began, now, seconds)
        bucket.halt(now + seconds)
        for each in halted_with_it:
            if each in self._chats:
                self._chats[each].bucket.end_halt(now)
        if self._bot_limit.is_limited(now):
            # The halt is the bot's. This chat lets another one probe first.
            bucket.end_halt(now)
            bucket.halt(now + min(seconds, MAX_PROBE_DELAY))

    def _state(self, chat: int) -> _ChatState:
        state = self._chats.get(chat)
        if state is None:
            now = self._loop.time()
            if len(self._chats) >= self._forget_at:
                self._forget_idle_chats(now)
            bucket = TokenBucket(self._limits.chat, self._limits.chat_burst, now)
            state = self._chats[chat] = _ChatState(bucket)
        return state

    def _forget_idle_chats(self, now: float) -> None:
        self._chats = {
            chat: state
            for chat, state in self._chats.items()
            if state.users or not state.bucket.is_full(now)
        }
        self._forget_at = max(_MIN_KEPT_CHATS, 2 * len(self._chats))
