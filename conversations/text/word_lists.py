"""Lists of words that people may type, such as those for yes, in all languages that are offered.

A word may mean yes in one language and no in another: the language of the chat decides.
"""

import string
import unicodedata
from collections.abc import Iterator, Mapping, Set
from functools import cache

from conversations.text.languages import DEFAULT, Index, index

_AROUND_WORDS = string.whitespace + ".,!?。，！？…\"'“”‘’「」«»„؟،।"
"""What people type around a word like “yes”."""

APOSTROPHES = "'’‘ʼ＇`´′"
"""The signs that people type for an apostrophe. In folded words it is the first one."""

_AS_ONE_SIGN = str.maketrans(dict.fromkeys(APOSTROPHES, APOSTROPHES[0]))

ANSWERS = tuple(
    f"words.{each}" for each in ("yes", "no", "stop", "back", "cancel", "skip", "later", "who")
)
"""The lists of words that answer any question."""

_DAYS = ("words.today", "words.tomorrow")
_PERIODS = tuple(f"words.stats_{each}" for each in ("today", "week", "month", "all"))

_Lists = tuple[tuple[str, str], ...]
"""The words of one key, separated by bars, with the tag of their language."""


def fold(text: str) -> str:
    """Return `text` for comparing words.

    It has no case, no invisible characters, no signs around, and one kind of apostrophe.
    """
    one_sign = text.translate(_AS_ONE_SIGN)
    if one_sign.isascii():
        return one_sign.casefold().strip(_AROUND_WORDS)
    shown = "".join(char for char in one_sign if unicodedata.category(char) != "Cf")
    return unicodedata.normalize("NFKC", shown).casefold().strip(_AROUND_WORDS)


def words_of(key: str) -> frozenset[str]:
    """Return the words of `key` in all offered languages, folded."""
    return _folded(index().words[key])


def is_word_of(key: str, text: str, language: str, *, only_own: bool = False) -> bool:
    """Return whether `text` is one of the words of `key` to somebody who reads `language`.

    If neither this language nor English has the word, the others count, as far as they agree; with
    `only_own` they don't count.
    """
    rivals = next(keys for keys in (ANSWERS, _DAYS, _PERIODS) if key in keys)
    by_language = _meanings(index(), rivals).get(fold(text), {})
    for tag in (language, DEFAULT):
        if tag in by_language:
            return key in by_language[tag]
    return not only_own and bool(by_language) and all(key in keys for keys in by_language.values())


@cache
def _folded(lists: _Lists) -> frozenset[str]:
    return frozenset(word for _, words in lists for word in _split(words))


@cache
def _meanings(index: Index, rivals: tuple[str, ...]) -> Mapping[str, Mapping[str, Set[str]]]:
    """Return the keys of `rivals` that each word has in each language."""
    found: dict[str, dict[str, set[str]]] = {}
    for key in rivals:
        for tag, words in index.words[key]:
            for word in _split(words):
                found.setdefault(word, {}).setdefault(tag, set()).add(key)
    return found


def _split(words: str) -> Iterator[str]:
    return map(fold, words.split("|"))
