"""Rounded times: what only housekeeping needs is stored so coarsely that it identifies nothing."""

from datetime import datetime


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour of `at`."""
    return at.replace(minute=0, second=0, microsecond=0)


def day_of(at: datetime) -> datetime:
    """Return the beginning of the day of `at`, in its time zone, which is UTC in this package."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
