"""Benchmark /stats: the tallies of 5,000,000 actions in a year, compared with those of 1,000.

Measured is the time from the question to the picture and its text. The time for reading from the
database is shown separately.
"""

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import cast

from sqlalchemy import Connection

from bot.charts.drawing_process import draw
from bot.services.core import Core
from bot.services.monitoring.reports import Reports
from conversations.core.facts import Deployment
from conversations.core.replies import Picture, StatsReport
from conversations.model.stats.chart import Chart
from conversations.model.stats.figures import FiguresQuery, Period
from conversations.model.stats.funnel import FunnelStage
from conversations.text.countries import all_codes
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.engine.urls import open_database
from storage.schema.migrations import upgrade
from storage.schema.tally import Tally
from storage.stats import figures, tallies
from tests.benchmarks.figures import Contender, Result, Run
from tests.benchmarks.processes import Broken

MANY, FEW = 5_000_000, 1_000
DAYS = 365

_LAST = date(2031, 5, 14)
_numbers = itertools.count()
_NOW = datetime(2031, 5, 14, 12, tzinfo=UTC)
_SOURCES = ("", "share", "poster", "newsletter", "radio", "other")
_STAYING = (6.0, 3.0, 2.6, 2.4, 1.6, 1.2, 1.1, 1.0, 0.97)


@dataclass(frozen=True)
class TallyDatabase:
    """A database with the tallies of a number of actions."""

    database: Database

    async def measure_answers(self, seconds: float) -> Run:
        """Ask for figures again and again; return how many answers a second there were."""
        asked = FiguresQuery("river", Period.ALL)
        deployment = Deployment({}, "bot", "actions@send.example", "tests@send.example")
        core = Core(self.database, cast(Vault, None), lambda: deployment, lambda: _NOW)
        reporting = Reports(core, _draw_uncached)
        reads: list[float] = []
        count, begin = 0, time.perf_counter()
        while (took := time.perf_counter() - begin) < seconds or not count:
            began = time.perf_counter()
            await self.database.read(lambda c: figures.read(c, ("river",), Period.ALL, _LAST))
            reads.append(time.perf_counter() - began)
            answer = await reporting.stats(StatsReport(asked, "en", admin=True))
            if not isinstance(answer, Picture):
                raise Broken("The answer has no picture.")
            count += 1
        return Run(count / (took - sum(reads)), {"ms reading": 1000 * sum(reads) / len(reads)})


async def _draw_uncached(chart: Chart) -> bytes:
    """Draw the chart with a unique title: an identical chart would come from the cache."""
    title = replace(chart.title, text=f"{chart.title.text} {next(_numbers)}")
    return await draw(replace(chart, title=title))


async def measure(
    rounds: int, seconds: float, sizes: tuple[int, int], folder: Path, advance: Callable[[], None]
) -> Result:
    """Ask each database for `seconds`, in turn, `rounds` times."""
    runs: dict[int, list[Run]] = {size: [] for size in sizes}
    async with AsyncExitStack() as stack:
        databases = {
            size: await stack.enter_async_context(_database(size, folder)) for size in sizes
        }
        for database in databases.values():
            await database.measure_answers(0)
        for _ in range(rounds):
            for size, database in databases.items():
                runs[size].append(await database.measure_answers(seconds))
                advance()
    many, few = sizes
    return Result(
        "stats",
        "pictures a second",
        f"figures of {DAYS} days; medians of {rounds} interleaved runs of {seconds:g} s",
        (
            Contender(f"{many:,} actions", runs[many]),
            Contender(f"{few:,} actions", runs[few], 1 / 1.2),
        ),
    )


@asynccontextmanager
async def _database(size: int, folder: Path) -> AsyncIterator[TallyDatabase]:
    url = f"sqlite:///{folder / f'{size}.db'}"
    await asyncio.to_thread(upgrade, url)
    database = await open_database(url)
    try:
        await database.transact(partial(fill, actions=size))
        yield TallyDatabase(database)
    finally:
        await database.close()


def fill(connection: Connection, actions: int) -> None:
    """Write the tallies of `actions` actions, spread over a year."""
    chance = random.Random(1)  # noqa: S311 - repeatable, not secret
    for number in range(DAYS):
        of_day = actions * (number + 1) // DAYS - actions * number // DAYS
        day = (_LAST - timedelta(days=number)).isoformat()
        tallies.add(connection, _day(day, of_day, chance))
    tallies.add_accepted(connection, "river", actions)


def _day(day: str, actions: int, chance: random.Random) -> Iterator[Tally]:
    for stage, share in zip(FunnelStage, _STAYING, strict=True):
        yield Tally("river", "step", day, stage, round(actions * share))
    values: dict[str, Sequence[str]] = {
        "country": all_codes(),
        "language": ("en", "zh-Hant"),
        "source": _SOURCES,
        "link": _SOURCES,
        "hour": [f"{hour:02}" for hour in range(24)],
        "fate": ("bounced", "failed", "unknown"),
    }
    for figure, among in values.items():
        # A few thousand draws give the shares; the counts are scaled up from them.
        drawn = Counter(chance.choices(among, k=min(actions, 3_000)))
        for value, count in drawn.items():
            yield Tally("river", figure, day, value, round(count * actions / sum(drawn.values())))
