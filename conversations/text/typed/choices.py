"""Reads which of a few options a typed text means: it may be misspelled, or part of a sentence."""

from collections.abc import Iterable, Mapping

from conversations.text.countries.fold import fold_words
from conversations.text.typing_errors import count_errors

_MIN_PART = 4
"""How many letters a part of an option's name has that says something."""

_LETTERS_PER_ERROR = 4
"""For how many letters there may be one wrong letter."""


def find_options(text: str, options: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the ids of the options that `text` may mean; several if it isn't clear which.

    `options` has the names of each option, in all languages. The whole name counts most, then a
    name inside of the text or the text inside of a name, then a name with typing errors, which may
    be inside of the text, too.
    """
    typed = " ".join(fold_words(text))
    if not typed:
        return ()
    names = {id_: [" ".join(fold_words(name)) for name in each] for id_, each in options.items()}
    for means in (_is_name, _is_part):
        found = tuple(id_ for id_, each in names.items() if any(means(typed, n) for n in each if n))
        if found:
            return found
    if found := _closest(typed, names):
        return found
    return tuple(id_ for id_, each in names.items() if any(_has_words(typed, n) for n in each if n))


def _is_name(typed: str, name: str) -> bool:
    return typed == name


def _is_part(typed: str, name: str) -> bool:
    """Return whether one text has all words of the other, next to each other."""
    shorter, longer = sorted((typed, name), key=len)
    is_enough = len(shorter) >= _MIN_PART or not shorter.isascii()
    return is_enough and f" {shorter} " in f" {longer} "


def _has_words(typed: str, name: str) -> bool:
    """Return whether each word of a name is in the text, maybe with a typing error."""
    words = typed.split()
    return all(any(_is_alike(word, each) for each in words) for word in name.split())


def _is_alike(word: str, typed: str) -> bool:
    most = len(word) // _LETTERS_PER_ERROR
    return count_errors(word, typed, most) <= most


def _closest(typed: str, names: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the options whose names differ from `typed` by the fewest typing errors, if by few."""
    errors: dict[str, int] = {}
    for id_, each in names.items():
        found = [(count_errors(typed, name), len(name) // _LETTERS_PER_ERROR) for name in each]
        errors |= {id_: min((n for n, most in found if 0 < n <= most), default=len(typed))}
    fewest = min(errors.values(), default=len(typed))
    return tuple(id_ for id_, n in errors.items() if n == fewest < len(typed))
