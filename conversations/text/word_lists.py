"""Lists of words that people may type, such as those for yes, in all languages that are offered."""

import string
import unicodedata
from functools import cache

from conversations.text.languages import index

_AROUND_WORDS = string.whitespace + ".,!?。，！？…\"'“”‘’「」«»„؟،।"
"""What people type around a word like “yes”."""

APOSTROPHES = "'’‘ʼ＇`´′"
"""The signs that people type for an apostrophe. In folded words it is the first one."""

_AS_ONE_SIGN = str.maketrans(dict.fromkeys(APOSTROPHES, APOSTROPHES[0]))


def fold(text: str) -> str:
    """Return `text` for comparing words.

    It has no case, no invisible characters, no signs around, and one kind of apostrophe.
    """
    one_sign = text.translate(_AS_ONE_SIGN)
    shown = "".join(char for char in one_sign if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFKC", shown).casefold().strip(_AROUND_WORDS)


def words_of(key: str) -> frozenset[str]:
    """Return the words of `key` in all offered languages, folded."""
    return _folded(index().words[key])


def is_word_of(key: str, text: str) -> bool:
    """Return whether `text` is one of the words of `key`, in any offered language."""
    return fold(text) in words_of(key)


@cache
def _folded(lists: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(word) for words in lists for word in words.split("|"))
