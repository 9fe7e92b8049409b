"""Paces calls to the Bot API: as fast as Telegram accepts them, interactive before bulk.

Telegram publishes its limits only roughly (Bots FAQ, "My bot is hitting limits"): about one message
per second to one chat, with short bursts, and about thirty per second overall for bulk. What counts
is the 429, whose ``retry_after`` applies to every sender of the bot.

A 429 does not say whether it means one chat or the whole bot. It halts its chat. It halts the bot
only if another chat is refused while the first is still halted, and no call that began in between
was accepted. If the limit of the bot is taken for that of a chat, one more 429 follows; the other
way round, one person who presses buttons quickly would stop the bot for everybody. A 429 for a bulk
call also halts all bulk calls and halves their rate, which then recovers.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bot.telegram.client.api_errors import TooManyRequests
from bot.telegram.client.rate_gate import Limits, Priority, RateGate
from bot.telegram.client.token_bucket import TokenBucket

T = TypeVar("T")

MAX_ATTEMPTS = 5
"""How often a call is made that Telegram refuses with 429."""

MAX_RETRY_WAIT = 120.0
"""Seconds. The caller handles a 429 that asks for a longer wait."""

_MIN_KEPT_CHATS = 1000
"""The number of chats from which on idle ones are forgotten."""

_LONG_AGO = -math.inf


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
        self._chats: dict[int, _ChatState] = {}
        self._forget_at = _MIN_KEPT_CHATS
        """The number of chats at which the idle ones are forgotten."""
        self._refused: int | None = None
        """The chat that was refused last."""
        self._refused_at = self._refused_until = _LONG_AGO
        """When it was refused, and until when it is halted."""
        self._accepted = _LONG_AGO
        """When the latest call began that Telegram accepted."""

    @property
    def bulk_rate(self) -> float:
        """How many bulk calls may be made per second now."""
        return self._gate.bulk_rate()

    def state(self) -> tuple[float | None, float]:
        """Return how many bulk calls may be made per second (None: no limit), and for how many
        seconds the whole bot is halted.
        """
        rate = None if self.bulk_rate == math.inf else self.bulk_rate
        return rate, max(0.0, self._gate.overall.halted_until - self._loop.time())

    async def send(
        self, chat: int | None, priority: Priority, call: Callable[[], Awaitable[T]]
    ) -> T:
        """Make `call` when it is allowed, again after each 429, and return its result.

        `chat` None means a call that sends no message, such as the answer to a callback query: it
        waits only while the whole bot is halted. Raises what `call` raises, and TooManyRequests
        after MAX_ATTEMPTS or if Telegram asks for a wait longer than MAX_RETRY_WAIT.
        """
        if chat is None:
            return await self._call(None, None, call, priority)
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
        self,
        chat: int | None,
        bucket: TokenBucket | None,
        call: Callable[[], Awaitable[T]],
        priority: Priority,
    ) -> T:
        attempt = 1
        while True:
            await self._wait(bucket)
            began = self._loop.time()
            try:
                result = await call()
            except TooManyRequests as refused:
                self._halt(chat, bucket, refused.seconds)
                if priority is Priority.BULK:
                    self._gate.slow_down(self._loop.time() + refused.seconds)
                if attempt == MAX_ATTEMPTS or refused.seconds > MAX_RETRY_WAIT:
                    raise
                attempt += 1
            else:
                self._accepted = max(self._accepted, began)
                return result

    async def _wait(self, bucket: TokenBucket | None) -> None:
        overall = self._gate.overall
        if bucket is None:
            # Only time ends this wait, and a further 429 prolongs it: there is no Event for that.
            while (wait := overall.halted_until - self._loop.time()) > 0:  # noqa: ASYNC110 - as above
                await asyncio.sleep(wait)
            return
        if (wait := bucket.wait(self._loop.time())) > 0:
            await asyncio.sleep(wait)
        bucket.take()
        await self._gate.enter(Priority.INTERACTIVE)

    def _halt(self, chat: int | None, bucket: TokenBucket | None, seconds: float) -> None:
        """Halt the chat, or the whole bot, after a 429."""
        now = self._loop.time()
        until = now + seconds
        is_another = chat != self._refused and now < self._refused_until
        if bucket is None or (is_another and self._accepted <= self._refused_at):
            self._gate.overall.halt(until)
        else:
            bucket.halt(until)
            self._refused, self._refused_at, self._refused_until = chat, now, until

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
