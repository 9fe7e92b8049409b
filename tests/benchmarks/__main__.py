"""`python -m tests.benchmarks [name…]`: speed beside peers that run in the same minutes."""

import argparse
import os
import platform
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson
import uvloop
from rich.console import Console
from rich.progress import Progress

from tests.benchmarks import broadcast, claims, journeys, million, outbox, requests, signing, stats
from tests.benchmarks.figures import Result
from tests.benchmarks.processes import ROOT

Tell = Callable[[], None]


def requests_(folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    return requests.measure(1 if quick else ROUNDS, 0.1 if quick else 1.5, folder, tell)


def journeys_(folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    return journeys.measure(1 if quick else ROUNDS, 20 if quick else 300, folder, tell)


def outbox_mailbox(folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    return _outbox("virtual", folder, tell, quick=quick)


def outbox_discard(folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    return _outbox("discard", folder, tell, quick=quick)


def _outbox(transport: str, folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    how = (1, 40) if quick else (ROUNDS, 3000)
    return outbox.measure(transport, *how, folder, tell)


def dkim_(_: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    return signing.measure(1 if quick else ROUNDS, 0.1 if quick else 1.5, tell)


def broadcast_(folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    return broadcast.measure(1 if quick else 3, 300 if quick else 50_000, folder, tell)


def broadcast_25(folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    return broadcast.hold(25, 1 if quick else 30, folder, tell)


def broadcast_1000(folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    return broadcast.hold(1000, 1 if quick else 20, folder, tell)


def million_sqlite(folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    return _million("sqlite", folder, tell, quick=quick)


def million_postgresql(folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    return _million("postgresql", folder, tell, quick=quick)


def _million(engine: str, folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    people, parts = (2_000, 2) if quick else (1_000_000, PARTS)
    return million.measure(engine, people, parts, folder, tell)


def stats_(folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    sizes = (20_000, stats.FEW) if quick else (stats.MANY, stats.FEW)
    return stats.measure(1 if quick else ROUNDS, 0 if quick else 5, sizes, folder, tell)


def claims_sqlite(folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    return _claims("sqlite", folder, tell, quick=quick)


def claims_postgresql(folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    return _claims("postgresql", folder, tell, quick=quick)


def _claims(engine: str, folder: Path, tell: Tell, *, quick: bool) -> Awaitable[Result]:
    sizes = (200, 100) if quick else (claims.LONG, claims.SHORT)
    how = (1 if quick else ROUNDS, 0.1 if quick else 2)
    return claims.measure(engine, *how, sizes, folder, tell)


ROUNDS = 5
PARTS = 10
BENCHMARKS = {
    "journeys": (journeys_, len(journeys.CONTENDERS) * ROUNDS),
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
}
"""Each with the number of its runs."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=" or ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="only show that everything runs")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench.json")
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
    console.print(f"The same is in {given.output}")


def called(name: str) -> list[str]:
    """Return the benchmarks of this name: “claims” names that of both engines."""
    return [each for each in BENCHMARKS if each == name or each.startswith(f"{name}-")]


async def measure(names: list[str], *, quick: bool) -> list[Result]:
    results = []
    # In the project's folder, not in a temporary one that may be in memory: commits go to a disk.
    home = ROOT / "build"
    home.mkdir(exist_ok=True)
    # No thread of its own draws the bar: it would take time from what is measured here.
    with Progress(auto_refresh=False, transient=True, console=Console(stderr=True)) as progress:
        for name in names:
            benchmark, runs = BENCHMARKS[name]
            bar = progress.add_task(name, total=runs)
            progress.refresh()

            def tell(bar: int = bar) -> None:
                progress.advance(progress.task_ids[bar])
                progress.refresh()

            with tempfile.TemporaryDirectory(prefix="bench-", dir=home) as folder:
                results.append(await benchmark(Path(folder), tell, quick=quick))
    return results


def as_json(results: list[Result]) -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs",
        "benchmarks": {result.name: result.as_json() for result in results},
    }


if __name__ == "__main__":
    main()
