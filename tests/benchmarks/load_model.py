"""A day of many letters, minute by minute: what waits where, and what is used up first.

Every letter passes the same stages. A stage does so much a second; what comes faster waits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

MINUTE = 60.0
DAY = 86_400.0

MESSAGES_KEPT = DAY
"""Seconds for which Telegram keeps a message that the bot has not taken (Bot API, Update)."""


@dataclass(frozen=True)
class Demand:
    """When the letters of a day are written."""

    letters: int
    hours: float
    """Within how many hours they all come, evenly."""

    @property
    def at_peak(self) -> float:
        """Letters a second while they come."""
        return self.letters / (self.hours * 3600)


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
    """Units a second at the peak."""

    longest_wait: float
    """Seconds that a letter waits there at most."""

    most_waiting: int
    """Number of letters that wait there at most."""

    done_after: float
    """Seconds from the first letter until none is left."""

    @property
    def used(self) -> float | None:
        """The share of the stage that the peak uses; above 1 it is not enough."""
        return None if self.stage.a_second is None else self.needed / self.stage.a_second


def simulate(demand: Demand, stages: Sequence[Stage]) -> list[Outcome]:
    """Let the letters of a day pass all stages, each in turn."""
    outcomes, coming = [], list(_coming(demand))
    for stage in stages:
        leaving, most, longest = _pass(coming, stage.letters_a_second)
        needed = demand.at_peak * stage.for_a_letter
        outcomes.append(Outcome(stage, needed, longest, round(most), len(leaving) * MINUTE))
        coming = leaving
    return outcomes


def first_to_fail(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the stages whose limit is known, the scarcest first."""
    known = [each for each in outcomes if each.used is not None]
    return sorted(known, key=lambda each: -(each.used or 0))


def machines(demand: Demand, milliseconds: float, share: float) -> int:
    """Return how many processor cores do so much work for each letter at the peak.

    `share` is how much of each core may be used: what is left absorbs what comes unevenly.
    """
    return ceil(demand.at_peak * milliseconds / 1000 / share)


def _coming(demand: Demand) -> Iterator[float]:
    """Yield the number of letters of each minute."""
    minutes = demand.hours * 60
    for minute in range(ceil(minutes)):
        yield demand.at_peak * MINUTE * min(1.0, minutes - minute)


def _pass(coming: Sequence[float], rate: float | None) -> tuple[list[float], float, float]:
    """Return what leaves in each minute, and the most and the longest that waits."""
    if rate is None:
        return list(coming), 0.0, 0.0
    leaving: list[float] = []
    waiting = most = 0.0
    for minute in range(max(len(coming), 1) + _minutes_to_empty(coming, rate)):
        waiting += coming[minute] if minute < len(coming) else 0.0
        done = min(waiting, rate * MINUTE)
        waiting -= done
        leaving.append(done)
        most = max(most, waiting)
    while len(leaving) > len(coming) and not leaving[-1]:
        leaving.pop()
    return leaving, most, most / rate


def _minutes_to_empty(coming: Sequence[float], rate: float) -> int:
    """Return for how many minutes after the last letter came some may still wait."""
    return ceil(sum(coming) / (rate * MINUTE)) + 1
