"""Measure how fast old values are encrypted again, and how long replies take meanwhile.

A database has many chats whose values are encrypted with an old day's key. The bot encrypts them
again as soon as it starts. Meanwhile supporters write now and then, as on a quiet day.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import quantiles

from bot.clock import utc_now
from storage.crypto import key_rotation, keys
from storage.engine.database import Database
from tests import databases
from tests.benchmarks.crowd import Crowd, crowd
from tests.benchmarks.figures import Bound, Contender, Result, Run
from tests.benchmarks.journeys import set_up
from tests.benchmarks.processes import Broken, beside, last_words, ready
from tests.databases import opened

KEY_AGE = timedelta(days=20)
"""How old the key of the stored values is, so that it is due."""

QUIET_SUPPORTERS = 10
PRESS_INTERVAL = 1.0
"""Seconds between two messages of one supporter."""

MAX_REPLY = 0.05
"""Seconds that 99 % of the replies may take at most."""

_POLL_INTERVAL = 0.2


async def measure(engine: str, people: int, folder: Path, tell: Callable[[], None]) -> Result:
    """Let the bot encrypt the values of so many chats again, and measure replies meanwhile."""
    key_file = folder / "actionbot.keys"
    keys.load_or_create(key_file, utc_now().date() - KEY_AGE)
    with databases.new(engine, folder) as url:
        await _fill(url, key_file, people)
        async with crowd() as supporters:
            settings = set_up(folder, supporters, database=url)
            log = folder / "log"
            async with (
                opened(url) as database,
                beside("tests.benchmarks.ours", str(settings), log=log) as process,
            ):
                await ready(process, supporters.telegram.updates.polled, log)
                begin = time.perf_counter()
                replies = await _until_rotated(database, supporters, log)
                took = time.perf_counter() - begin
                calm = await _replies(supporters, len(replies) / QUIET_SUPPORTERS * PRESS_INTERVAL)
    tell()
    slowest = _p99(replies)
    return Result(
        f"rotation-{engine}",
        "values encrypted again a second",
        f"{people:,} chats; meanwhile {len(replies)} replies to {QUIET_SUPPORTERS} supporters,"
        f" p99 {slowest * 1000:.0f} ms; p99 of {len(calm)} replies afterwards"
        f" {_p99(calm) * 1000:.0f} ms",
        (Contender("ours", (Run(people / took),)),),
        (Bound("p99 of replies meanwhile, in ms", slowest * 1000, most=MAX_REPLY * 1000),),
    )


async def _until_rotated(database: Database, supporters: Crowd, log: Path) -> list[float]:
    """Let supporters write until all values are encrypted again; return how long replies took."""
    replies: list[float] = []
    writing = asyncio.create_task(_write(supporters, replies))
    try:
        while await database.read(key_rotation.floor) is None:
            await asyncio.sleep(_POLL_INTERVAL)
            if writing.done():
                raise Broken(f"A reply did not come:\n{last_words(log)}")
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    return replies


async def _replies(supporters: Crowd, seconds: float) -> list[float]:
    """Let supporters write for so many seconds; return how long replies took."""
    replies: list[float] = []
    writing = asyncio.create_task(_write(supporters, replies))
    await asyncio.wait((writing,), timeout=max(1.0, min(seconds, 30.0)))
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    return replies


async def _write(supporters: Crowd, replies: list[float]) -> None:
    """Write from several chats until cancelled, and add how long each reply takes."""

    async def one(number: int) -> None:
        supporter = supporters.newcomer()
        await asyncio.sleep(PRESS_INTERVAL * number / QUIET_SUPPORTERS)
        while True:
            begin = time.perf_counter()
            async with asyncio.timeout(30):
                await supporter.asks_for_the_start()
            replies.append(time.perf_counter() - begin)
            await asyncio.sleep(max(0, PRESS_INTERVAL - (time.perf_counter() - begin)))

    async with asyncio.TaskGroup() as group:
        for number in range(QUIET_SUPPORTERS):
            group.create_task(one(number))


async def _fill(url: str, key_file: Path, people: int) -> None:
    log = key_file.with_suffix(".log")
    arguments = (url, str(key_file), str(people), str(KEY_AGE.days))
    async with beside("tests.benchmarks.updates", *arguments, log=log) as filling:
        if await filling.wait():
            raise Broken(f"Adding {people} chats failed:\n{last_words(log)}")


def _p99(replies: list[float]) -> float:
    return quantiles(replies, n=100)[98] if len(replies) > 1 else max(replies, default=0.0)
