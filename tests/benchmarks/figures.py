"""Benchmark results: the figures of each contender's runs, and how ours compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from rich.table import Table


@dataclass(frozen=True)
class Run:
    """One run: its figure, and other values measured during it."""

    figure: float
    more: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Contender:
    """One of the programs that are compared, with its runs."""

    name: str
    runs: Sequence[Run]
    expected: float | None = None
    """How many times as fast as this contender ours should be."""

    @property
    def median(self) -> float:
        return median(run.figure for run in self.runs)

    @property
    def more(self) -> dict[str, float]:
        """The medians of the other values."""
        names = self.runs[0].more
        return {name: median(run.more[name] for run in self.runs) for name in names}


@dataclass(frozen=True)
class Bound:
    """A figure that must be at `least` or at `most` a given value."""

    name: str
    figure: float
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool:
        above = self.least is None or self.figure >= self.least
        return above and (self.most is None or self.figure <= self.most)

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "met": self.met}

    def __str__(self) -> str:
        """Return the line for the table: the figure and its bound."""
        sign, bound = ("≥", self.least) if self.least is not None else ("≤", self.most)
        return f"{self.name}: {self.figure:,.4g}, expected {sign} {bound:,g} {_mark(self.met)}"


@dataclass(frozen=True)
class Result:
    """One benchmark's result. The first contender is ours; the others are compared with it."""

    name: str
    unit: str
    how: str
    contenders: Sequence[Contender]
    bounds: Sequence[Bound] = ()

    def ratio(self, peer: Contender) -> float:
        """Return how many times as fast as `peer` ours is."""
        return self.contenders[0].median / peer.median

    def as_json(self) -> dict[str, Any]:
        return {
            "unit": self.unit,
            "how": self.how,
            "contenders": [
                {
                    "name": each.name,
                    "median": each.median,
                    "runs": [run.figure for run in each.runs],
                    "more": each.more,
                    "ratio": self.ratio(each),
                    "expected": each.expected,
                    "met": None if each.expected is None else self.ratio(each) >= each.expected,
                }
                for each in self.contenders
            ],
            "bounds": [each.as_json() for each in self.bounds],
        }

    def as_table(self) -> Table:
        caption = "\n".join((self.how, *map(str, self.bounds)))
        table = Table(title=f"{self.name}: {self.unit}", caption=caption, title_justify="left")
        table.add_column("")
        for heading in ("median", "from–to", *self.contenders[0].more, "ours is", "expected"):
            table.add_column(heading, justify="right")
        for each in self.contenders:
            figures = [run.figure for run in each.runs]
            ours = each is self.contenders[0]
            table.add_row(
                f"[bold]{each.name}[/bold]" if ours else each.name,
                _shown(each.median),
                f"{_shown(min(figures))}–{_shown(max(figures))}",
                *(_shown(value) for value in each.more.values()),
                "" if ours else f"{self.ratio(each):.2f} ×",
                self._expectation(each),
            )
        return table

    def _expectation(self, each: Contender) -> str:
        if each.expected is None:
            return ""
        return f"≥ {each.expected:g} × {_mark(self.ratio(each) >= each.expected)}"


def _mark(met: bool) -> str:
    return "[green]✓[/green]" if met else "[red]✗[/red]"


def _shown(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}"
