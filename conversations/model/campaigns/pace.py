"""Schedules letters to one target at a limited rate, within the target's hours."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

JITTER = 0.3
"""The random share by which intervals vary: exact intervals would look automatic."""


_MAX_HOURS = 1e8
"""More hours than there are until the year 9999."""


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


def leaves_at(pace: Pace | None, last: datetime | None, earliest: datetime) -> datetime:
    """Return when a letter leaves at the latest that is written now, if nothing holds it up.

    `last` is when the letter before it is sent, `earliest` the end of the time to undo.
    """
    return next_slot(pace, last, earliest, 1.0) if pace else earliest


def last_of(pace: Pace, letters: int, first: datetime) -> datetime:
    """Return about when the last of so many letters leaves, if the first one leaves at `first`."""
    hours = (letters - 1) / pace.letters_per_hour
    needed = timedelta(hours=min(hours, _MAX_HOURS))
    if pace.hours is None:
        return _later(first, needed)
    start = _within(pace.hours, first)
    day = timedelta(hours=_hours_open(pace.hours))
    whole, rest = divmod(needed, day)
    return _later(start, timedelta(days=whole) + rest)


def _later(at: datetime, wait: timedelta) -> datetime:
    """Return a later time; the last time that there is, if it would be after that."""
    last = datetime.max.replace(tzinfo=UTC)
    return last if wait > last - at else at + wait


def _hours_open(hours: Hours) -> float:
    """Return how many hours of a day are open."""
    opens, closes = (each.hour + each.minute / 60 for each in (hours.opens, hours.closes))
    return (closes - opens) % 24 or 24.0


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
