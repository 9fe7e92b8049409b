"""Guess which country or language code a wrong one stands for."""

import re
from functools import cache

from babel import Locale

from conversations.text import countries

_LANGUAGE_PART = re.compile(r"[A-Za-z]+")

_COMMON_CODES = {"UK": "GB", "EN": "GB", "EL": "GR", "SP": "ES"}
"""Codes that are not those of ISO 3166-1, but common: of the European Union, or of a language."""


def suggest_country(text: str) -> str:
    """Return “Did you mean GB?” for a wrong code or a country's name; "" if nothing is similar."""
    common = _COMMON_CODES.get(text.strip().upper())
    found = (common,) if common else countries.find(text).codes[:3]
    return f"Did you mean {' or '.join(found)}?" if found else ""


def find_language(text: str) -> str:
    """Return the tag of a language that a tag or a name stands for; "" if none is known."""
    by_name = _codes_by_name().get(text.strip().casefold())
    return by_name or _canonical_tag(text)


def suggest_language(text: str) -> str:
    """Return “Did you mean zh-Hant?” for a wrong tag or a language's name; "" if none is known."""
    tag = find_language(text)
    return f"Did you mean {tag}?" if tag and tag != text else ""


def _canonical_tag(text: str) -> str:
    """Return a language tag in the usual case (RFC 5646, section 2.1.1); "" if it is none."""
    first, *others = _LANGUAGE_PART.findall(text) or [""]
    if first.lower() not in Locale("en").languages or len(first) > 3:
        return ""
    return "-".join([first.lower(), *(_subtag(part) for part in others if len(part) in (2, 4))])


def _subtag(part: str) -> str:
    return part.upper() if len(part) == 2 else part.title()


@cache
def _codes_by_name() -> dict[str, str]:
    """Return language tags by their names in English and in the language itself."""
    names: dict[str, str] = {}
    for code, name in Locale("en").languages.items():
        if len(code) <= 3:
            names[name.casefold()] = code
    return names
