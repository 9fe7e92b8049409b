"""Which writing system a character belongs to.

Python has no Script property (Unicode, annex 24). The first words of a character's name say the
same for letters.
"""

import unicodedata
from functools import lru_cache

_NAMED_OTHERWISE = {
    "CJK": "HAN",
    "IDEOGRAPHIC": "HAN",
    "HANGZHOU": "HAN",
    "HALFWIDTH": "KATAKANA",
    "KATAKANA-HIRAGANA": "COMMON",
    "FULLWIDTH": "LATIN",
    "FEMININE": "LATIN",
    "MASCULINE": "LATIN",
    "MODIFIER": "COMMON",
}
"""The script of characters whose name begins with another word."""

_WITHOUT_SPACES = {"HAN", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR"}
"""Scripts in which no space separates words."""

_CACHE_SIZE = 2000


@lru_cache(_CACHE_SIZE)
def script(char: str) -> str:
    """Return the script of a letter in capitals, like LATIN, HAN or CYRILLIC.

    COMMON is for letters of several scripts, "" for characters without a name.
    """
    first = unicodedata.name(char, "").split(" ")[0]
    return _NAMED_OTHERWISE.get(first, first)


def scripts(text: str) -> frozenset[str]:
    """Return the scripts of the letters in `text`, without COMMON."""
    return frozenset(script(char) for char in text if char.isalpha()) - {"COMMON"}


def has_no_spaces(text: str) -> bool:
    """Whether the last letter of `text` is of a script in which no space separates words."""
    letters = [char for char in text if char.isalpha()]
    return bool(letters) and script(letters[-1]) in _WITHOUT_SPACES
