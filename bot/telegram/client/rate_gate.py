"""The limits of the whole bot: interactive calls pass before bulk calls, each in order."""

import asyncio
import heapq
import math
from dataclasses import dataclass
from enum import IntEnum
from itertools import count

from bot.telegram.client.token_bucket import TokenBucket

_RECOVERY_SECONDS = 60.0
"""How long the rate of bulk grows from nothing to the full rate."""

_MIN_BULK_SHARE = 1 / 25
"""The share of the rate of bulk that remains however many calls are refused."""

_MAX_TIMER_DELAY = 0.02
"""Seconds by which a busy event loop may wake late without loss of bulk's rate."""


class Priority(IntEnum):
    """Calls with a lower number pass first."""

    INTERACTIVE = 0
    BULK = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls the bot makes; `math.inf` lifts a limit.

    The burst and the refill of one second stay within the thirty that Telegram accepts.
    """

    overall: float = 30.0
    """Calls per second to all chats together."""
    overall_burst: float = 25.0
    """Calls to all chats together that may be made at once."""
    bulk: float = 25.0
    """Bulk calls per second. They are spread evenly, and leave room for answers."""
    chat: float = 1.0
    """Calls per second to one chat."""
    chat_burst: float = 20.0
    """Calls to one chat that may be made at once."""


PAID = Limits(overall=1030.0, bulk=1000.0)
"""With paid broadcasts (Bot API, allow_paid_broadcast: "up to 1000 messages per second")."""

UNLIMITED = Limits(overall=math.inf, bulk=math.inf, chat=math.inf)
"""For servers that set no limits. The bot still waits after a 429."""


class RateGate:
    """Lets calls to all chats pass at the rates of `Limits`."""

    def __init__(self, limits: Limits) -> None:
        """Start with full buckets."""
        self._loop = asyncio.get_running_loop()
        self._overall = TokenBucket(limits.overall, limits.overall_burst, self._loop.time())
        burst = max(1.0, limits.bulk * _MAX_TIMER_DELAY)
        self._bulk = TokenBucket(limits.bulk, burst, self._loop.time())
        self._full_bulk_rate = limits.bulk
        self._bulk_share, self._share_changed = 1.0, self._loop.time()
        self._waiting: list[tuple[Priority, int, asyncio.Future[None]]] = []
        self._arrivals = count()
        self._timer: asyncio.TimerHandle | None = None

    async def enter(self, priority: Priority) -> None:
        """Wait until a call may be made. Bulk calls enter twice: as bulk, and as any other call."""
        if not self._waiting and self._wait(priority) <= 0:
            self._take(priority)
            return
        turn = self._loop.create_future()
        heapq.heappush(self._waiting, (priority, next(self._arrivals), turn))
        self._let_through()
        await turn

    def bulk_rate(self) -> float:
        """Return how many bulk calls may be made per second now."""
        full = self._full_bulk_rate
        return full if full == math.inf else full * self._bulk_share

    def slow_down(self, until: float) -> None:
        """Make no bulk call before `until`, and halve their rate then."""
        if self._bulk.halted_until < until:
            self._bulk_share = max(_MIN_BULK_SHARE, self._bulk_share / 2)
            self._share_changed = until
            self._bulk.rate = self.bulk_rate()
        self._bulk.halt(until)

    def _recover(self, now: float) -> None:
        if self._bulk_share < 1.0 and now > self._share_changed:
            grown = (now - self._share_changed) / _RECOVERY_SECONDS
            self._bulk_share = min(1.0, self._bulk_share + grown)
            self._share_changed = now
            self._bulk.rate = self.bulk_rate()

    def _wait(self, priority: Priority) -> float:
        now = self._loop.time()
        self._recover(now)
        wait = self._overall.wait(now)
        return wait if priority is Priority.INTERACTIVE else max(wait, self._bulk.wait(now))

    def _take(self, priority: Priority) -> None:
        (self._bulk if priority is Priority.BULK else self._overall).take()

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
