"""Reads the values that staff type for settings of campaign.toml, and writes them the same way."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from babel import UnknownLocaleError

from conversations.editing.draft import EditRefused
from conversations.folder.edits.toml_editing import Path
from conversations.model.campaigns.settings import IN_LANGUAGES, SINGLE, Kind, Setting
from conversations.text import countries
from conversations.text.languages import offered, own_name
from conversations.text.typed import times as typed_times

_SEPARATORS = re.compile(r"[,;\n、，]+")
_DIGITS = re.compile(r"\d{1,9}")

FindCountry = Callable[[str], tuple[str, ...]]
"""Returns the countries that a text names exactly."""


def read(
    setting: Setting, text: str, now: datetime, zone: str, language: str, find: FindCountry
) -> Any:
    """Return the value that was typed. Raises EditRefused, and what `find` raises.

    A time without a zone is one of `zone`. `language` is that of the person.
    """
    typed = " ".join(text.split())
    match setting.kind:
        case Kind.NUMBER:
            digits = re.sub(r"(?<=\d)[ .,'’_\u202f\u00a0](?=\d{3}(\D|$))", "", typed)
            if not _DIGITS.fullmatch(digits):
                raise EditRefused("edit.wrong_number")
            return int(digits)
        case Kind.DAY:
            return _day(typed, now, zone, language)
        case Kind.MOMENT:
            return _moment(typed, now, zone, language)
        case Kind.COUNTRIES:
            return tuple(dict.fromkeys(_country(each, find) for each in _parts(text)))
        case Kind.COUNTRY:
            return _country(typed, find)
        case Kind.LANGUAGES:
            found = tuple(dict.fromkeys(map(read_language, _parts(text))))
            if setting.key in SINGLE:
                return found[0] if found else ""
            return found
        case Kind.WORDS:
            return tuple(dict.fromkeys(each.lower() for each in _parts(text)))
        case Kind.AREAS:
            return tuple(dict.fromkeys(_parts(text)))
        case _:
            return typed


def read_language(text: str) -> str:
    """Return the tag of a language that somebody typed by name or tag. Raises EditRefused."""
    typed = text.strip().casefold()
    for tag in offered():
        if typed in (tag.casefold(), own_name(tag).casefold()):
            return tag
    if re.fullmatch(r"[a-z]{2,3}(-[a-z]{4})?(-[a-z]{2})?", typed):
        language, *rest = typed.split("-")
        parts = (each.title() if len(each) == 4 else each.upper() for each in rest)
        tag = "-".join((language, *parts))
        with suppress(ValueError, UnknownLocaleError):
            own_name(tag)
            return tag
    raise EditRefused("edit.wrong_language", typed=text.strip()[:60])


def written(setting: Setting, value: Any) -> str:
    """Return a value as it would be typed; "" for none. A choice is its value in the file."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} {value.tzname() or ''}".strip()
    return str(value)


def path_in(block: Path, setting: Setting, language: str) -> Path:
    """Return the path of a setting of a target or question; texts have one for each language."""
    path = (*block, setting.key)
    return (*path, language) if setting.key in IN_LANGUAGES else path


def _parts(text: str) -> list[str]:
    return [each.strip() for each in _SEPARATORS.split(text) if each.strip()]


def _country(text: str, find: FindCountry) -> str:
    if text.upper() in countries.all_codes():
        return text.upper()
    found = find(text)
    if len(found) != 1:
        raise EditRefused("edit.wrong_country", typed=text[:60])
    return found[0]


def _day(text: str, now: datetime, zone: str, language: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    moment = typed_times.read_time(f"{text} 12:00", now, zone, language)
    if moment is None:
        raise EditRefused("edit.wrong_day")
    return moment.date()


def _moment(text: str, now: datetime, zone: str, language: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        found = typed_times.read_time(text, now, zone, language)
        if found is None:
            raise EditRefused("edit.wrong_time") from None
        return found
    return moment if moment.tzinfo else moment.replace(tzinfo=typed_times.zone(zone))
