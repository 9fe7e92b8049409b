"""Reads the day that staff type before a time, such as “tomorrow”, “30.11.2026” or “Monday”."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from babel import Locale

from conversations.text.languages import DEFAULT, staff_languages
from conversations.text.timezones import fold
from conversations.text.word_lists import is_word_of

_ISO = re.compile(r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})([./-])(\d{1,2})(?:\2(\d{4})?)?")
_CHINESE = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日號号]?")
_BETWEEN = {"de", "del", "of", "the", "le", "el", "on", "am", "den", "dem", "a", "em", "ce", "o"}
"""Words around a day that say nothing of which day it is."""

_ENDINGS = re.compile(r"(?<=\d)(st|nd|rd|th|er|º|ª|o)\b")
_DAYS_PER_WEEK = 7


def read_day(text: str, today: date, language: str) -> date | None:
    """Return the day that `text` names to somebody who reads `language`; None for other texts.

    A day without a year, or of the week, is the next such day. In English 06/01 could be two days,
    so slashes are read only where one number can't be a month.
    """
    if is_word_of("words.today", text, language):
        return today
    if is_word_of("words.tomorrow", text, language):
        return today + timedelta(days=1)
    try:
        return _read_numbers(text, today, language) or _read_words(text, today, language)
    except ValueError:  # there is no such day
        return None


def _read_numbers(text: str, today: date, language: str) -> date | None:
    if found := _ISO.fullmatch(text):
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    if found := _CHINESE.fullmatch(text.replace(" ", "")):
        year, month, day = found.groups()
        return _next(int(day), int(month), year, today)
    if found := _NUMBERS.fullmatch(text.strip()):
        first, sign, second, year = int(found[1]), found[2], int(found[3]), found[4]
        if sign == "/" and language == DEFAULT:
            return _read_slashes(first, second, year, today)
        return _next(first, second, year, today)
    return None


def _read_slashes(first: int, second: int, year: str | None, today: date) -> date | None:
    """Return the day of two numbers of which either may be the month."""
    most_months = 12
    if first > most_months or first == second:
        return _next(first, second, year, today)
    return _next(second, first, year, today) if second > most_months else None


def _read_words(text: str, today: date, language: str) -> date | None:
    """Return the day of a text like “Monday”, “30 November” or “November 30, 2026”."""
    plain = _ENDINGS.sub("", text.casefold().replace(",", " "))
    words = [word for word in fold(plain).split() if word not in _BETWEEN]
    weekdays, months = _named_days(language), _named_months(language)
    if len(words) == 1 and words[0] in weekdays:
        ahead = (weekdays[words[0]] - today.weekday()) % _DAYS_PER_WEEK
        return today + timedelta(days=ahead)
    words = [word for word in words if word not in weekdays]
    named = [word for word in words if word in months]
    numbers = [word for word in words if word.isdecimal()]
    if len(named) != 1 or len(named) + len(numbers) != len(words) or len(numbers) not in (1, 2):
        return None
    year = next((each for each in numbers if len(each) == len("2026")), None)
    days = [each for each in numbers if each != year]
    return _next(int(days[0]), months[named[0]], year, today) if len(days) == 1 else None


def _next(day: int, month: int, year: str | None, today: date) -> date:
    """Return a day; without a year, the next one. Raises ValueError if there is no such day."""
    if year:
        return date(int(year), month, day)
    found = date(today.year, month, day)
    return found if found >= today else date(today.year + 1, month, day)


@cache
def _named_days(language: str) -> dict[str, int]:
    """Return the weekdays by their names in `language` and in English, from Monday, 0, on."""
    return dict(_names(language, "days"))


@cache
def _named_months(language: str) -> dict[str, int]:
    """Return the months by their names in `language` and in English, from 1 on."""
    return dict(_names(language, "months"))


def _names(language: str, kind: str) -> Iterator[tuple[str, int]]:
    tags = (DEFAULT, language) if language in staff_languages() else (DEFAULT,)
    for tag in tags:
        named = getattr(Locale.parse(tag, sep="-"), kind)
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in named[form][width].items():
                    yield fold(name), number
