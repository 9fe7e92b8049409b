"""What the figures amount to: what is good, what is odd, what needs a hand.

Each rule looks at one thing and remarks on it or not. The thresholds keep chance out: of a handful
of people nothing is said.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

from conversations.core.link_sources import OTHER
from conversations.model.delivery import LetterState
from conversations.model.figures import Figure, Figures, Period
from conversations.model.funnel import FunnelStage

ENOUGH = 20
"""From so many people or letters on, a share of them means something."""

_FUTURE = 730
_STEPS = tuple(FunnelStage)


class Kind(StrEnum):
    """How a remark is meant."""

    GOOD = "good"
    ODD = "odd"
    HAND = "hand"


@dataclass(frozen=True)
class Remark:
    """One thing to say: `key` names the sentence, `values` what it tells, days included."""

    kind: Kind
    key: str
    values: dict[str, str | int | date] = field(default_factory=dict)


def remarks(figures: Figures) -> tuple[Remark, ...]:
    """Return what is to be said of the figures, the most pressing of each kind first."""
    found = (rule(figures) for rule in _RULES)
    return tuple(remark for remark in found if remark is not None)


def _turned_away(figures: Figures) -> Remark | None:
    bounced, failed = figures.fate(LetterState.BOUNCED), figures.fate(LetterState.FAILED)
    bad = bounced + failed
    if bad < 3 or bad * 50 < bad + figures.fate(LetterState.ACCEPTED):
        return None
    key = "bounced" if bounced >= failed else "failed"
    return Remark(Kind.HAND, key, {"count": bad, "percent": _percent(bad, figures.letters)})


def _nobody_sends(figures: Figures) -> Remark | None:
    opened = figures.step(FunnelStage.OPENED)
    if opened < ENOUGH or figures.letters:
        return None
    return Remark(Kind.HAND, "nobody", {"count": opened})


def _unknown(figures: Figures) -> Remark | None:
    count = figures.fate(LetterState.UNKNOWN)
    return Remark(Kind.HAND, "unknown", {"count": count}) if count else None


def _waiting(figures: Figures) -> Remark | None:
    if figures.waiting < ENOUGH or figures.waiting * 10 < figures.letters:
        return None
    return Remark(Kind.ODD, "waiting", {"count": figures.waiting})


def _fewer(figures: Figures) -> Remark | None:
    before = figures.before
    # A day that is not over says nothing beside one that is.
    if before is None or before < ENOUGH or figures.period is Period.TODAY:
        return None
    if figures.letters * 10 > before * 7:
        return None
    return Remark(Kind.ODD, "fewer", {"percent": _percent(before - figures.letters, before)})


def _steepest(figures: Figures) -> Remark | None:
    """Return the step that loses most, where it loses the most of many."""
    steps = _STEPS[: _STEPS.index(FunnelStage.SENT) + 1]
    worst: tuple[float, int, FunnelStage] | None = None
    for former, step in pairwise(steps):
        there, on = figures.step(former), figures.step(step)
        # That many look and do not begin is how it is everywhere.
        most = 0.1 if former is FunnelStage.OPENED else 0.6
        if there >= ENOUGH and on <= there * most:
            share = (there - on) / there
            worst = max(worst, (share, there - on, step)) if worst else (share, there - on, step)
    if worst is None:
        return None
    share, lost, step = worst
    return Remark(Kind.ODD, f"drop_{step}", {"count": lost, "percent": round(share * 100)})


def _peak(figures: Figures) -> Remark | None:
    if len(figures.days) < 7 or not figures.sent:
        return None
    usual = median(figures.sent.get(day, 0) for day in figures.days)
    day, most = max(figures.sent.items(), key=lambda each: (each[1], each[0]))
    if most < 50 or most < 5 * max(usual, 1):
        return None
    return Remark(Kind.ODD, "peak", {"day": day, "count": most})


def _undeclared(figures: Figures) -> Remark | None:
    links = figures.of(Figure.LINK)
    count = links.get(OTHER, 0)
    if count < ENOUGH or count * 5 < sum(links.values()):
        return None
    return Remark(Kind.ODD, "undeclared", {"count": count})


def _goal(figures: Figures) -> Remark | None:
    """Return that the goal is reached, or when it will be at the pace of these days."""
    if figures.goal is None:
        return None
    left = figures.goal - figures.total
    if left <= 0:
        return Remark(Kind.GOOD, "goal_reached")
    if figures.period is Period.TODAY:
        return None
    pace = sum(figures.accepted.values()) / len(figures.days)
    if sum(figures.accepted.values()) < ENOUGH or left > pace * _FUTURE:
        return None
    return Remark(Kind.GOOD, "goal_by", {"day": figures.last + timedelta(days=round(left / pace))})


def _more(figures: Figures) -> Remark | None:
    before = figures.before
    if before is None or before < ENOUGH or figures.letters * 10 < before * 11:
        return None
    return Remark(Kind.GOOD, "more", {"percent": _percent(figures.letters - before, before)})


def _arrive(figures: Figures) -> Remark | None:
    states = (LetterState.BOUNCED, LetterState.FAILED, LetterState.UNKNOWN)
    if figures.fate(LetterState.ACCEPTED) < ENOUGH or any(map(figures.fate, states)):
        return None
    return Remark(Kind.GOOD, "all_accepted")


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


_RULES: tuple[Callable[[Figures], Remark | None], ...] = (
    _turned_away,
    _nobody_sends,
    _unknown,
    _waiting,
    _fewer,
    _steepest,
    _peak,
    _undeclared,
    _goal,
    _more,
    _arrive,
)
