"""Names of countries to show: CLDR's, apart from those that are chosen.

CLDR's names of some territories state their political status. There the name that their people use
is chosen, in `data/words/` (`[display]`). A language without a choice of its own shows the English
one.
"""

from collections.abc import Iterator, Mapping
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from conversations.text.countries.words import country_words

# CLDR lists these codes beside countries: unions, uninhabited territories, and “unknown”.
_NOT_COUNTRIES = {"AQ", "BV", "CP", "DG", "EA", "EU", "EZ", "HM", "IC", "QO", "TF", "UM", "UN"}
_NOT_COUNTRIES |= {"AC", "CQ", "GS", "TA", "XA", "XB", "ZZ"}

_CHOSEN = ("HK", "MO", "PS")
"""Territories that never have CLDR's name."""

_NOT_CITIES = ("Etc/", "Antarctica/", "Arctic/")
"""How the ids of time zones begin that no city has."""

_REGIONAL_INDICATOR_A = 0x1F1E6
"""The code point of REGIONAL INDICATOR SYMBOL LETTER A."""


@cache
def all_codes() -> tuple[str, ...]:
    """Return the codes of all countries (ISO 3166-1 alpha-2, and XK for Kosovo), sorted."""
    return tuple(sorted(territories("en")))


@cache
def name(code: str, language: str) -> str:
    """Return the country's name in `language`, else in its base language, else in English.

    Raises KeyError for an unknown code.
    """
    for tag in (language, language.split("-")[0], "en"):
        shown = _display(tag).get(code)
        if shown or (code not in _CHOSEN and (shown := territories(tag).get(code))):
            return shown
    raise KeyError(code)


def flag(code: str) -> str:
    """Return the flag of `code` as two regional indicator symbols (Unicode, annex 51)."""
    return "".join(chr(_REGIONAL_INDICATOR_A + ord(letter) - ord("A")) for letter in code)


def code_of_flag(text: str) -> str:
    """Return the letters of two regional indicator symbols; they may be no country's code."""
    return "".join(chr(ord("A") + ord(symbol) - _REGIONAL_INDICATOR_A) for symbol in text)


@cache
def territories(tag: str) -> Mapping[str, str]:
    """Return CLDR's names of countries by code; none for a language that CLDR lacks."""
    try:
        found = Locale.parse(tag, sep="-").territories
    except (UnknownLocaleError, ValueError):
        return {}
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


def _display(tag: str) -> Mapping[str, str]:
    words = country_words()
    return words[tag].display if tag in words else {}
