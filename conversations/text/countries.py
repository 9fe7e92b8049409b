"""Finds countries by name in any language, by code or by flag.

Names come from `territories.json` (CLDR, see `generate_territories`); codes are ISO 3166-1.
"""

import json
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz, process

MAX_MATCHES = 6

_MIN_SIMILARITY = 78.0
"""From 0 to 100: the least similarity (`rapidfuzz.fuzz.ratio`) of a name to the typed text."""

_REGIONAL_INDICATOR_A = 0x1F1E6
"""The code point of REGIONAL INDICATOR SYMBOL LETTER A."""

# Short names that CLDR lacks. Its names for some places include their political status.
_SHORT_NAMES = {
    "en": {"HK": "Hong Kong", "MO": "Macao", "MM": "Myanmar", "PS": "Palestine"},
    "zh-Hant": {"HK": "香港", "MO": "澳門", "PS": "巴勒斯坦"},
    "zh": {"HK": "香港", "MO": "澳门", "PS": "巴勒斯坦"},
}
_ALIASES = {
    "uk": ("GB",),
    "great britain": ("GB",),
    "britain": ("GB",),
    "england": ("GB",),
    "scotland": ("GB",),
    "wales": ("GB",),
    "u k": ("GB",),
    "usa": ("US",),
    "u s a": ("US",),
    "u s": ("US",),
    "america": ("US",),
    "united states of america": ("US",),
    "holland": ("NL",),
    "macau": ("MO",),
    "burma": ("MM",),
    "uae": ("AE",),
    "turkey": ("TR",),
    "czech republic": ("CZ",),
    "ivory coast": ("CI",),
    "swaziland": ("SZ",),
    "prc": ("CN",),
    "roc": ("TW",),
    "drc": ("CD",),
    "congo": ("CD", "CG"),
    "korea": ("KR", "KP"),
    "guinea": ("GN", "GW", "GQ", "PG"),
    "samoa": ("WS", "AS"),
    "臺灣": ("TW",),
}


@dataclass(frozen=True)
class CountryMatches:
    """The countries that a typed text may mean."""

    codes: tuple[str, ...] = ()
    """At most MAX_MATCHES codes, the best match first."""

    exact: bool = False
    """Whether the text is a code, or the name of exactly one country."""


def build_index() -> None:
    """Build and cache the index of names. It takes 0.2 s: call it off the event loop."""
    _index()


def all_codes() -> tuple[str, ...]:
    """Return the codes of all countries, sorted."""
    return tuple(sorted(_names()["en"]))


def name(code: str, language: str) -> str:
    """Return the country's name in `language`, else in its base language, else in English.

    Raises KeyError for an unknown code.
    """
    for tag in (language, language.split("-")[0], "en"):
        found = _SHORT_NAMES.get(tag, {}).get(code) or _names().get(tag, {}).get(code)
        if found:
            return found
    raise KeyError(code)


def flag(code: str) -> str:
    """Return the flag of `code` as two regional indicator symbols (Unicode, annex 51)."""
    return "".join(chr(_REGIONAL_INDICATOR_A + ord(letter) - ord("A")) for letter in code)


def find_exact(text: str) -> CountryMatches:
    """Return the countries whose code, flag or name is `text`. It is fast, unlike `find`."""
    code = _code(text)
    if code in _names()["en"]:
        return CountryMatches((code,), exact=True)
    wanted = _fold(text)
    known = _ALIASES.get(wanted) or _index().get(wanted, ())
    return CountryMatches(known[:MAX_MATCHES], exact=len(known) == 1)


def find(text: str) -> CountryMatches:
    """Return the countries that `text` may mean: a code, a flag, or a similar name in any language.

    A name that several countries share is not exact. It takes milliseconds: call it off the event
    loop.
    """
    found = find_exact(text)
    if found.codes:
        return found
    wanted, index = _fold(text), _index()
    if not wanted:
        return CountryMatches()
    hits = process.extract(
        wanted, index.keys(), scorer=fuzz.ratio, score_cutoff=_MIN_SIMILARITY, limit=24
    )
    codes = dict.fromkeys(code for hit, _, _ in hits for code in index[hit])
    return CountryMatches(tuple(codes)[:MAX_MATCHES])


@cache
def _names() -> dict[str, dict[str, str]]:
    text = Path(__file__).with_name("territories.json").read_text(encoding="utf-8")
    names: dict[str, dict[str, str]] = json.loads(text)
    return names


@cache
def _index() -> dict[str, tuple[str, ...]]:
    index: dict[str, set[str]] = defaultdict(set)
    for names in (*_names().values(), *_SHORT_NAMES.values()):
        for code, name_ in names.items():
            index[_fold(name_)].add(code)
    aliases = {alias: set(codes) for alias, codes in _ALIASES.items()}
    return {name_: tuple(sorted(codes)) for name_, codes in {**index, **aliases}.items()}


def _code(text: str) -> str:
    """Return the two-letter code that `text` is, in letters or as a flag; it may not exist."""
    letters = [ord(char) - _REGIONAL_INDICATOR_A for char in text.strip()]
    if len(letters) == 2 and all(0 <= letter < 26 for letter in letters):
        return "".join(chr(ord("A") + letter) for letter in letters)
    return text.strip().upper()


def _fold(text: str) -> str:
    """Return `text` for comparison: without case, accents, punctuation and extra spaces."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(char for char in decomposed if not unicodedata.category(char).startswith("Mn"))
    return " ".join("".join(char if char.isalnum() else " " for char in kept).split())
