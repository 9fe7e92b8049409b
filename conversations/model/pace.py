"""When letters to one target leave, so that ten thousand do not arrive in one minute."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

JITTER = 0.3
"""By how much of itself the time between two letters varies: a beat would look like a machine."""


@dataclass(frozen=True)
class Hours:
    """The hours of a day in which letters leave, in the target's time zone; they may pass midnight.

    `zone` is a name of the IANA's time zone database.
    """

    opens: time
    closes: time
    zone: str


@dataclass(frozen=True)
class Pace:
    """How many letters leave in an hour, and in which hours."""

    letters_per_hour: int
    hours: Hours | None = None


def next_slot(pace: Pace, last: datetime | None, earliest: datetime, chance: float) -> datetime:
    """Return when the next letter leaves, not before `earliest`.

    `last` is when the one before it leaves, and `chance` lies in [0, 1).
    """
    slot = earliest
    if last is not None:
        beat = timedelta(hours=1) / pace.letters_per_hour
        slot = max(earliest, last + beat * (1 + JITTER * (2 * chance - 1)))
    return _within(pace.hours, slot) if pace.hours else slot


def _within(hours: Hours, at: datetime) -> datetime:
    """Return `at`, or when the hours begin next. A time that a clock skips is one hour later."""
    zone = ZoneInfo(hours.zone)
    local = at.astimezone(zone)
    if _is_open(hours, local.time()):
        return at
    day = local.date() if local.time() < hours.opens else local.date() + timedelta(days=1)
    return max(at, datetime.combine(day, hours.opens, zone).astimezone(UTC))


def _is_open(hours: Hours, at: time) -> bool:
    if hours.opens < hours.closes:
        return hours.opens <= at < hours.closes
    return at >= hours.opens or at < hours.closes
