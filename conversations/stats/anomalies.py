"""Sudden changes: what happened in the last hour, beside what is usual.

The thresholds keep chance out, and the time of day: a campaign that sleeps at night is no lull, and
an evening is no surge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import mean

from conversations.core.facts import AlertKind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPACING = timedelta(minutes=10)
"""How far two samples lie apart."""

KEPT = timedelta(days=8)
"""How long samples are needed: a week of usual hours, and the one that is looked at."""

_MANY, _SURGE = 50, 6
_MOST_FOR_LULL, _LULL, _LEAST_DAYS = 20, 5, 3
_BAD, _WORSE, _SHARE = 5, 5, 20

WATCHED = (AlertKind.SURGE, AlertKind.LULL, AlertKind.RETURNS, AlertKind.REFUSALS)


@dataclass(frozen=True)
class Sample:
    """What was counted of a campaign in all, at a time."""

    at: datetime
    sent: int
    accepted: int
    bounced: int
    failed: int


@dataclass(frozen=True)
class Change:
    """So many in the last hour, where `usual` would be as many."""

    kind: AlertKind
    count: int
    usual: int


def slot(at: datetime) -> datetime:
    """Return the time of the sample that `at` belongs to."""
    return at - timedelta(seconds=at.timestamp() % SPACING.total_seconds())


def changes(samples: Sequence[Sample]) -> tuple[Change, ...]:
    """Return what changed suddenly. `samples` are in order; the last one is of this moment.

    Without a sample of an hour ago nothing can be said.
    """
    if not samples:
        return ()
    now = samples[-1]
    before = _at(samples, now.at - HOUR)
    if before is None:
        return ()
    sent = max(0, now.sent - before.sent)
    found = [_surge(samples, before, sent), _lull(samples, now, sent)]
    tried = now.accepted - before.accepted
    for kind, name in ((AlertKind.RETURNS, "bounced"), (AlertKind.REFUSALS, "failed")):
        found.append(_worse(kind, name, samples[0], before, now, tried))
    return tuple(change for change in found if change is not None)


def _at(samples: Sequence[Sample], at: datetime) -> Sample | None:
    """Return the sample of that time, or of shortly before."""
    near = (each for each in samples if at - 2 * SPACING < each.at <= at)
    return max(near, key=lambda each: each.at, default=None)


def _surge(samples: Sequence[Sample], before: Sample, sent: int) -> Change | None:
    if before.at - samples[0].at < DAY:
        return None
    usual = _usual(samples[0].sent, before.sent, samples[0], before)
    if sent < max(_MANY, _SURGE * usual):
        return None
    return Change(AlertKind.SURGE, sent, round(usual))


def _lull(samples: Sequence[Sample], now: Sample, sent: int) -> Change | None:
    """Compare with the same hour of the days before."""
    hours = []
    for day in range(1, 8):
        end, begin = _at(samples, now.at - day * DAY), _at(samples, now.at - day * DAY - HOUR)
        if end is not None and begin is not None:
            hours.append(end.sent - begin.sent)
    if len(hours) < _LEAST_DAYS or min(hours) * 2 < _MOST_FOR_LULL:
        return None
    usual = mean(hours)
    if usual < _MOST_FOR_LULL or sent * _LULL > usual:
        return None
    return Change(AlertKind.LULL, sent, round(usual))


def _worse(
    kind: AlertKind, name: str, first: Sample, before: Sample, now: Sample, tried: int
) -> Change | None:
    bad = getattr(now, name) - getattr(before, name)
    usual = _usual(getattr(first, name), getattr(before, name), first, before)
    if bad < max(_BAD, _WORSE * usual) or bad * _SHARE < bad + max(0, tried):
        return None
    return Change(kind, bad, round(usual))


def _usual(former: int, later: int, first: Sample, before: Sample) -> float:
    """Return how many there were in an hour."""
    hours = (before.at - first.at) / HOUR
    return max(0, later - former) / hours if hours else 0.0
