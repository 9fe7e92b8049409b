"""Reads a typed whole number, in the digits of any script."""

import re
import unicodedata

_NUMBER = re.compile(r"[0-9]+|[0-9]{1,3}(?:[ .,'’٬\u00a0\u2009\u202f][0-9]{3})+")
"""Digits, or digits in groups of three."""


def read_number(text: str, most_digits: int) -> str | None:
    """Return the ASCII digits of a typed whole number, without leading zeros.

    None if `text` is no such number, or has more digits. 1.500 is read as fifteen hundred, as in a
    number with groups of three digits.
    """
    plain = "".join(_digit(char) for char in text.strip())
    if not _NUMBER.fullmatch(plain):
        return None
    digits = re.sub(r"[^0-9]", "", plain).lstrip("0") or "0"
    return digits if len(digits) <= most_digits else None


def _digit(char: str) -> str:
    """Return the ASCII digit for a digit of any script; other characters stay."""
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)
