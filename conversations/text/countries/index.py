"""The index of everything that names a country: CLDR's names and what `data/words/` adds.

`generate` has prepared it in `data/`, folded, so that no locale and no word list is read for it.
Only what an organisation's own languages add is folded here.
"""

import json
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conversations.text.countries.fold import fold
from conversations.text.countries.names import all_codes, cities, name, territories
from conversations.text.countries.words import NamesByCode
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


_loading = threading.Lock()
"""Held while the index is loaded, so that threads that need it at once load it once."""


def index() -> Index:
    """Return the index. The first call takes 50 ms: make it off the event loop."""
    with _loading:
        return _index()


def is_loaded() -> bool:
    """Whether `index` returns at once."""
    return _index.cache_info().currsize > 0


def forget_index() -> None:
    """Load the index again at the next call, as after a change of languages."""
    _index.cache_clear()


@cache
def _index() -> Index:
    words = json.loads(_read("words.json"))
    added = [tag for tag in offered() if tag not in words["languages"]]
    names, hints, shown = map(_table, ("names.txt", "hints.txt", "shown.txt"))
    add_names(shown, _names_in(added))
    written = dict.fromkeys(_read("written.txt").split("\n"))
    written.update(_texts(_cities_in(added)))
    common = shown | {text: (*names.get(text, ()), *hints.get(text, ())) for text in written}
    return Index(
        names=names,
        hints=hints,
        abbreviations={text: tuple(codes) for text, codes in words["abbreviations"].items()},
        iso_codes=words["iso_codes"],
        shown=shown,
        common=common,
        uncommon=tuple(text for text in names if text not in common),
        answers=frozenset(words["answers"]),
        replies=frozenset().union(*map(words_of, _REPLIES)),
        fillers=frozenset(words["fillers"]),
        regions=frozenset(words["regions"]),
        articles=tuple(words["articles"]),
        before=tuple(words["before"]),
        after=tuple(words["after"]),
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


def add_names(found: dict[str, Codes], typed: Iterable[NamesByCode]) -> None:
    """Add the codes of names that are not folded yet."""
    for names in typed:
        for code, texts in names.items():
            for text in map(fold, texts):
                if code not in found.get(text, ()):
                    found[text] = (*found.get(text, ()), code)


def _read(file: str) -> str:
    return (DATA / file).read_text(encoding="utf-8").removesuffix("\n")


def _table(file: str) -> dict[str, Codes]:
    """Return the codes by text. Equal codes are one object, which saves memory.

    The whole file is split at once, since a loop over its lines would take ten times as long.
    """
    cells = _read(file).replace("\n", "\t").split("\t")
    codes = {each: tuple(each.split()) for each in set(cells[1::2])}
    return dict(zip(cells[::2], map(codes.__getitem__, cells[1::2]), strict=True))


def _texts(typed: Iterable[NamesByCode]) -> dict[str, None]:
    """Return the folded names, in their order."""
    return dict.fromkeys(fold(text) for names in typed for each in names.values() for text in each)


def _names_in(languages: Iterable[str]) -> Iterator[NamesByCode]:
    """Yield the names in languages that an organisation has added: CLDR's, and the chosen ones."""
    for language in languages:
        yield {code: (text,) for code, text in territories(language).items()}
        yield {code: (name(code, language),) for code in all_codes()}


def _cities_in(languages: Iterable[str]) -> Iterator[NamesByCode]:
    """Yield the cities of CLDR in languages that an organisation has added."""
    return ({code: (city,)} for language in languages for code, city in cities(language))
