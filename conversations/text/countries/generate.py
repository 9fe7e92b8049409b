"""Writes `data/names.json` and `data/cities.json`: folded names in every language of CLDR.

Run as `python -m conversations.text.countries.generate`. Loading the names from Babel at run time
would take over a second and 200 MB; reading the files takes milliseconds. Cities are the places
after which CLDR names time zones.
"""

import json
from collections import defaultdict
from pathlib import Path

from babel.localedata import locale_identifiers

from conversations.text.countries.fold import fold
from conversations.text.countries.names import cities, territories

DATA = Path(__file__).parent / "data"

FoldedNames = dict[str, list[str]]
"""Folded names, sorted, by the code of their country."""


def generate() -> dict[str, FoldedNames]:
    """Return the content of each file by its name."""
    names: dict[str, set[str]] = defaultdict(set)
    places: dict[str, set[str]] = defaultdict(set)
    for identifier in locale_identifiers():
        tag = identifier.replace("_", "-")
        for code, name in territories(tag).items():
            names[code].add(fold(name))
        for code, city in cities(tag):
            places[code].add(fold(city))
    territories.cache_clear()
    return {"names.json": _sorted(names), "cities.json": _sorted(places)}


def _sorted(names: dict[str, set[str]]) -> FoldedNames:
    return {code: sorted(names[code] - {""}) for code in sorted(names)}


def text_of(content: FoldedNames) -> str:
    """Return a file's text: one line for each country."""
    lines = (
        f'"{code}":{json.dumps(names, ensure_ascii=False, separators=(",", ":"))}'
        for code, names in content.items()
    )
    return "{" + ",\n".join(lines) + "}\n"


if __name__ == "__main__":
    for file, content in generate().items():
        (DATA / file).write_text(text_of(content), encoding="utf-8")
