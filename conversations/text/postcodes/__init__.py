"""Reads typed postcodes by the pattern of their country.

`patterns.toml` holds the patterns. In one, 9 stands for a digit, a for a letter, and x for either;
everything else stands for itself.
"""

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

PATTERNS = Path(__file__).parent / "patterns.toml"

MIN_LENGTH, MAX_LENGTH = 3, 10
"""How many letters and digits a postcode has in a country without a pattern here."""


@cache
def _table() -> tuple[Mapping[str, tuple[str, ...]], frozenset[str]]:
    """Return the patterns by country, and the countries that have no postcodes."""
    content = tomllib.loads(PATTERNS.read_text("utf-8"))
    patterns = {code: tuple(each) for code, each in content["patterns"].items()}
    return patterns, frozenset(content["without"])


def has_postcodes(country: str) -> bool:
    """Return whether addresses in a country (ISO 3166-1) have postcodes, as far as is known."""
    return country not in _table()[1]


def example(country: str) -> str:
    """Return what a postcode of the country looks like, such as 1234-123; "" if unknown."""
    patterns = _table()[0].get(country, ())
    return next((_filled(each) for each in patterns), "")


def read_postcode(text: str, country: str) -> str | None:
    """Return a typed postcode as its country writes it; None if it can't be one.

    Spaces, hyphens and the country's letters before it may be missing or added.
    """
    typed = "".join(_plain(text))
    patterns = _table()[0].get(country)
    if patterns is None:
        is_one = MIN_LENGTH <= len(typed) <= MAX_LENGTH and any(map(str.isdecimal, typed))
        return typed if is_one else None
    for candidate in (typed, typed.removeprefix(country)):
        for pattern in patterns:
            if (found := _fitted(candidate, pattern)) is not None:
                return found
    return None


def _plain(text: str) -> Iterator[str]:
    """Yield the letters and digits of a text, in ASCII and in capitals."""
    for char in unicodedata.normalize("NFKC", text).upper():
        value = unicodedata.decimal(char, None)
        if value is not None:
            yield str(value)
        elif char.isalnum():
            yield char


def _fitted(typed: str, pattern: str) -> str | None:
    """Return the letters and digits with the signs of `pattern`; None if they don't fit.

    The letters that are the same in all of the country's postcodes may be missing.
    """
    signs = "".join(each for each in pattern if each.isalnum())
    fixed = "".join(each for each in signs if each.isupper())
    for given in (typed, fixed + typed):
        if len(given) == len(signs) and all(map(_fits, given, signs)):
            left = iter(given)
            return "".join(next(left) if each.isalnum() else each for each in pattern)
    return None


def _fits(char: str, sign: str) -> bool:
    match sign:
        case "9":
            return char.isascii() and char.isdecimal()
        case "a":
            return char.isascii() and char.isalpha()
        case "x":
            return char.isascii() and char.isalnum()
        case _:
            return char == sign


def _filled(pattern: str) -> str:
    digits, letters = iter("12345678901234567890"), iter("ABCDEFGHIJ")
    signs = {"9": digits, "a": letters, "x": digits}
    return "".join(next(signs[each]) if each in signs else each for each in pattern)
