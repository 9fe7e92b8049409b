"""Names of countries to show: CLDR's, apart from those that are chosen.

CLDR's names of some territories state their political status. There the name that their people use
is chosen: `data/chosen.toml` holds the names and the reasons.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from conversations.text import languages

_DATA = Path(__file__).parent / "data"
CHOSEN, CODES, NAMES = _DATA / "chosen.toml", _DATA / "codes.txt", _DATA / "names"

# CLDR lists these codes beside countries: unions, uninhabited territories, and “unknown”.
_NOT_COUNTRIES = {"AQ", "BV", "CP", "DG", "EA", "EU", "EZ", "HM", "IC", "QO", "TF", "UM", "UN"}
_NOT_COUNTRIES |= {"AC", "CQ", "GS", "TA", "XA", "XB", "ZZ"}

_CITIES = {"HK": "Asia/Hong_Kong", "MO": "Asia/Macau"}
"""Territories that have the name of a city instead of CLDR's name, by its time zone."""

_NEVER_OF_CLDR = {*_CITIES, "PS"}
"""Territories that never have CLDR's name."""

_NOT_CITIES = ("Etc/", "Antarctica/", "Arctic/")
"""How the ids of time zones begin that no city has."""

_REGIONAL_INDICATOR_A = 0x1F1E6
"""The code point of REGIONAL INDICATOR SYMBOL LETTER A."""


@cache
def all_codes() -> tuple[str, ...]:
    """Return the codes of all countries (ISO 3166-1 alpha-2, and XK for Kosovo), sorted."""
    return tuple(CODES.read_text("ascii").split())


@cache
def chosen() -> Mapping[str, Mapping[str, str]]:
    """Return the chosen names: by country, then by language."""
    sections = tomllib.loads(CHOSEN.read_text("utf-8"))
    return {code: section["names"] for code, section in sections.items()}


@cache
def name(code: str, language: str) -> str:
    """Return the country's name in `language`, else in a broader language, else in English.

    Raises KeyError for an unknown code.
    """
    return (_stored(language) or {code: find_name(code, language)})[code]


@cache
def _stored(language: str) -> Mapping[str, str]:
    """Return the names in a language of the bot, from its file; none in any other language."""
    file = NAMES / f"{language}.txt"
    if language not in languages.index().languages or not file.exists():
        return {}
    lines = file.read_text("utf-8").splitlines()
    return dict(zip(all_codes(), lines, strict=True))


def find_name(code: str, language: str) -> str:
    """Return a country's name as `name` does, from the chosen names and from CLDR.

    Broader than zh-Hant-HK are zh-Hant and zh (RFC 4647, lookup). A chosen name goes before CLDR's.
    Raises KeyError for an unknown code.
    """
    names = chosen().get(code, {})
    *broader, english = (*_broader(language), "en")
    for tag in broader:
        if tag in names:
            return names[tag]
    for tag in (*broader, english):
        if shown := _of_cldr(code, tag):
            return shown
    return names[english]


def _broader(language: str) -> Iterator[str]:
    """Yield a tag with the script that CLDR adds (zh-TW is zh-Hant-TW), and its parents."""
    tag = str(_locale(language) or language).replace("_", "-")
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]


def _of_cldr(code: str, tag: str) -> str | None:
    """Return CLDR's name of a country, or of the city that gives its name; None without one."""
    if code in _CITIES:
        zones = locale.time_zones if (locale := _locale(tag)) else {}
        city: str | None = zones.get(_CITIES[code], {}).get("city")
        return city
    return None if code in _NEVER_OF_CLDR else territories(tag).get(code)


def flag(code: str) -> str:
    """Return the flag of `code` as two regional indicator symbols (Unicode, annex 51)."""
    return "".join(chr(_REGIONAL_INDICATOR_A + ord(letter) - ord("A")) for letter in code)


def code_of_flag(text: str) -> str:
    """Return the letters of two regional indicator symbols; they may be no country's code."""
    return "".join(chr(ord("A") + ord(symbol) - _REGIONAL_INDICATOR_A) for symbol in text)


@cache
def territories(tag: str) -> Mapping[str, str]:
    """Return CLDR's names of countries by code; none for a language that CLDR lacks."""
    locale = _locale(tag)
    found = locale.territories if locale else {}
    codes = {code for code in map(str, found) if len(code) == 2 and code.isalpha()}
    return {code: str(found[code]) for code in sorted(codes - _NOT_COUNTRIES)}


def cities(tag: str) -> Iterator[tuple[str, str]]:
    """Yield codes of countries, and their cities after which CLDR names time zones.

    A city that is not named in the language has the name of the time zone's id, as in English.
    """
    named = Locale.parse(tag, sep="-").time_zones
    for zone, code in get_global("zone_territories").items():
        is_city = zone.count("/") == 1 and not zone.startswith(_NOT_CITIES)
        if is_city and code in all_codes():
            city = named[zone].get("city") if zone in named else None
            yield code, str(city or zone.rpartition("/")[2].replace("_", " "))


def _locale(tag: str) -> Locale | None:
    """Return what CLDR knows about a language; None if it lacks the language."""
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
