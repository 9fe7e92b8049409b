"""What the benchmark of growth found: the times of all operations, and how they compare."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from tests.benchmarks.figures import Bound

MAX_RATIO = 1.5
"""How many times what it costs with the fewest people an operation may cost."""

_TOO_SHORT = 0.002
"""Seconds below which a difference says more of the machine than of the number of people."""


@dataclass
class Times:
    """How long each operation took in each round, in seconds, by its name."""

    rounds: dict[str, list[float]] = field(default_factory=dict)

    async def measure(self, name: str, work: Callable[[], Awaitable[Any]]) -> None:
        """Do the work, and note how long it takes."""
        begin = time.perf_counter()
        await work()
        self.add(name, time.perf_counter() - begin)

    def add(self, name: str, seconds: float) -> None:
        """Note how long an operation took."""
        self.rounds.setdefault(name, []).append(seconds)

    def best(self, name: str) -> float:
        """Return the shortest time of an operation."""
        return min(self.rounds[name])


@dataclass(frozen=True)
class Growth:
    """The result: how long each operation takes with so many people."""

    name: str
    sizes: Sequence[int]
    times: Sequence[Times]

    @property
    def bounds(self) -> list[Bound]:
        """Each operation, with its cost relative to that with the fewest people."""
        few = self.times[0]
        return [
            Bound(
                f"{name}, {size:,} people",
                max(times.best(name), _TOO_SHORT) / max(few.best(name), _TOO_SHORT),
                most=MAX_RATIO,
            )
            for name in few.rounds
            for size, times in zip(self.sizes[1:], self.times[1:], strict=True)
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "unit": "ms",
            "sizes": list(self.sizes),
            "operations": {
                name: [1000 * times.best(name) for times in self.times]
                for name in self.times[0].rounds
            },
            "bounds": [each.as_json() for each in self.bounds],
        }

    def as_table(self) -> Table:
        few, bounds = self.times[0], iter(self.bounds)
        caption = (
            f"milliseconds, the fastest round; × is relative to {self.sizes[0]:,}"
            f" people, expected ≤ {MAX_RATIO:g}; less than {1000 * _TOO_SHORT:g} ms count as that"
        )
        table = Table(title=self.name, caption=caption, title_justify="left")
        table.add_column("")
        table.add_column(f"{self.sizes[0]:,}", justify="right")
        for size in self.sizes[1:]:
            table.add_column(f"{size:,}", justify="right")
            table.add_column("×", justify="right")
        for name in few.rounds:
            cells = [f"{1000 * few.best(name):,.1f}"]
            for times in self.times[1:]:
                bound = next(bounds)
                mark = "[green]✓[/green]" if bound.met else "[red]✗[/red]"
                cells += [f"{1000 * times.best(name):,.1f}", f"{bound.figure:.2f} {mark}"]
            table.add_row(name, *cells)
        return table
