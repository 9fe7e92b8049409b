"""The index of everything that names a country: CLDR's names and what `data/words/` adds.

No locale is loaded for it but English, whatever languages the bot speaks.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.core import get_global

from conversations.text.countries.fold import fold
from conversations.text.countries.names import all_codes, cities, name, territories
from conversations.text.countries.words import NamesByCode, country_words
from conversations.text.languages import offered
from conversations.text.word_lists import words_of

DATA = Path(__file__).parent / "data"

Codes = tuple[str, ...]
"""Codes of countries (ISO 3166-1 alpha-2)."""

_WITHOUT_SPACES = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
"""Scripts whose words follow each other without a space, or bear endings: how the names of their
characters begin (Unicode).
"""

_REPLIES = tuple(
    f"words.{each}" for each in ("yes", "no", "stop", "back", "cancel", "skip", "who", "no_name")
)
"""The lists in the catalogues of what people type to answer something else."""

_ALPHABETS = ("LATIN", "GREEK", "CYRILLIC")
"""Alphabets in which people abbreviate with letters: how their letters' names begin (Unicode)."""


@dataclass(frozen=True)
class Index:
    """What is looked up. All texts are folded (see `fold`)."""

    names: Mapping[str, Codes]
    """Names of countries, in any language."""

    hints: Mapping[str, Codes]
    """What points to a country without being its name: peoples, parts of countries, cities."""

    abbreviations: Mapping[str, Codes]
    """Abbreviations that are no code of ISO 3166-1."""

    iso_codes: Mapping[str, str]
    """Countries by their codes of two and three letters (ISO 3166-1), in lower case."""

    shown: Mapping[str, Codes]
    """Names in the languages that the bot speaks."""

    common: Mapping[str, Codes]
    """What supporters are likely to type: `shown`, and everything in `data/words/`."""

    uncommon: tuple[str, ...]
    """The other names."""

    answers: frozenset[str]
    """Words, not folded, that are never a country: yes, no, back."""

    replies: frozenset[str]
    """What people type to answer something else, in each language of the bot: see `word_lists`."""

    fillers: frozenset[str]
    """Words, not folded, that are a country's code only in capitals: in, is, to."""

    regions: frozenset[str]
    """Places that are larger than a country."""

    articles: tuple[str, ...]
    """Articles before names."""

    before: tuple[str, ...]
    """What comes before a country in a sentence, the longest first."""

    after: tuple[str, ...]
    """What comes after a country in a sentence, the longest first."""


@cache
def index() -> Index:
    """Return the index. Building it takes 0.2 s: call this first off the event loop."""
    words = country_words().values()
    names = _by_text(_read("names.json"), (each.names for each in words))
    pointing = [names for each in words for names in (each.people, each.parts, each.cities)]
    places = _by_text(_read("cities.json"), ())
    hints = {city: codes for city, codes in places.items() if names.get(city) != codes}
    _add(hints, pointing)
    ready = _read("shown.json")
    added = [tag for tag in offered() if tag not in ready["languages"]]
    shown = _by_text(ready["names"], _names_in(added))
    written = _by_text(
        ready["cities"], [*(each.names for each in words), *pointing, *_cities_in(added)]
    )
    common = shown | {text: (*names.get(text, ()), *hints.get(text, ())) for text in written}
    return Index(
        names=names,
        hints=hints,
        abbreviations=_by_text({}, (each.abbreviations for each in words)),
        iso_codes=_iso_codes(),
        shown=shown,
        common=common,
        uncommon=tuple(text for text in names if text not in common),
        answers=frozenset().union(*(each.answers for each in words)),
        replies=frozenset().union(*map(words_of, _REPLIES)),
        fillers=frozenset().union(*(each.fillers for each in words)),
        regions=frozenset(fold(text) for each in words for text in each.regions),
        articles=_longest_first(each.articles for each in words),
        before=_longest_first(each.before for each in words),
        after=_longest_first(each.after for each in words),
    )


def is_alphabetic(text: str) -> bool:
    """Return whether a text is in an alphabet in which a few letters may be an abbreviation."""
    return all(unicodedata.name(char, "").startswith(_ALPHABETS) for char in text if char != " ")


def is_latin(text: str) -> bool:
    """Return whether a folded text is in Latin letters, in which most languages have words."""
    return text.replace(" ", "").isascii()


def is_written_without_spaces(char: str) -> bool:
    """Return whether names follow other words without a space in the script of `char`."""
    return not char.isascii() and unicodedata.name(char, "").startswith(_WITHOUT_SPACES)


def _read(file: str) -> Any:
    return json.loads((DATA / file).read_text(encoding="utf-8"))


def _by_text(folded: NamesByCode, typed: Iterable[NamesByCode]) -> dict[str, Codes]:
    """Return the codes by text. Equal codes are one object, which saves memory."""
    found: dict[str, Codes] = {}
    for code, texts in folded.items():
        only = (code,)
        for text in texts:
            found[text] = (*found[text], code) if text in found else only
    _add(found, typed)
    return found


def _add(found: dict[str, Codes], typed: Iterable[NamesByCode]) -> None:
    """Add the codes of names that are not folded yet."""
    for names in typed:
        for code, texts in names.items():
            for text in map(fold, texts):
                if code not in found.get(text, ()):
                    found[text] = (*found.get(text, ()), code)


def _names_in(languages: Iterable[str]) -> Iterator[NamesByCode]:
    """Yield the names in languages that an organisation has added: CLDR's, and the chosen ones."""
    for language in languages:
        yield {code: (text,) for code, text in territories(language).items()}
        yield {code: (name(code, language),) for code in all_codes()}


def _cities_in(languages: Iterable[str]) -> Iterator[NamesByCode]:
    """Yield the cities of CLDR in languages that an organisation has added."""
    return ({code: (city,)} for language in languages for code, city in cities(language))


def _iso_codes() -> dict[str, str]:
    """Return countries by code. CLDR's aliases have the codes of three letters."""
    codes = {code.lower(): code for code in all_codes()}
    for alias, (code, *others) in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and not others and code.lower() in codes:
            codes[alias.lower()] = code
    return codes


def _longest_first(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    folded = {fold(text) for group in groups for text in group} - {""}
    return tuple(sorted(folded, key=lambda text: (-len(text), text)))
