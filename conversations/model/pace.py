"""Schedules letters to one target at a limited rate, within the target's hours."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

JITTER = 0.3
"""The random share by which intervals vary: exact intervals would look automatic."""


@dataclass(frozen=True)
class Hours:
    """The hours of the day in which letters are sent."""

    opens: time

    closes: time
    """Earlier than `opens` if the hours include midnight."""

    zone: str
    """The target's time zone, as an IANA name."""


@dataclass(frozen=True)
class Pace:
    """A rate of letters, and optionally the hours in which they are sent."""

    letters_per_hour: int

    hours: Hours | None = None
    """None for all hours."""


def next_slot(pace: Pace, last: datetime | None, earliest: datetime, chance: float) -> datetime:
    """Return when to send the next letter: at `earliest` or later.

    `last` is when the letter before it is sent. `chance` is a random number in [0, 1).
    """
    slot = earliest
    if last is not None:
        interval = timedelta(hours=1) / pace.letters_per_hour
        slot = max(earliest, last + interval * (1 + JITTER * (2 * chance - 1)))
    return _within(pace.hours, slot) if pace.hours else slot


def _within(hours: Hours, at: datetime) -> datetime:
    """Return `at`, or the next opening time. If the clocks skip that, it is one hour later."""
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
