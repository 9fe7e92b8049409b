"""Anomalies: the figures of the last hour compared with what is usual.

The thresholds keep chance and the time of day out: a campaign that sleeps at night has no lull, and
an evening is no surge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import mean

from conversations.core.alerts import AlertKind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

SAMPLE_INTERVAL = timedelta(minutes=10)
"""The time between two samples."""

SAMPLES_KEPT = timedelta(days=8)
"""How long samples are needed: a week to compare with, and the hour that is compared."""

MIN_SURGE, SURGE_FACTOR = 50, 6
"""A surge is at least this many letters in an hour, and this many times as many as usual."""

MIN_USUAL_FOR_LULL, LULL_FACTOR, MIN_DAYS_FOR_LULL = 20, 5, 3
"""A lull is an hour with less than a fifth of the letters that are usual at that time of day. At
least 20 must be usual, and there must be at least 3 days to compare with.
"""

MIN_BAD, BAD_FACTOR, MAX_GOOD_PER_BAD = 5, 5, 20
"""Letters bounce, or are refused, suddenly: at least 5 in an hour, 5 times as many as usual, and at
least one in 20.
"""

WATCHED = (AlertKind.SURGE, AlertKind.LULL, AlertKind.RETURNS, AlertKind.REFUSALS)
"""The kinds of alerts that anomalies cause."""


@dataclass(frozen=True)
class Sample:
    """How many letters of a campaign there were in all, at a time."""

    at: datetime
    sent: int
    accepted: int
    bounced: int
    failed: int


@dataclass(frozen=True)
class Anomaly:
    """A figure of the last hour that is not usual."""

    kind: AlertKind
    count: int
    """How many letters there were in the last hour."""
    usual: int
    """How many letters are usual in an hour."""


def sample_time(at: datetime) -> datetime:
    """Return the time of the sample that `at` belongs to."""
    return at - timedelta(seconds=at.timestamp() % SAMPLE_INTERVAL.total_seconds())


def anomalies(samples: Sequence[Sample]) -> tuple[Anomaly, ...]:
    """Return what is not usual in the last hour. `samples` are in order; the last is of now.

    Without a sample of an hour ago there is nothing to compare.
    """
    if not samples:
        return ()
    now = samples[-1]
    hour_ago = _at(samples, now.at - HOUR)
    if hour_ago is None:
        return ()
    sent = max(0, now.sent - hour_ago.sent)
    accepted = now.accepted - hour_ago.accepted
    found = [_surge(samples, hour_ago, sent), _lull(samples, now, sent)]
    for kind, name in ((AlertKind.RETURNS, "bounced"), (AlertKind.REFUSALS, "failed")):
        found.append(_bad(kind, name, samples[0], hour_ago, now, accepted))
    return tuple(anomaly for anomaly in found if anomaly is not None)


def _at(samples: Sequence[Sample], at: datetime) -> Sample | None:
    """Return the sample of that time, or of shortly before."""
    near = (each for each in samples if at - 2 * SAMPLE_INTERVAL < each.at <= at)
    return max(near, key=lambda each: each.at, default=None)


def _surge(samples: Sequence[Sample], hour_ago: Sample, sent: int) -> Anomaly | None:
    if hour_ago.at - samples[0].at < DAY:
        return None
    usual = _per_hour(samples[0].sent, hour_ago.sent, samples[0], hour_ago)
    if sent < max(MIN_SURGE, SURGE_FACTOR * usual):
        return None
    return Anomaly(AlertKind.SURGE, sent, round(usual))


def _lull(samples: Sequence[Sample], now: Sample, sent: int) -> Anomaly | None:
    """Compare with the same hour of the days before."""
    hours = []
    for day in range(1, 8):
        end, begin = _at(samples, now.at - day * DAY), _at(samples, now.at - day * DAY - HOUR)
        if end is not None and begin is not None:
            hours.append(end.sent - begin.sent)
    if len(hours) < MIN_DAYS_FOR_LULL or min(hours) * 2 < MIN_USUAL_FOR_LULL:
        return None
    usual = mean(hours)
    if usual < MIN_USUAL_FOR_LULL or sent * LULL_FACTOR > usual:
        return None
    return Anomaly(AlertKind.LULL, sent, round(usual))


def _bad(
    kind: AlertKind, name: str, first: Sample, hour_ago: Sample, now: Sample, accepted: int
) -> Anomaly | None:
    """Compare the letters that bounced, or were refused, with what was usual before."""
    bad = getattr(now, name) - getattr(hour_ago, name)
    usual = _per_hour(getattr(first, name), getattr(hour_ago, name), first, hour_ago)
    if bad < max(MIN_BAD, BAD_FACTOR * usual) or bad * MAX_GOOD_PER_BAD < bad + max(0, accepted):
        return None
    return Anomaly(kind, bad, round(usual))


def _per_hour(former: int, later: int, first: Sample, last: Sample) -> float:
    """Return how many letters there were in an hour, on average between two samples."""
    hours = (last.at - first.at) / HOUR
    return max(0, later - former) / hours if hours else 0.0
