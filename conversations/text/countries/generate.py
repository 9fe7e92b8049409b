"""Writes the files in `data/` from which the index is loaded.

Run as `python -m conversations.text.countries.generate` after an update of Babel, after a change in
`data/words/` or `data/chosen.toml`, or after a new language. Loading the names from Babel at run
time would take over a second and 200 MB; reading the files takes milliseconds.

`names.txt` and `hints.txt` have the names in every language of CLDR and what points to countries,
`shown.txt` the names in the languages of the bot: on each line a text, folded, and its countries.
`written.txt` has the texts that supporters are likely to type, `words.json` the short lists, and
`codes.txt` the codes of all countries. `names/` has their names to show, in the order of the codes.
Cities are the places after which CLDR names time zones.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from babel.core import get_global
from babel.localedata import locale_identifiers

from conversations.text.countries.fold import fold
from conversations.text.countries.index import DATA, Codes, add_names
from conversations.text.countries.names import (
    CODES,
    NAMES,
    all_codes,
    cities,
    find_name,
    territories,
)
from conversations.text.countries.words import country_words
from conversations.text.languages import offered

Named = Iterable[tuple[str, str]]
"""Codes of countries, each with a name."""


def generate() -> dict[str, str]:
    """Return the content of each file by its name."""
    tags = [identifier.replace("_", "-") for identifier in locale_identifiers()]
    words = country_words().values()
    names = _by_text(_in_languages(_names, tags))
    add_names(names, (each.names for each in words))
    pointing = [names for each in words for names in (each.people, each.parts, each.cities)]
    places = _by_text(_in_languages(cities, tags))
    hints = {city: codes for city, codes in places.items() if names.get(city) != codes}
    add_names(hints, pointing)
    written = _by_text(_in_languages(cities, offered()))
    add_names(written, (*(each.names for each in words), *pointing))
    shown = _by_text(_in_languages(_names, offered()))
    territories.cache_clear()
    display = {
        f"{NAMES.name}/{tag}.txt": _lines(find_name(code, tag) for code in all_codes())
        for tag in offered()
    }
    territories.cache_clear()
    return {
        **display,
        "names.txt": _table(names),
        "hints.txt": _table(hints),
        "shown.txt": _table(shown),
        "written.txt": _lines(written),
        "words.json": json.dumps(_short_lists(), ensure_ascii=False, indent=1) + "\n",
    }


def _short_lists() -> dict[str, Any]:
    """Return the lists of the index that are short, and the languages of `shown.txt`."""
    words = country_words().values()
    abbreviations: dict[str, Codes] = {}
    add_names(abbreviations, (each.abbreviations for each in words))
    return {
        "languages": list(offered()),
        "abbreviations": abbreviations,
        "iso_codes": _iso_codes(),
        "answers": sorted(frozenset().union(*(each.answers for each in words))),
        "fillers": sorted(frozenset().union(*(each.fillers for each in words))),
        "regions": sorted({fold(text) for each in words for text in each.regions}),
        "articles": _longest_first(each.articles for each in words),
        "before": _longest_first(each.before for each in words),
        "after": _longest_first(each.after for each in words),
    }


def _names(tag: str) -> Iterator[tuple[str, str]]:
    """Yield codes of countries and their names in a language: CLDR's, and those that are shown."""
    yield from territories(tag).items()
    if territories(tag):
        yield from ((code, find_name(code, tag)) for code in all_codes())


def _in_languages(say: Callable[[str], Named], tags: Iterable[str]) -> set[tuple[str, str]]:
    """Return the codes of countries and their folded names in all these languages."""
    return {(code, folded) for tag in tags for code, text in say(tag) if (folded := fold(text))}


def _by_text(names: Iterable[tuple[str, str]]) -> dict[str, Codes]:
    """Return the codes by text, in the order of the codes and then of the texts."""
    found: dict[str, Codes] = {}
    for code, text in sorted(names):
        found[text] = (*found.get(text, ()), code)
    return found


def _iso_codes() -> dict[str, str]:
    """Return countries by code. CLDR's aliases have the codes of three letters."""
    codes = {code.lower(): code for code in all_codes()}
    for alias, (code, *others) in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and not others and code.lower() in codes:
            codes[alias.lower()] = code
    return codes


def _longest_first(groups: Iterable[Iterable[str]]) -> list[str]:
    folded = {fold(text) for group in groups for text in group} - {""}
    return sorted(folded, key=lambda text: (-len(text), text))


def _table(codes_by_text: Mapping[str, Codes]) -> str:
    return _lines(f"{text}\t{' '.join(codes)}" for text, codes in codes_by_text.items())


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def codes() -> str:
    """Return the content of `codes.txt`, on which the other files depend."""
    return _lines(territories("en"))


if __name__ == "__main__":
    CODES.write_text(codes(), encoding="ascii")
    for file, content in generate().items():
        (DATA / file).write_text(content, encoding="utf-8")
