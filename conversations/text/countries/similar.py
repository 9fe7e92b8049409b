"""Finds countries in texts that are no country's name: in sentences, in parts, misspelled."""

import re
from collections.abc import Iterable, Iterator, Mapping

from conversations.text.countries.fold import unfolded_words
from conversations.text.countries.index import (
    Codes,
    index,
    is_alphabetic,
    is_latin,
    is_written_without_spaces,
)
from conversations.text.typing_errors import find_similar

_MAX_COUNTRIES = 6
"""A part of names that more countries share, such as “south”, says nothing."""

_MIN_MISSPELLED, _MAX_MISSPELLED = 4, 60
"""How many letters a text has that is compared with names."""

_MIN_WORD = 5
"""How many letters a part of a name has that says something."""

_MAX_WORDS = 7
"""How many words a name inside of a sentence can have."""

_MIN_UNKNOWN = 6
"""How many letters a name inside of a sentence has, if it is of a language that the bot lacks."""

_MIN_STEM, _MAX_ENDING = 4, 4
"""How many letters of a name stay in all cases of its language, and how many may change."""

_MAX_SYLLABLES = 14
"""How many characters a name can have that is written without spaces."""


def named_inside(folded: str, text: str) -> Codes:
    """Return the countries that a sentence names, or else those that it points to.

    `folded` is the folded `text`. Abbreviations count in capitals only: “it” and “IT” differ.
    """
    known = index()
    codes = _codes_in_capitals(text)
    named = [
        *(known.names[part] for part in _longest_parts(folded, known.names) if _is_clear(part)),
        *(codes[part] for part in _longest_parts(folded, codes)),
    ]
    hints = [
        known.hints[part]
        for part in _longest_parts(folded, known.hints)
        if _is_clear(part) or part in known.common
    ]
    names = {code for codes in named for code in codes}
    unnamed = [codes for codes in hints if names.isdisjoint(codes)]
    return tuple(dict.fromkeys(code for codes in (*named, *unnamed) for code in codes))


def with_these_words(phrase: str) -> Codes:
    """Return the countries whose names contain these words, such as “trinidad” or “solomon”."""
    if len(phrase) < _MIN_WORD:
        return ()
    ending = "" if len(phrase) >= _MIN_UNKNOWN else r"\b"
    inside = re.compile(rf"\b{re.escape(phrase)}{ending}")
    shown = index().shown.items()
    found = {code: None for text, codes in shown if inside.search(text) for code in codes}
    return tuple(found) if len(found) <= _MAX_COUNTRIES else ()


def misspelled(phrase: str, *tables: Iterable[str]) -> Codes:
    """Return the countries whose names, or what points to them, differ by a typing error or two.

    The closest count. A text in the second table counts as one error further away.
    """
    is_long = len(phrase) >= _MIN_MISSPELLED or not is_alphabetic(phrase)
    if not is_long or len(phrase) > _MAX_MISSPELLED:
        return ()
    known, most = index(), _max_errors(phrase)
    closest: dict[int, dict[str, None]] = {}
    for extra, texts in enumerate(tables):
        for text, errors in find_similar(phrase, texts, most):
            if _is_plausible(phrase, text, errors):
                codes = (*known.names.get(text, ()), *known.hints.get(text, ()))
                closest.setdefault(errors + extra, {}).update(dict.fromkeys(codes))
    return tuple(closest[min(closest)])[:_MAX_COUNTRIES] if closest else ()


def inflected(word: str) -> Codes:
    """Return the countries that a word in another grammatical case means: “w Polsce” is Polska."""
    if len(word) <= _MIN_STEM or " " in word or not is_alphabetic(word):
        return ()
    stem = word[: max(_MIN_STEM, len(word) - _MAX_ENDING)]
    found = {
        code: None
        for table in (index().names, index().hints)
        for text, codes in table.items()
        if text.startswith(stem) and abs(len(text) - len(word)) < _MAX_ENDING
        for code in codes
    }
    return tuple(found) if len(found) <= _MAX_COUNTRIES else ()


def is_in_capitals(phrase: str, text: str) -> bool:
    """Return whether the words of a folded phrase are in `text` in capital letters."""
    return set(phrase.split()) <= _words_in_capitals(text)


def is_capital(word: str) -> bool:
    """Return whether a word is in capital letters, in a script that has them."""
    return word == word.upper() != word.lower()


def _words_in_capitals(text: str) -> set[str]:
    return {word.casefold() for word in unfolded_words(text) if is_capital(word)}


def _codes_in_capitals(text: str) -> dict[str, Codes]:
    """Return what the abbreviations in a text mean, and the codes unless all is in capitals."""
    known, found = index(), {}
    for word in sorted(_words_in_capitals(text)):
        iso = known.iso_codes.get(word) if text != text.upper() else None
        codes = ((iso,) if iso else ()) + known.abbreviations.get(word, ())
        if codes and len(word) > 1:
            found[word] = codes
    return found


def _max_errors(phrase: str) -> int:
    """Return how many letters may be wrong: one in 4 letters, 2 in 7, 3 in 10."""
    letters = len(phrase)
    return 3 if letters >= 10 else 2 if letters >= 7 else 1


def _is_plausible(phrase: str, text: str, errors: int) -> bool:
    """Return whether one text is a misspelling of the other.

    People rarely get the first letter wrong. Of cities, and of names in languages that the bot
    lacks, there are so many that many a word is like one.
    """
    is_familiar = text in index().common and text in index().names
    is_long = min(len(text), len(phrase)) >= _MIN_UNKNOWN
    if not is_familiar and (errors > 1 or not is_long) and is_alphabetic(text):
        return False
    is_close = errors <= _max_errors(text) and (len(text) > 2 or errors == 0)
    begins_alike = text[0] == phrase[0] or text[:2] == phrase[1::-1]
    is_one_letter = errors == 1 and (len(text) >= _MIN_UNKNOWN or not is_alphabetic(text))
    return is_close and (begins_alike or is_one_letter)


def _is_clear(name: str) -> bool:
    """Return whether a name inside of a sentence can hardly be another word."""
    is_long = len(name) >= _MIN_UNKNOWN or not is_latin(name)
    return is_long or (len(name) >= _MIN_MISSPELLED and name in index().common)


def _longest_parts(folded: str, table: Mapping[str, Codes]) -> Iterator[str]:
    """Yield the entries of `table` that are in a text; an entry inside of another one is not."""
    words = folded.split()
    start = 0
    while start < len(words):
        ends = range(min(len(words), start + _MAX_WORDS), start, -1)
        end = next((end for end in ends if " ".join(words[start:end]) in table), None)
        if end:
            yield " ".join(words[start:end])
        elif any(map(is_written_without_spaces, words[start])):
            yield from _longest_substrings(words[start], table)
        start = end or start + 1


def _longest_substrings(word: str, table: Mapping[str, Codes]) -> Iterator[str]:
    """Yield the entries of two or more characters that are in a word of a script without spaces."""
    start = 0
    while start < len(word):
        ends = range(min(len(word), start + _MAX_SYLLABLES), start + 1, -1)
        end = next((end for end in ends if word[start:end] in table), None)
        if end:
            yield word[start:end]
        start = end or start + 1
