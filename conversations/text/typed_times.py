"""Reads times and time zones that a campaigner types."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from conversations.text.word_lists import is_word_of

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(?:(\d{4}-\d{2}-\d{2})|(\S+))\s+)?(\d{1,2}):(\d{2})")
_MAX_UTC_OFFSET = timedelta(hours=14)


def read_timezone(text: str) -> str:
    """Return a time zone's IANA name, or “UTC” with an offset like “UTC+08:00”; "" if unknown."""
    typed = text.strip()
    if typed.upper() in ("UTC", "GMT"):
        return "UTC"
    if found := _OFFSET.fullmatch(typed):
        hours, minutes = int(found[2]), int(found[3] or 0)
        if minutes > 59 or timedelta(hours=hours, minutes=minutes) > _MAX_UTC_OFFSET:
            return ""
        return f"UTC{found[1]}{hours:02}:{minutes:02}"
    return _names().get(typed.casefold().replace(" ", "_"), "")


@cache
def _names() -> dict[str, str]:
    """Return all IANA names by their folded form. Reading them takes 20 ms or more."""
    return {name.casefold(): name for name in available_timezones()}


def zone(name: str) -> tzinfo:
    """Return the time zone of a name that `read_timezone` returned."""
    if found := _OFFSET.fullmatch(name):
        offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(-offset if found[1] == "-" else offset)
    return ZoneInfo(name)


def read_time(text: str, now: datetime, zone_name: str, language: str) -> datetime | None:
    """Return a time like “2030-06-01 18:00”, “tomorrow 18:00” or “18:00”, in UTC.

    A time without a day is the next such time. Returns None for any other text.
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    here = now.astimezone(zone(zone_name))
    day, word, hours, minutes = found[1], found[2], int(found[3]), int(found[4])
    try:
        date = datetime.fromisoformat(day).date() if day else here.date()
        moment = datetime(date.year, date.month, date.day, hours, minutes, tzinfo=here.tzinfo)
    except ValueError:
        return None
    if word and is_word_of("words.tomorrow", word, language):
        moment += timedelta(days=1)
    elif word and not is_word_of("words.today", word, language):
        return None
    elif not day and not word and moment <= here:
        moment += timedelta(days=1)
    return moment.astimezone(UTC)
