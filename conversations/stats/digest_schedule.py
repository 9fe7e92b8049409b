"""When the digest of figures is sent, and what it holds."""

from datetime import UTC, date, datetime, time, timedelta

from conversations.core.effects.stats import DigestInterval
from conversations.core.facts import Deployment
from conversations.model.stats.figures import ALL_CAMPAIGNS, FiguresQuery, Period
from conversations.text.typed import times as typed_times

MORNING, EVENING = time(8), time(20)
"""Digests are sent between these times: they wake nobody."""

MONDAY = 0
"""The weekday of weekly digests (`date.weekday`)."""


def last_digest_day(interval: DigestInterval, now: datetime, zone: str) -> date:
    """Return the day of the last digest: digests are sent at MORNING in the time zone `zone`."""
    local = now.astimezone(typed_times.zone(zone))
    day = local.date() if local.time() >= MORNING else local.date() - timedelta(days=1)
    if interval is DigestInterval.DAY:
        return day
    return day - timedelta(days=(day.weekday() - MONDAY) % 7)


def is_daytime(now: datetime, zone: str) -> bool:
    """Whether a digest may be sent at this time in the time zone `zone`."""
    return MORNING <= now.astimezone(typed_times.zone(zone)).time() < EVENING


def digest_figures(deployment: Deployment, interval: DigestInterval, day: date) -> FiguresQuery:
    """Return the figures of the digest of `day`: those of the last day, or week, that is over.

    Figures are by days in UTC: far in the east, the day before is not over in the morning.
    """
    period = Period.TODAY if interval is DigestInterval.DAY else Period.WEEK
    zone = typed_times.zone(deployment.zone)
    sent = datetime.combine(day, MORNING, zone).astimezone(UTC)
    return FiguresQuery(default_campaign(deployment), period, sent.date() - timedelta(days=1))


def default_campaign(deployment: Deployment) -> str:
    """Return the slug of the only campaign; ALL_CAMPAIGNS if there are several, or none."""
    return next(iter(deployment.campaigns)) if len(deployment.campaigns) == 1 else ALL_CAMPAIGNS
