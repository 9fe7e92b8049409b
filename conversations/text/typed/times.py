"""Reads times and time zones that a campaigner types."""

import re
import unicodedata
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from conversations.text import timezones
from conversations.text.typed.days import read_day

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_MAX_UTC_OFFSET = timedelta(hours=14)

_BEFORE_TIME = ("at", "um", "a las", "a la", "à", "às", "as", "a", "@")
"""What stands between the day and the time in the languages of staff."""

_HOUR = ("uhr", "h", "heures", "heure", "horas", "hora", "o'clock", "點鐘", "点钟", *"點点時时")
"""What stands behind the hour."""

_BEFORE_NOON = (
    *("am", "a.m.", "morgens", "vormittags", "de la mañana", "da manhã", "du matin"),
    *("上午", "早上", "凌晨"),
)
_AFTER_NOON = (
    *("pm", "p.m.", "nachmittags", "abends", "de la tarde", "de la noche", "da tarde"),
    *("da noite", "de l'après-midi", "du soir", "下午", "中午", "晚上"),
)
_NOON = 12

_MAX_TIME_LENGTH = 60
"""How many characters of a text are read. No time is longer."""


def _one_of(*words: str) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_HALF = _one_of(*_BEFORE_NOON, *_AFTER_NOON)
_CLOCK = re.compile(
    rf"""(?P<day>.*?)[\s,]*
    (?P<said>(?<!\w)(?:{_one_of(*_BEFORE_TIME)})\s*)?
    (?P<early>{_HALF})?\s*
    (?P<hours>\d{{1,2}})
    (?:\s*(?::|\.|{_one_of(*_HOUR)})\s*(?P<minutes>\d{{2}}|半)\s*分?)?
    \s*(?P<unit>{_one_of(*_HOUR)})?
    \s*(?P<late>{_HALF})?""",
    re.VERBOSE,
)
"""A day and a time of day. Half of the day (“pm”) may stand before or behind the time."""

_SIGNS_OF_TIME = ("said", "early", "minutes", "unit", "late")
"""What makes a number a time, if no day stands before it."""


def read_timezone(text: str) -> str:
    """Return the IANA name of a zone, or “UTC” with an offset like “UTC+08:00”; "" if unknown.

    A zone is named by a city, or by a country with one zone, in a language of staff.
    """
    typed = text.strip()
    if typed.upper() in ("UTC", "GMT"):
        return "UTC"
    if found := _OFFSET.fullmatch(typed):
        hours, minutes = int(found[2]), int(found[3] or 0)
        if minutes > 59 or timedelta(hours=hours, minutes=minutes) > _MAX_UTC_OFFSET:
            return ""
        return f"UTC{found[1]}{hours:02}:{minutes:02}"
    return timezones.find(typed)


def zone(name: str) -> tzinfo:
    """Return the time zone of a name that `read_timezone` returned."""
    if found := _OFFSET.fullmatch(name):
        offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(-offset if found[1] == "-" else offset)
    return ZoneInfo(name)


def read_time(text: str, now: datetime, zone_name: str, language: str) -> datetime | None:
    """Return a time like “June 1, 18:00”, “tomorrow at 6 pm” or “18:00”, in UTC.

    A time without a day is the next such time. Returns None for any other text.
    """
    folded = (
        unicodedata.normalize("NFKC", text[:_MAX_TIME_LENGTH])
        .casefold()
        .replace("’", "'")
        .strip(" .!\n")
    )
    found = _CLOCK.fullmatch(folded)
    if found is None or not any(found[each] for each in ("day", *_SIGNS_OF_TIME)):
        return None
    here = now.astimezone(zone(zone_name))
    today = here.date()
    day = read_day(found["day"], today, language) if found["day"] else today
    if day is None:
        return None
    try:
        moment = datetime.combine(day, _time_of_day(found), here.tzinfo)
    except ValueError:
        return None
    if not found["day"] and moment <= here:
        moment += timedelta(days=1)
    return moment.astimezone(UTC)


def _time_of_day(found: re.Match[str]) -> time:
    """Return the time that was found. Raises ValueError if there is no such time."""
    hours, minutes = int(found["hours"]), found["minutes"] or "0"
    half = found["early"] or found["late"]
    if half in _AFTER_NOON and hours < _NOON:
        hours += _NOON
    elif half in _BEFORE_NOON and hours == _NOON:
        hours = 0
    return time(hours, 30 if minutes == "半" else int(minutes))
