"""A day of many letters, minute by minute: what waits where, and what is used up first.

Every letter passes the same stages. A stage does so much a second; what comes faster waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

_MINUTE = 60.0


@dataclass(frozen=True)
class Demand:
    """When the letters of a day are written."""

    letters: int
    hours: float
    """Within how many hours they come, evenly."""

    @property
    def at_peak(self) -> float:
        """Letters a second while they come."""
        return self.letters / (self.hours * 3600)

    def by_minute(self) -> list[float]:
        """Return how many letters come in each minute."""
        minutes = self.hours * 60
        return [self.at_peak * _MINUTE * min(1.0, minutes - at) for at in range(ceil(minutes))]


@dataclass(frozen=True)
class Stage:
    """Something that every letter needs so much of, and of which there is so much a second."""

    name: str
    unit: str
    for_a_letter: float
    """How many units one letter needs."""

    a_second: float | None
    """How many units there are in a second; None: no limit is known."""

    @property
    def letters_a_second(self) -> float | None:
        """How many letters a second it is enough for."""
        return None if self.a_second is None else self.a_second / self.for_a_letter


@dataclass(frozen=True)
class Outcome:
    """What a day does to a stage."""

    stage: Stage
    needed: float
    """Units a second at the peak of the demand."""

    most_waiting: int
    """How many letters wait there at most."""

    longest_wait: float
    """How many seconds the last of them waits."""

    @property
    def used(self) -> float | None:
        """The share of the stage that the demand uses; above 1 it is not enough."""
        return None if self.stage.a_second is None else self.needed / self.stage.a_second


def simulate(demand: Demand, stages: Sequence[Stage]) -> list[Outcome]:
    """Let the letters of a day pass all stages, each in turn."""
    outcomes, coming = [], demand.by_minute()
    for stage in stages:
        rate, most = stage.letters_a_second, 0.0
        if rate is not None:
            coming, most = _pass(coming, rate * _MINUTE)
        wait = most / rate if rate else 0.0
        outcomes.append(Outcome(stage, demand.at_peak * stage.for_a_letter, round(most), wait))
    return outcomes


def scarcest_first(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the stages whose limit is known, in the order in which more letters exhaust them."""
    known = [each for each in outcomes if each.used is not None]
    return sorted(known, key=lambda each: -(each.used or 0))


def cores(demand: Demand, milliseconds: float, share: float) -> int:
    """Return how many processor cores do so much work for each letter at the peak.

    `share` is how much of each core may be used: the rest is for what comes unevenly.
    """
    return ceil(demand.at_peak * milliseconds / 1000 / share)


def _pass(coming: Sequence[float], a_minute: float) -> tuple[list[float], float]:
    """Return how many leave in each minute, until none is left, and how many wait at most."""
    leaving: list[float] = []
    waiting = most = 0.0
    for arrived in coming:
        waiting += arrived
        leaving.append(min(waiting, a_minute))
        waiting -= leaving[-1]
        most = max(most, waiting)
    while waiting > 0:
        leaving.append(min(waiting, a_minute))
        waiting -= leaving[-1]
    return leaving, most
