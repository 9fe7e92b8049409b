"""Many processes on PostgreSQL: how fast they wake each other, and what two of each gain over one.

`run --no-workers` and `work` are separate processes. Telegram posts updates to the replicas in
turn, as a load balancer does. Telegram, the mailboxes and the supporters run in this process.
"""

import asyncio
import itertools
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from bot.playground.telegram import TelegramState
from bot.playground.telegram.update_queue import QueuedUpdate, UpdateQueue, Webhook
from storage.schema.migrations import upgrade
from tests import databases
from tests.benchmarks.crowd import LEFT, Crowd, Supporter, serving
from tests.benchmarks.figures import Bound, Contender, Result, Run
from tests.benchmarks.journeys import SUPPORTERS_AT_ONCE, set_up, with_webhook
from tests.benchmarks.ours import ANSWER, WORK
from tests.benchmarks.processes import START, Broken, beside, cpu_seconds, last_words
from tests.ports import free_port

CODE_LATENCY, STATUS_LATENCY = 50.0, 100.0
"""Milliseconds within which a code, and the status of a letter, should arrive (median)."""


class TimedSupporter(Supporter):
    """A supporter who notes how long a code and the news of the letter take."""

    def __init__(self, telegram: TelegramState, number: int) -> None:
        super().__init__(telegram, number)
        self.code_seconds = self.status_seconds = 0.0
        self._typed = self._arrived = 0.0

    def send(self, text: str, entities: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
        if text == self.address:
            self._typed = time.perf_counter()
        return super().send(text, entities)

    def takes_code(self, code: str) -> None:
        self.code_seconds = time.perf_counter() - self._typed
        super().takes_code(code)

    def arrived(self) -> None:
        self._arrived = time.perf_counter()
        super().arrived()

    def notify(self, kind: str, content: dict[str, Any]) -> None:
        if LEFT in content.get("text", "") and not self.status_seconds:
            self.status_seconds = time.perf_counter() - self._arrived
        super().notify(kind, content)


@dataclass
class TimedCrowd(Crowd):
    """Supporters who note how long they wait."""

    timed: list[TimedSupporter] = field(default_factory=list)

    def newcomer(self) -> Supporter:
        supporter = TimedSupporter(self.telegram, len(self.supporters) + 1)
        self.timed.append(supporter)
        return self.add(supporter)


@dataclass(frozen=True)
class Deployment:
    """Processes of the bot on one database, and their supporters."""

    crowd: TimedCrowd
    replicas: tuple[int, ...]
    """Ids of the processes that answer."""
    workers: tuple[int, ...]
    """Ids of the processes that send mail."""
    logs: tuple[Path, ...]

    async def play(self, journeys: int, at_once: int) -> Run:
        """Complete so many journeys. Raises Broken if one stops halfway."""
        self.crowd.timed.clear()
        before = self._cpu()
        begin = time.perf_counter()
        try:
            letters = await self.crowd.play(journeys, at_once)
        except* TimeoutError:
            words = "\n".join(map(last_words, self.logs))
            raise Broken(f"A journey stopped halfway:\n{words}") from None
        took = time.perf_counter() - begin
        if letters != journeys:
            raise Broken(f"There were {journeys} journeys, but {letters} letters.")
        used = {name: (now - before[name]) / took * 100 for name, now in self._cpu().items()}
        timed = self.crowd.timed
        return Run(
            journeys / took,
            {
                "code ms": median(each.code_seconds for each in timed) * 1000,
                "status ms": median(each.status_seconds for each in timed) * 1000,
                **used,
            },
        )

    def _cpu(self) -> dict[str, float]:
        """Return the seconds of CPU time so far, by what used them."""
        return {
            "replicas %": sum(map(cpu_seconds, self.replicas)),
            "workers %": sum(map(cpu_seconds, self.workers)),
            "crowd %": time.process_time(),
            "machine %": _busy_seconds(),
        }


async def measure(rounds: int, journeys: int, folder: Path, advance: Callable[[], None]) -> Result:
    """Let one and two of each process complete so many journeys, in turn, `rounds` times."""
    names = {2: "two replicas, two workers", 1: "one replica, one worker"}
    runs: dict[int, list[Run]] = {number: [] for number in names}
    alone: list[Run] = []
    with databases.serving() as address:
        async with AsyncExitStack() as stack:
            sets = {}
            for number in names:
                databases_of = address.set(database=f"bench_{number}")
                await asyncio.to_thread(
                    databases.run, address, f"CREATE DATABASE {databases_of.database}"
                )
                made = _deployed(folder / str(number), databases.plain(databases_of), number)
                sets[number] = await stack.enter_async_context(made)
            for each in sets.values():
                await each.play(min(journeys, SUPPORTERS_AT_ONCE), SUPPORTERS_AT_ONCE)
            for _ in range(rounds):
                alone.append(await sets[1].play(max(journeys // 10, 5), 1))
                for number, each in sets.items():
                    runs[number].append(await each.play(journeys, SUPPORTERS_AT_ONCE))
                    advance()
    code, status = (median(run.more[name] for run in alone) for name in ("code ms", "status ms"))
    return Result(
        "replicas",
        "complete journeys a second",
        f"{SUPPORTERS_AT_ONCE} supporters at once, who wait for each reply; medians of {rounds}"
        f" interleaved runs of {journeys} journeys on PostgreSQL. Times are medians: from the typed"
        " address to the code at the mail server, and from the letter there to the news of it in"
        f" the chat. Load in % of one CPU; the machine has {os.cpu_count()}. The bounds are those"
        " of one replica and one worker, with one supporter at a time",
        tuple(Contender(name, runs[number]) for number, name in names.items()),
        (
            Bound("ms to a code", code, most=CODE_LATENCY),
            Bound("ms to the news of a letter", status, most=STATUS_LATENCY),
        ),
    )


@asynccontextmanager
async def _deployed(folder: Path, database: str, number: int) -> AsyncIterator[Deployment]:
    """Run `number` replicas and `number` workers on a new database, behind one webhook."""
    await asyncio.to_thread(upgrade, database)
    ports = [free_port() for _ in range(number)]
    async with AsyncExitStack() as stack:
        people = await stack.enter_async_context(serving(TimedCrowd()))
        _spread(people.telegram.updates, ports)
        written = set_up(folder, people, database)
        pids: dict[str, list[int]] = {ANSWER: [], WORK: []}
        logs: list[Path] = []
        for role, index in itertools.product(pids, range(number)):
            settings = folder / f"{role}-{index}.toml"
            settings.write_text(with_webhook(written, ports[0], ports[index]), encoding="utf-8")
            logs.append(settings.with_suffix(".log"))
            ours = beside("tests.benchmarks.ours", str(settings), role, log=logs[-1])
            pids[role].append((await stack.enter_async_context(ours)).pid)
        for log in logs:
            await _logged("listening to other processes", log)
        yield Deployment(people, tuple(pids[ANSWER]), tuple(pids[WORK]), tuple(logs))


def _spread(updates: UpdateQueue, ports: list[int]) -> None:
    """Have Telegram post each update to the next replica, as a load balancer would."""
    post, turns = updates._post, itertools.cycle(ports)

    async def spread(hook: Webhook, queued: QueuedUpdate) -> float | None:
        return await post(replace(hook, url=f"http://127.0.0.1:{next(turns)}/telegram"), queued)

    updates._post = spread  # type: ignore[method-assign]


async def _logged(words: str, log: Path) -> None:
    """Wait until a process logs `words`. Raises Broken if it takes too long."""
    try:
        async with asyncio.timeout(START):
            while words not in log.read_text(encoding="utf-8", errors="replace"):  # noqa: ASYNC110, ASYNC240 - a log sends no event, and is short
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise Broken(f"It did not start:\n{last_words(log)}") from None


def _busy_seconds() -> float:
    """Return the seconds that all CPUs were busy since the start (proc(5), stat)."""
    try:
        line = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    except OSError:
        return 0.0
    user, nice, system, _idle, _wait, *others = map(int, line.split()[1:8])
    return (user + nice + system + sum(others)) / os.sysconf("SC_CLK_TCK")
