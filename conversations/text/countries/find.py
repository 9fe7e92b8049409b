"""Finds the countries that a typed text may mean.

Only a country's name, typed alone, is exact, and only if it is the name of no other country. Codes,
abbreviations, peoples, parts of countries, cities, sentences and misspelled names are to be asked
about.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from conversations.text import word_lists
from conversations.text.countries.fold import fold, unfolded_words
from conversations.text.countries.index import Codes, index, is_alphabetic, is_latin
from conversations.text.countries.names import all_codes, code_of_flag
from conversations.text.countries.phrases import phrases
from conversations.text.countries.similar import (
    inflected,
    is_capital,
    is_in_capitals,
    misspelled,
    named_inside,
    with_these_words,
)

_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_PART_OF_BRITAIN = "\U0001f3f4\U000e0067\U000e0062"
"""How the flags of England, Scotland and Wales begin: a black flag, tag letters g and b."""

_MAX_SHORT = 3
"""How many letters a code or an abbreviation has."""

_MAX_UNCLEAR = 5
"""How many letters a name has that may be a word of another language."""


@dataclass(frozen=True)
class CountryMatches:
    """The countries that a typed text may mean."""

    codes: Codes = ()
    """The countries, the likeliest first."""

    exact: bool = False
    """Whether the text is the name of exactly one country, and means nothing else."""

    less_likely: Codes = ()
    """Countries that few people mean by this code or abbreviation. They are worth asking about
    where a mistake would be dangerous.
    """


def find_exact(text: str) -> CountryMatches:
    """Return the countries that `text` names, alone or in a sentence. It is fast, unlike `find`."""
    found, flags = _find_name(text), _flags(text)
    if not flags:
        return found
    codes = tuple(dict.fromkeys((*flags, *found.codes)))
    return CountryMatches(codes, found.exact and codes == found.codes, found.less_likely)


def find(text: str) -> CountryMatches:
    """Return the countries that `text` may mean, also if their names are misspelled.

    It takes milliseconds: call it off the event loop.
    """
    found, folded = find_exact(text), fold(text)
    if found.codes or not folded or _says_something_else(text):
        return found
    known = index()
    *_, last = phrases(folded, known)
    if last.text in known.regions:
        return found
    common, uncommon = known.common.keys(), known.uncommon
    codes = (
        (*misspelled(last.text, common), *named_inside(folded, text))
        or with_these_words(last.text)
        or (inflected(last.text) if last.text != folded else ())
        or misspelled(last.text, common, uncommon)
        or misspelled(folded, common, uncommon)
    )
    return CountryMatches(tuple(dict.fromkeys(codes)))


def _find_name(text: str) -> CountryMatches:
    if _says_something_else(text):
        return CountryMatches()
    for phrase in phrases(fold(text), index()):
        if phrase.text in index().regions:
            break
        is_code = is_in_capitals(phrase.text, text)
        if not is_code and _says_something_else(phrase.text) and phrase.text in text.casefold():
            continue
        found = _read(phrase.text, is_code=is_code)
        if found.codes:
            return replace(found, exact=found.exact and phrase.is_whole)
    return CountryMatches()


def _read(phrase: str, *, is_code: bool) -> CountryMatches:
    """Return the countries that a folded phrase means. `is_code`: it was typed in capitals."""
    phrase = _joined(phrase)
    if phrase in index().abbreviations or _is_short(phrase):
        return _read_short(phrase, is_code=is_code)
    known = index()
    names = known.names.get(phrase, ())
    hints = known.hints.get(phrase, ()) if _is_clear(phrase) else ()
    is_uncommon = bool(names) and phrase not in known.common
    similar = misspelled(phrase, known.shown.keys()) if is_uncommon else ()
    codes = tuple(dict.fromkeys((*similar, *names, *hints)))
    return CountryMatches(codes, exact=len(codes) == 1 and not hints and _is_clear(phrase))


def _is_clear(phrase: str) -> bool:
    """Return whether a name can hardly be another word, as “shine” is: China in some language."""
    return phrase in index().common or len(phrase) > _MAX_UNCLEAR or not is_latin(phrase)


def _read_short(letters: str, *, is_code: bool) -> CountryMatches:
    """Return what a code or an abbreviation means: codes, then the beginnings of names.

    In capitals it is a code; otherwise it may as well be a short name, like Nga (Vietnamese).
    """
    iso = index().iso_codes.get(letters)
    coded = ((iso,) if iso else ()) + index().abbreviations.get(letters, ())
    named = index().common.get(letters, ())
    likely = dict.fromkeys(coded if is_code else (*coded, *named))
    begun = _beginning_with(letters) if len(letters) > 1 else ()
    unusual = index().names.get(letters, ())
    others = dict.fromkeys(code for code in (*named, *begun, *unusual) if code not in likely)
    if likely:
        return CountryMatches(tuple(likely), less_likely=tuple(others))
    return CountryMatches(tuple(others))


def _beginning_with(letters: str) -> Iterator[str]:
    """Yield the countries whose names, in the languages of the bot, begin with these letters."""
    shown = index().shown
    return (code for text, codes in shown.items() if text.startswith(letters) for code in codes)


def _is_short(letters: str) -> bool:
    """Return whether a text is so short that an abbreviation looks like it."""
    return len(letters) <= _MAX_SHORT and is_alphabetic(letters)


def _joined(phrase: str) -> str:
    """Return “u s a” as “usa”, and any other phrase as it is."""
    words = phrase.split()
    return "".join(words) if all(len(word) == 1 for word in words) else phrase


def _says_something_else(text: str) -> bool:
    """Return whether a text consists of words that are no country: “no”, “yes please”, “in”.

    In capitals it may be a code: GA is Gabon, although “ga” means no in Indonesian.
    """
    if word_lists.fold(text) in index().replies and not is_capital(text.strip()):
        return True
    words = unfolded_words(text)
    if sum(len(word) == 1 for word in words) > 1:
        return False  # U.K.
    known = index()
    return bool(words) and all(
        word.casefold() in known.answers
        or (word.casefold() in known.fillers and (len(word) == 1 or not is_capital(word)))
        for word in words
    )


def _flags(text: str) -> Codes:
    """Return the countries whose flags are in a text (Unicode, annex 51)."""
    flags = [code_of_flag(flag) for flag in _FLAG.findall(text)]
    if _PART_OF_BRITAIN in text:
        flags.append("GB")
    return tuple(dict.fromkeys(code for code in flags if code in all_codes()))
