"""Measure the bot's speed, in turn with other libraries that do the same work.

python -m tests.benchmarks              run every benchmark
python -m tests.benchmarks broadcast    run those whose name is or begins with “broadcast”
GROWTH_SIZES=1000,100000 python -m tests.benchmarks growth    with so many people
"""

import argparse
import os
import platform
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import orjson
import uvloop
from rich.console import Console
from rich.progress import Progress

from tests.benchmarks import (
    broadcast,
    claims,
    growth,
    journeys,
    latency,
    million,
    move,
    outbox,
    replicas,
    requests,
    rotation,
    signing,
    starting,
    stats,
    waits,
)
from tests.benchmarks.figures import Result
from tests.benchmarks.growth_result import Growth
from tests.benchmarks.processes import ROOT

Advance = Callable[[], None]
"""Called after each run, to advance the progress bar."""


class Benchmark(Protocol):
    """Measures something in a folder of its own. A `quick` run only shows that everything works."""

    def __call__(
        self, folder: Path, advance: Advance, /, *, quick: bool
    ) -> Awaitable[Result | Growth]: ...


def requests_(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return requests.measure(1 if quick else ROUNDS, 0.1 if quick else 1.5, folder, advance)


def journeys_(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return journeys.measure(1 if quick else ROUNDS, 20 if quick else 300, folder, advance)


def latency_sqlite(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return _latency("sqlite", folder, advance, quick=quick)


def latency_postgresql(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return _latency("postgresql", folder, advance, quick=quick)


def _latency(engine: str, folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return latency.measure(engine, 1 if quick else 3, 10 if quick else 200, folder, advance)


def replicas_(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return replicas.measure(1 if quick else ROUNDS, 20 if quick else 300, folder, advance)


def outbox_mailbox(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return _outbox("virtual", folder, advance, quick=quick)


def outbox_discard(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return _outbox("discard", folder, advance, quick=quick)


def _outbox(transport: str, folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    how = (1, 40) if quick else (ROUNDS, 3000)
    return outbox.measure(transport, *how, folder, advance)


def dkim_(_: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return signing.measure(1 if quick else ROUNDS, 0.1 if quick else 1.5, advance)


def broadcast_(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return broadcast.measure(1 if quick else 3, 300 if quick else 50_000, folder, advance)


def broadcast_25(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return broadcast.hold(25, 1 if quick else 30, folder, advance)


def broadcast_1000(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return broadcast.hold(1000, 1 if quick else 20, folder, advance)


def million_sqlite(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return _million("sqlite", folder, advance, quick=quick)


def million_postgresql(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return _million("postgresql", folder, advance, quick=quick)


def _million(engine: str, folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    people, parts = (2_000, 2) if quick else (1_000_000, PARTS)
    return million.measure(engine, people, parts, folder, advance)


def rotation_sqlite(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return _rotation("sqlite", folder, advance, quick=quick)


def rotation_postgresql(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return _rotation("postgresql", folder, advance, quick=quick)


def _rotation(engine: str, folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return rotation.measure(engine, 5_000 if quick else 1_000_000, folder, advance)


def growth_sqlite(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Growth]:
    return _growth("sqlite", folder, advance, quick=quick)


def growth_postgresql(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Growth]:
    return _growth("postgresql", folder, advance, quick=quick)


def _growth(engine: str, folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Growth]:
    if quick:
        return growth.measure(engine, growth.FEW_SIZES, 1, folder, advance)
    sizes = [int(each) for each in os.environ.get(growth.VARIABLE, "").split(",") if each]
    return growth.measure(engine, sizes or growth.SIZES, growth.ROUNDS, folder, advance)


def move_(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    sizes = [int(each) for each in os.environ.get(move.VARIABLE, "").split(",") if each]
    return move.measure(move.FEW_SIZES if quick else sizes or move.SIZES, folder, advance)


def waits_sqlite(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return waits.measure("sqlite", 2_000 if quick else 100_000, folder, advance)


def waits_postgresql(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return waits.measure("postgresql", 2_000 if quick else 100_000, folder, advance)


def stats_(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    sizes = (20_000, stats.FEW) if quick else (stats.MANY, stats.FEW)
    return stats.measure(1 if quick else ROUNDS, 0 if quick else 5, sizes, folder, advance)


def claims_sqlite(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return _claims("sqlite", folder, advance, quick=quick)


def claims_postgresql(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return _claims("postgresql", folder, advance, quick=quick)


def _claims(engine: str, folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    sizes = (200, 100) if quick else (claims.LONG, claims.SHORT)
    how = (1 if quick else ROUNDS, 0.1 if quick else 2)
    return claims.measure(engine, *how, sizes, folder, advance)


def start_(folder: Path, advance: Advance, *, quick: bool) -> Awaitable[Result]:
    return starting.measure(1 if quick else ROUNDS, 0.1 if quick else 5, folder, advance)


ROUNDS = 5
PARTS = 10
BENCHMARKS: dict[str, tuple[Benchmark, int]] = {
    "start": (start_, 2 * ROUNDS),
    "journeys": (journeys_, len(journeys.CONTENDERS) * ROUNDS),
    "latency-sqlite": (latency_sqlite, 4),
    "latency-postgresql": (latency_postgresql, 4),
    "replicas": (replicas_, 2 * ROUNDS),
    "outbox-mailbox": (outbox_mailbox, len(outbox.CONTENDERS) * ROUNDS),
    "outbox-discard": (outbox_discard, len(outbox.CONTENDERS) * ROUNDS),
    "requests": (requests_, len(requests.CONTENDERS) * ROUNDS),
    "dkim": (dkim_, len(signing.CONTENDERS) * ROUNDS),
    "stats": (stats_, 2),
    "claims-sqlite": (claims_sqlite, 2 * ROUNDS),
    "claims-postgresql": (claims_postgresql, 2 * ROUNDS),
    "broadcast": (broadcast_, (1 + len(broadcast.PEERS)) * 3),
    "broadcast-25": (broadcast_25, 1),
    "broadcast-1000": (broadcast_1000, 1),
    "million-sqlite": (million_sqlite, PARTS),
    "million-postgresql": (million_postgresql, PARTS),
    "growth-sqlite": (growth_sqlite, len(growth.SIZES)),
    "growth-postgresql": (growth_postgresql, len(growth.SIZES)),
    "waits-sqlite": (waits_sqlite, 1),
    "waits-postgresql": (waits_postgresql, 1),
    "move": (move_, len(move.SIZES)),
    "rotation-sqlite": (rotation_sqlite, 1),
    "rotation-postgresql": (rotation_postgresql, 1),
}
"""By name: the benchmark, and its number of runs."""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHMARKS))
    parser.add_argument(
        "--quick",
        action="store_true",
        help="make short runs, which only show that everything works",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=ROOT / "build" / "bench.json",
        help="file for the results, as JSON",
    )
    given = parser.parse_args()
    for name in given.names:
        if not called(name):
            parser.error(f"no such benchmark: {name}")
    names = [each for name in given.names for each in called(name)] or list(BENCHMARKS)
    results = uvloop.run(measure(list(dict.fromkeys(names)), quick=given.quick))
    console = Console()
    for result in results:
        console.print(result.as_table())
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_bytes(orjson.dumps(as_json(results), option=orjson.OPT_INDENT_2))
    console.print(f"Results written to {given.output}")


def called(name: str) -> list[str]:
    """Return the benchmarks with this name or prefix: “claims” gives those of both engines."""
    return [each for each in BENCHMARKS if each == name or each.startswith(f"{name}-")]


async def measure(names: list[str], *, quick: bool) -> list[Result | Growth]:
    results: list[Result | Growth] = []
    # Use the project's folder: a temporary one may be in memory, and commits must reach a disk.
    home = ROOT / "build"
    home.mkdir(exist_ok=True)
    # Refresh the bar by hand: a refreshing thread would take time from what is measured.
    with Progress(auto_refresh=False, transient=True, console=Console(stderr=True)) as progress:
        for name in names:
            benchmark, runs = BENCHMARKS[name]
            bar = progress.add_task(name, total=runs)
            progress.refresh()

            def advance(bar: int = bar) -> None:
                progress.advance(progress.task_ids[bar])
                progress.refresh()

            with tempfile.TemporaryDirectory(prefix="bench-", dir=home) as folder:
                results.append(await benchmark(Path(folder), advance, quick=quick))
    return results


def as_json(results: list[Result | Growth]) -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
        "benchmarks": {result.name: result.as_json() for result in results},
    }


if __name__ == "__main__":
    main()
