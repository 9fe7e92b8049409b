"""Figures of a campaign: what is counted, over which time, and what that amounts to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from conversations.model.delivery import LetterState
from conversations.model.funnel import FunnelStage

FEW = 5
"""Fewer people than that of one country might be found out: their number is not told."""

OTHERS = "other"
"""Countries that are not named; no code can be that."""

EVERY = "*"
"""All campaigns together; no slug can be that."""


class Figure(StrEnum):
    """What is counted of each day."""

    STEP = "step"
    """How far people came: the values are those of `Stage`."""
    LINK = "link"
    """By which source's link they came."""
    SOURCE = "source"
    """By which source those came who sent a letter."""
    COUNTRY = "country"
    LANGUAGE = "language"
    HOUR = "hour"
    """In which hour (UTC) letters were sent."""
    FATE = "fate"
    """What became of letters that were not accepted; of what waits, nothing is counted."""


class Period(StrEnum):
    """The time that is asked about; it ends today."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


PERIOD_DAYS = {Period.TODAY: 1, Period.WEEK: 7, Period.MONTH: 30}
"""How many days a period has, today included."""


def first_day(period: Period, last: date) -> date | None:
    """Return the first day of the period that ends on `last`; None where it is the first ever."""
    return None if period is Period.ALL else last - timedelta(days=PERIOD_DAYS[period] - 1)


@dataclass(frozen=True)
class Asked:
    """The figures that are wanted: of a campaign, or EVERY; the time ends `last`, or today."""

    campaign: str
    period: Period
    last: date | None = None


@dataclass(frozen=True)
class Figures:
    """What was counted from `first` to `last`, which are UTC days.

    `sent` and `accepted` are by the day on which letters were sent, `sums` by figure and value.
    `waiting` letters have not left; `before` were sent in as many days before the first, which None
    tells of no time; `earlier` were accepted of letters sent before it, `total` in all. `updates`
    tells of sources that are those of updates when these went.
    """

    period: Period
    first: date
    last: date
    sent: Mapping[date, int] = field(default_factory=dict)
    accepted: Mapping[date, int] = field(default_factory=dict)
    sums: Mapping[Figure, Mapping[str, int]] = field(default_factory=dict)
    waiting: int = 0
    before: int | None = None
    earlier: int = 0
    total: int = 0
    goal: int | None = None
    updates: Mapping[str, date] = field(default_factory=dict)

    @property
    def days(self) -> tuple[date, ...]:
        """All days of the time, those without a letter included."""
        count = (self.last - self.first).days + 1
        return tuple(self.first + timedelta(days=day) for day in range(count))

    def of(self, figure: Figure) -> Mapping[str, int]:
        """Return the counts of a figure by its values, none of them zero."""
        return self.sums.get(figure, {})

    def step(self, stage: FunnelStage) -> int:
        """Return how many came so far."""
        return self.of(Figure.STEP).get(stage, 0)

    def fate(self, state: LetterState) -> int:
        """Return of how many letters that became."""
        if state is LetterState.ACCEPTED:
            return self.step(FunnelStage.ACCEPTED)
        return self.of(Figure.FATE).get(state, 0)

    @property
    def letters(self) -> int:
        """How many letters were sent."""
        return self.step(FunnelStage.SENT)


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the counts, largest first, those that are equal by name."""
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def tellable(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Return what is told of countries: how many each has, None where these are fewer than `FEW`.

    Whoever knows the total knows how many the few are together. Where that leaves no doubt of each
    (there is one, or all have the least or the most that they can), none is named: they are OTHERS.
    """
    many: dict[str, int | None] = {code: n for code, n in counts.items() if n >= FEW}
    few = {code: n for code, n in counts.items() if 0 < n < FEW}
    if not few:
        return many
    in_doubt = len(few) < sum(few.values()) < len(few) * (FEW - 1)
    return many | dict.fromkeys(few if in_doubt and len(few) > 1 else (OTHERS,))
