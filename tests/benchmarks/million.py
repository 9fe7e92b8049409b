"""Benchmark the cost of a message in a broadcast to a million people, compared with a thousand.

Everything runs as in the bot, except that no request leaves the process: each call is answered at
once. Both databases are open in this process. The broadcast to the million is sent in parts. After
each part it is paused while some broadcasts to the thousand are sent, so that both are measured
under the same conditions.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from statistics import quantiles

from sqlalchemy import Connection, select

from bot.services.broadcasts.broadcast_sender import BroadcastSender
from bot.telegram.client.rate_gate import UNLIMITED
from bot.telegram.client.request import TelegramRequest
from conversations.model.broadcast import Audience
from storage.broadcasts.recipients.audiences import count
from tests import databases
from tests.benchmarks.figures import Bound, Contender, Result, Run
from tests.benchmarks.processes import forget_most_resident, resident
from tests.benchmarks.receiving import TOKEN
from tests.benchmarks.updates import Subscribers, subscribers

THOUSAND = 1_000

_POLL_INTERVAL = 0.05


class OfflineRequest(TelegramRequest):
    """Answers each call as Telegram does, once the gate is open; nothing leaves the process."""

    def __init__(self) -> None:
        super().__init__(TOKEN)
        self.calls = 0
        self.first = 0.0
        self.stop_at = 0
        self.stopped = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def _exchange(self, url: str, body: object, timeouts: object) -> tuple[int, bytes]:
        self.calls += 1
        self.first = self.first or time.perf_counter()
        if self.calls == self.stop_at:
            self.gate.clear()
            self.stopped.set()
        # Yield to the event loop, as a real request does.
        await (asyncio.sleep(0) if self.gate.is_set() else self.gate.wait())
        return 200, b'{"ok":true,"result":{"message_id":%d}}' % self.calls


class Cost:
    """Adds up what messages cost, in seconds and in CPU seconds."""

    def __init__(self) -> None:
        self.messages, self.wall, self.cpu = 0, 0.0, 0.0

    def begin(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def end(self, messages: int) -> None:
        self.wall += time.perf_counter() - self._wall
        self.cpu += time.process_time() - self._cpu
        self.messages += messages

    def as_run(self) -> Run:
        cpu = self.cpu / self.messages * 1e6
        return Run(self.messages / self.wall, {"µs CPU": cpu})


class LargeBroadcast:
    """The broadcast to the million, which is sent in parts."""

    def __init__(self, crowd: Subscribers) -> None:
        self.crowd = crowd
        self.request = OfflineRequest()
        self.waits: list[float] = []
        self._sender = crowd.sender(self.request, UNLIMITED)

    async def begin(self) -> float:
        """Confirm the broadcast while the bot runs; return the seconds until the first message."""
        self._running = asyncio.create_task(self._sender.run())
        await asyncio.sleep(0.1)
        begin = time.perf_counter()
        self.request.stop_at = 1
        self._id = await self.crowd.confirm()
        await self.request.stopped.wait()
        return self.request.first - begin

    async def send_part(self, messages: int) -> int:
        """Send the next `messages` messages, then pause; return how many were sent.

        Meanwhile, other transactions run, and `waits` records how long each one takes.
        """
        before = self.request.calls
        self.request.stopped.clear()
        self.request.stop_at = min(before + messages, self.crowd.people)
        self.request.gate.set()
        while not self.request.stopped.is_set():
            begin = time.perf_counter()
            await self.crowd.database.transact(_nothing)
            self.waits.append(time.perf_counter() - begin)
            await asyncio.sleep(_POLL_INTERVAL)
        return self.request.calls - before

    async def end(self) -> None:
        self.request.gate.set()
        # The database sends no event.
        while not await self.crowd.is_done(self._id):  # noqa: ASYNC110 - as above
            await asyncio.sleep(_POLL_INTERVAL)
        self._running.cancel()
        await asyncio.wait((self._running,))
        await self.crowd.must_have(self._id)


async def measure(
    engine: str, people: int, parts: int, folder: Path, advance: Callable[[], None]
) -> Result:
    """Send to `people` people in `parts` parts, and to the thousand after each part.

    The broadcasts to the thousand add up to half as many messages as the part.
    """
    async with AsyncExitStack() as stack:
        many = await stack.enter_async_context(_crowd(engine, people, folder))
        few = await stack.enter_async_context(_crowd(engine, THOUSAND, folder))
        small = few.sender(OfflineRequest(), UNLIMITED)
        await _send(few, small)
        counting = await _count(many)
        million, costs = LargeBroadcast(many), (Cost(), Cost())
        (idle, _), each = resident(), people // parts
        forget_most_resident()
        first = await million.begin()
        for _ in range(parts):
            costs[0].begin()
            costs[0].end(await million.send_part(each))
            costs[1].begin()
            often = max(1, each // THOUSAND // 2)
            for _ in range(often):
                await _send(few, small)
            costs[1].end(often * THOUSAND)
            advance()
        _, most = resident()
        await million.end()
    run, other = (cost.as_run() for cost in costs)
    ratio = run.more["µs CPU"] / other.more["µs CPU"]
    return Result(
        f"million-{engine}",
        "messages a second",
        f"no network; {parts} parts, and broadcasts to {THOUSAND:,} between them; audience"
        f" counted in {counting:.2f} s; of 20 other transactions, 19 wait less than"
        f" {quantiles(million.waits, n=20)[-1] * 1000:.0f} ms, all less than"
        f" {max(million.waits) * 1000:.0f} ms",
        (
            Contender(f"to {people:,}", [run]),
            Contender(f"to {THOUSAND:,}", [other], 1 / 1.2),
        ),
        (
            Bound("CPU time of a message, relative to a broadcast to a thousand", ratio, most=1.2),
            Bound("MB above idle", (most - idle) / 2**20, most=40),
            Bound("seconds from Confirm to the first message", first, most=2),
        ),
    )


@asynccontextmanager
async def _crowd(engine: str, people: int, folder: Path) -> AsyncIterator[Subscribers]:
    with databases.serving() if engine == "postgresql" else nullcontext(None) as address:
        url = databases.plain(address) if address else f"sqlite:///{folder / f'{people}.db'}"
        async with subscribers(url, folder / f"{people}.keys", people) as crowd:
            yield crowd


async def _send(crowd: Subscribers, sender: BroadcastSender) -> None:
    id_ = await crowd.confirm()
    await sender.run_once()
    await crowd.must_have(id_)


async def _count(crowd: Subscribers) -> float:
    """Return the seconds that counting the audience takes."""
    begin = time.perf_counter()
    audience = Audience("hong-kong")
    assert (
        await crowd.database.read(partial(count, vault=crowd.vault, audience=audience))
        == crowd.people
    )
    return time.perf_counter() - begin


def _nothing(connection: Connection) -> None:
    connection.execute(select(1))
