"""Insights: what is good in the figures, what is odd, and what needs an action.

Each rule looks at one thing. The thresholds keep chance out: a handful of people says nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

from conversations.core.link_sources import OTHER
from conversations.model.letters.delivery import LetterState
from conversations.model.stats.figures import Figure, Figures, Period
from conversations.model.stats.funnel import FunnelStage

MIN_COUNT = 20
"""How many people or letters there must be before a share of them means something."""

MAX_DAYS_TO_GOAL = 730
"""A goal that is further away than this is not predicted."""

_STEPS = tuple(FunnelStage)


class InsightKind(StrEnum):
    """What an insight is for."""

    GOOD = "good"
    ODD = "odd"
    HAND = "hand"
    """Somebody should act."""


@dataclass(frozen=True)
class Insight:
    """One sentence about the figures."""

    kind: InsightKind
    key: str
    """The sentence's key in the catalogue, after “stats.say_”."""
    values: dict[str, str | int | date] = field(default_factory=dict)
    """The values in the sentence."""


def insights(figures: Figures) -> tuple[Insight, ...]:
    """Return what is to say about the figures, the most important of each kind first."""
    found = (rule(figures) for rule in _RULES)
    return tuple(insight for insight in found if insight is not None)


def _rejected(figures: Figures) -> Insight | None:
    """At least 3 letters, and 2 %, bounced or failed."""
    bounced, failed = figures.fate(LetterState.BOUNCED), figures.fate(LetterState.FAILED)
    bad = bounced + failed
    if bad < 3 or bad * 50 < bad + figures.fate(LetterState.ACCEPTED):
        return None
    key = "bounced" if bounced >= failed else "failed"
    values: dict[str, str | int | date] = {"count": bad, "percent": _percent(bad, figures.letters)}
    return Insight(InsightKind.HAND, key, values)


def _nobody_sends(figures: Figures) -> Insight | None:
    """Many people opened the campaign, and nobody sent a letter."""
    opened = figures.step(FunnelStage.OPENED)
    if opened < MIN_COUNT or figures.letters:
        return None
    return Insight(InsightKind.HAND, "nobody", {"count": opened})


def _unknown(figures: Figures) -> Insight | None:
    """Letters may have been sent or not."""
    count = figures.fate(LetterState.UNKNOWN)
    return Insight(InsightKind.HAND, "unknown", {"count": count}) if count else None


def _waiting(figures: Figures) -> Insight | None:
    """At least a tenth of the letters waits to be sent."""
    if figures.waiting < MIN_COUNT or figures.waiting * 10 < figures.letters:
        return None
    return Insight(InsightKind.ODD, "waiting", {"count": figures.waiting})


def _fewer(figures: Figures) -> Insight | None:
    """At least 30 % fewer letters were sent than in the period before."""
    before = figures.before
    # A day that is not over cannot be compared with one that is.
    if before is None or before < MIN_COUNT or figures.period is Period.TODAY:
        return None
    if figures.letters * 10 > before * 7:
        return None
    percent = _percent(before - figures.letters, before)
    return Insight(InsightKind.ODD, "fewer", {"percent": percent})


def _steepest(figures: Figures) -> Insight | None:
    """A step at which unusually many people leave; the one that loses the largest share."""
    steps = _STEPS[: _STEPS.index(FunnelStage.SENT) + 1]
    worst: tuple[float, int, FunnelStage] | None = None
    for former, step in pairwise(steps):
        arrived, went_on = figures.step(former), figures.step(step)
        # Most people who open a campaign don't begin: that is usual everywhere.
        most = 0.1 if former is FunnelStage.OPENED else 0.6
        if arrived >= MIN_COUNT and went_on <= arrived * most:
            lost = arrived - went_on
            this = (lost / arrived, lost, step)
            worst = max(worst, this) if worst else this
    if worst is None:
        return None
    share, lost, step = worst
    values: dict[str, str | int | date] = {"count": lost, "percent": round(share * 100)}
    return Insight(InsightKind.ODD, f"drop_{step}", values)


def _peak(figures: Figures) -> Insight | None:
    """A day with at least 50 letters, and five times the median."""
    if len(figures.days) < 7 or not figures.sent:
        return None
    usual = median(figures.sent.get(day, 0) for day in figures.days)
    day, most = max(figures.sent.items(), key=lambda each: (each[1], each[0]))
    if most < 50 or most < 5 * max(usual, 1):
        return None
    return Insight(InsightKind.ODD, "peak", {"day": day, "count": most})


def _undeclared(figures: Figures) -> Insight | None:
    """At least a fifth of the people came by links whose source the campaign doesn't declare."""
    links = figures.of(Figure.LINK)
    count = links.get(OTHER, 0)
    if count < MIN_COUNT or count * 5 < sum(links.values()):
        return None
    return Insight(InsightKind.ODD, "undeclared", {"count": count})


def _goal(figures: Figures) -> Insight | None:
    """The goal is reached, or the day on which it will be at the pace of this period."""
    if figures.goal is None:
        return None
    counts_people = figures.people is not None
    left = figures.goal - (figures.total if figures.people is None else figures.people)
    if left <= 0:
        return Insight(InsightKind.GOOD, "goal_reached")
    if figures.period is Period.TODAY:
        return None
    people = figures.of(Figure.STEP).get(FunnelStage.ACCEPTED, 0)
    reached = people if counts_people else sum(figures.accepted.values())
    per_day = reached / len(figures.days)
    if reached < MIN_COUNT or left > per_day * MAX_DAYS_TO_GOAL:
        return None
    day = figures.last + timedelta(days=round(left / per_day))
    return Insight(InsightKind.GOOD, "goal_by", {"day": day})


def _more(figures: Figures) -> Insight | None:
    """At least 10 % more letters were sent than in the period before."""
    before = figures.before
    if before is None or before < MIN_COUNT or figures.letters * 10 < before * 11:
        return None
    percent = _percent(figures.letters - before, before)
    return Insight(InsightKind.GOOD, "more", {"percent": percent})


def _all_accepted(figures: Figures) -> Insight | None:
    """Mail servers accepted all letters."""
    problems = (LetterState.BOUNCED, LetterState.FAILED, LetterState.UNKNOWN)
    if figures.fate(LetterState.ACCEPTED) < MIN_COUNT or any(map(figures.fate, problems)):
        return None
    return Insight(InsightKind.GOOD, "all_accepted")


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


_RULES: tuple[Callable[[Figures], Insight | None], ...] = (
    _rejected,
    _nobody_sends,
    _unknown,
    _waiting,
    _fewer,
    _steepest,
    _peak,
    _undeclared,
    _goal,
    _more,
    _all_accepted,
)
"""The rules, the most important of each kind first."""
