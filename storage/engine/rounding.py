"""Rounded times: what only housekeeping needs is stored so coarsely that it identifies nothing."""

from datetime import datetime, timedelta


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour of `at`."""
    return at.replace(minute=0, second=0, microsecond=0)


def end_of_moment(at: datetime) -> datetime:
    """Return the end of the ten seconds that contain `at`."""
    past = timedelta(seconds=at.second % 10, microseconds=at.microsecond)
    return at if not past else at - past + timedelta(seconds=10)


def quarter_after(at: datetime) -> datetime:
    """Return the next full quarter of an hour, or `at` if it is one."""
    past = timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
    return at if not past else at - past + timedelta(minutes=15)


def day_of(at: datetime) -> datetime:
    """Return the beginning of the day of `at`, in its time zone, which is UTC in this package."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
