"""From the start of a process to its first answer, and its memory when idle.

A supporter has pressed Start before the process begins. Ours is `actionbot run`, started for the
second time: its database and its menus are there. The other is the smallest bot that answers at all
(`hello`). Idle memory is that some seconds after the first answer, when all services have run once.
"""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.crowd import Crowd, crowd
from tests.benchmarks.figures import Bound, Contender, Result, Run
from tests.benchmarks.journeys import set_up
from tests.benchmarks.processes import Broken, beside, cpu_seconds, last_words, resident

MOST_SECONDS, MOST_IDLE = 1.0, 110.0
"""Bounds of ours: seconds to the first answer, and megabytes when idle."""

_OURS, _PEER = "ours", "python-telegram-bot, the smallest bot"
_MB = 1e6


async def measure(rounds: int, idle: float, folder: Path, advance: Callable[[], None]) -> Result:
    """Start each bot in turn, `rounds` times; wait `idle` seconds before its memory is read."""
    runs: dict[str, list[Run]] = {_OURS: [], _PEER: []}
    async with crowd() as ours, crowd() as peers:
        settings = set_up(folder, ours)
        campaign = folder / "campaigns" / "hong-kong" / "campaign.toml"
        # `run` refuses reserved addresses as targets. Names under .alt are never in DNS (RFC 9476).
        text = campaign.read_text("utf-8")
        campaign.write_text(text.replace("government-hk.example", "government-hk.alt"), "utf-8")
        env = {**os.environ, "ACTIONBOT_CONFIG": str(settings)}
        await _start(ours, folder, ("bot", "run"), idle, env)
        for _ in range(rounds):
            runs[_OURS].append(await _start(ours, folder, ("bot", "run"), idle, env))
            advance()
            words = ("tests.benchmarks.hello", peers.telegram.token, peers.url)
            runs[_PEER].append(await _start(peers, folder, words, idle))
            advance()
    contenders = tuple(Contender(name, each) for name, each in runs.items())
    more = contenders[0].more
    return Result(
        "start",
        "starts a minute, each to the first answer",
        f"medians of {rounds} interleaved starts; MB are resident, {idle:g} seconds after that",
        contenders,
        (
            Bound("seconds from start to first answer", more["seconds"], most=MOST_SECONDS),
            Bound("MB idle", more["MB idle"], most=MOST_IDLE),
        ),
    )


async def _start(
    people: Crowd,
    folder: Path,
    words: tuple[str, ...],
    idle: float,
    env: dict[str, str] | None = None,
) -> Run:
    """Start a bot for which an update waits. Raises Broken if there is no answer."""
    supporter = people.newcomer()
    answered = asyncio.create_task(supporter.asks_for_the_start())
    log = folder / f"{words[0]}.log"
    begin = time.perf_counter()
    async with beside(*words, log=log, env=env) as process:
        try:
            await asyncio.wait_for(answered, 60)
        except TimeoutError:
            raise Broken(f"There was no answer:\n{last_words(log)}") from None
        took, cpu = time.perf_counter() - begin, cpu_seconds(process.pid)
        await asyncio.sleep(idle)
        memory, _ = resident(process.pid)
    return Run(60 / took, {"seconds": took, "CPU seconds": cpu, "MB idle": memory / _MB})
