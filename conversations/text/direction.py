"""The direction of a text, and isolation of text in the other direction (UAX 9)."""

import unicodedata
from functools import cache

from conversations.text.html import isolate
from conversations.text.languages import formats

_RIGHT_TO_LEFT = {"R", "AL"}


@cache
def is_right_to_left(language: str) -> bool:
    """Whether a language (BCP 47) is written from right to left."""
    return formats(language).right_to_left


def isolated(value: str, language: str) -> str:
    """Return a value that stands in a text of `language`, isolated if its direction is the other.

    Without that, punctuation and digits beside it would be shown in another order.
    """
    mixed = _has_right_to_left(value) != is_right_to_left(language)
    return isolate(value) if mixed and _needs_isolation(value) else value


def _has_right_to_left(text: str) -> bool:
    if text.isascii():
        return False
    return any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text)


def _needs_isolation(text: str) -> bool:
    """Whether `text` has letters, or groups of digits, which would be shown in another order."""
    return any(unicodedata.category(letter)[0] in "LN" for letter in text)
