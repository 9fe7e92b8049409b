"""How long supporters wait for a reply: at 30 updates a second, and when too many come.

Telegram posts updates to the webhook of one process, which answers and works. What is measured
begins when Telegram has the update and ends when the bot's first message or edit arrives there.
Telegram, the mailboxes and the supporters run in this process.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

from bot.playground.telegram import TelegramState
from tests import databases
from tests.benchmarks.crowd import Crowd, Supporter, serving
from tests.benchmarks.figures import Bound, Contender, Result, Run
from tests.benchmarks.journeys import set_up, with_webhook
from tests.benchmarks.processes import START, Broken, beside, last_words
from tests.chaos.process import memory_of
from tests.ports import free_port

UPDATES_A_SECOND = 30
MAX_P99 = 15.0
"""Milliseconds that 99 % of the replies may take at that rate."""

AT_ONCE, MANY_AT_ONCE = 60, 200
"""Supporters at once: enough for the rate, and more than the bot can answer at once."""

MAX_OVERTAKING = 100.0
"""Milliseconds that the oldest first allows: by how much an update may be older than another that
was answered before it, for 99 % of the updates, when too many come. The longest wait tells nothing
of the order, since all supporters begin at once.
"""
MAX_CALLS = 14.0
"""Calls of the Bot API for one journey, where the webhook's responses acknowledge presses."""

MAX_GROWTH = 48.0
"""Megabytes that the process may take for all the updates that wait."""


@dataclass
class Pace:
    """Lets supporters write one after the other, so many a second; without `rate`, at once."""

    rate: float | None = None
    _next: float = 0.0

    async def turn(self) -> None:
        if self.rate is None:
            return
        now = time.perf_counter()
        self._next = max(self._next + 1 / self.rate, now)
        await asyncio.sleep(self._next - now)


class Answered(NamedTuple):
    """When an update came, and when its reply, in seconds."""

    came: float
    answered: float


class WaitingSupporter(Supporter):
    """A supporter who writes at a given pace, and notes how long each reply takes."""

    def __init__(
        self, telegram: TelegramState, number: int, pace: Pace, replies: list[Answered]
    ) -> None:
        super().__init__(telegram, number)
        self._pace, self._replies = pace, replies
        self._wrote: float | None = None

    async def turn(self) -> None:
        await self._pace.turn()
        self._wrote = time.perf_counter()

    def notify(self, kind: str, content: dict[str, Any]) -> None:
        is_reply = kind in ("message", "edited") and content["from"]["is_bot"]
        if self._wrote is not None and is_reply:
            self._replies.append(Answered(self._wrote, time.perf_counter()))
            self._wrote = None
        super().notify(kind, content)


@dataclass
class WaitingCrowd(Crowd):
    """Supporters who note how long they wait."""

    pace: Pace = field(default_factory=Pace)
    replies: list[Answered] = field(default_factory=list)

    def newcomer(self) -> Supporter:
        number = len(self.supporters) + 1
        return self.add(WaitingSupporter(self.telegram, number, self.pace, self.replies))

    async def wait_for(self, journeys: int, at_once: int, rate: float | None) -> list[float]:
        """Return the seconds that each reply took while so many journeys were played."""
        self.pace.rate = rate
        self.replies.clear()
        await self.play(journeys, at_once)
        return sorted(answered - came for came, answered in self.replies)

    def overtaken(self) -> list[float]:
        """Return by how many seconds each update is older than one that was answered before it."""
        newest, found = 0.0, []
        for came, _ in sorted(self.replies, key=lambda each: each.answered):
            found.append(max(0.0, newest - came))
            newest = max(newest, came)
        return found


async def measure(
    engine: str, rounds: int, journeys: int, folder: Path, advance: Callable[[], None]
) -> Result:
    """Play so many journeys `rounds` times at the rate, then once with too many supporters."""
    runs: list[Run] = []
    async with _bot(engine, folder) as (people, pid):
        await people.wait_for(min(journeys, AT_ONCE), AT_ONCE, UPDATES_A_SECOND)
        for _ in range(rounds):
            begin = time.perf_counter()
            waits = await people.wait_for(journeys, AT_ONCE, UPDATES_A_SECOND)
            took = time.perf_counter() - begin
            middle = median(waits) * 1000
            runs.append(Run(_p99(waits), {"p50": middle, "updates/s": len(waits) / took}))
            advance()
        before = memory_of(pid)
        begin = time.perf_counter()
        calls = people.calls.total()
        crowded = await people.wait_for(2 * journeys, MANY_AT_ONCE, None)
        rate = len(crowded) / (time.perf_counter() - begin)
        growth = (memory_of(pid) - before) / 2**20
        calls_each = (people.calls.total() - calls) / (2 * journeys)
        advance()
    return Result(
        f"latency-{engine}",
        "ms from an update to its reply, p99",
        f"{UPDATES_A_SECOND} updates a second, {rounds} runs of {journeys} journeys. Then"
        f" {MANY_AT_ONCE} supporters at once: {rate:.0f} updates a second, p50"
        f" {median(crowded) * 1000:.0f} ms, p99 {_p99(crowded):.0f} ms, longest"
        f" {crowded[-1] * 1000:.0f} ms",
        (Contender("ours", tuple(runs)),),
        (
            Bound("p99 in ms, median of the runs", median(r.figure for r in runs), most=MAX_P99),
            Bound("ms of overtaking, p99", _p99(people.overtaken()), most=MAX_OVERTAKING),
            Bound("MB more with so many at once", growth, most=MAX_GROWTH),
            Bound("calls of the Bot API for a journey", calls_each, most=MAX_CALLS),
        ),
    )


@asynccontextmanager
async def _bot(engine: str, folder: Path) -> AsyncIterator[tuple[WaitingCrowd, int]]:
    """Run the bot behind a webhook; yield its supporters, and the id of its process."""
    log = folder / "log"
    with databases.new(engine, folder) as url:
        async with serving(WaitingCrowd()) as people:
            settings = set_up(folder / "bot", people, url)
            settings.write_text(with_webhook(settings, free_port()), encoding="utf-8")
            async with beside("tests.benchmarks.ours", str(settings), log=log) as process:
                await _hooked(people, log)
                yield people, process.pid


async def _hooked(people: Crowd, log: Path) -> None:
    """Wait until the bot has set its webhook. Raises Broken if that takes too long."""
    try:
        async with asyncio.timeout(START):
            while people.telegram.updates.webhook is None:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise Broken(f"It did not start:\n{last_words(log)}") from None


def _p99(waits: list[float]) -> float:
    """Return the milliseconds within which 99 % of the replies came."""
    return quantiles(waits, n=100)[98] * 1000
