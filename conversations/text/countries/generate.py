"""Writes the files in `data/` that hold folded names, so that no locale is loaded to read them.

`names.json` and `cities.json` hold the names in every language of CLDR, `shown.json` those in the
languages of the bot. Run as `python -m conversations.text.countries.generate` after an update of
Babel, or after a new language. Loading the names from Babel at run time would take over a second
and 200 MB; reading the files takes milliseconds. Cities are the places after which CLDR names time
zones.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from babel.localedata import locale_identifiers

from conversations.text.countries.fold import fold
from conversations.text.countries.names import all_codes, cities, name, territories
from conversations.text.languages import offered

DATA = Path(__file__).parent / "data"

FoldedNames = dict[str, list[str]]
"""Folded names, sorted, by the code of their country."""


def generate() -> dict[str, Any]:
    """Return the content of each file by its name."""
    tags = [identifier.replace("_", "-") for identifier in locale_identifiers()]
    files = {
        "names.json": _folded(names, tags),
        "cities.json": _folded(cities, tags),
        "shown.json": {
            "languages": list(offered()),
            "names": _folded(names, offered()),
            "cities": _folded(cities, offered()),
        },
    }
    territories.cache_clear()
    name.cache_clear()
    return files


def names(tag: str) -> Iterator[tuple[str, str]]:
    """Yield codes of countries and their names in a language: CLDR's, and those that are shown."""
    yield from territories(tag).items()
    if territories(tag):
        yield from ((code, name(code, tag)) for code in all_codes())


def _folded(say: Callable[[str], Iterable[tuple[str, str]]], tags: Iterable[str]) -> FoldedNames:
    found: dict[str, set[str]] = defaultdict(set)
    for tag in tags:
        for code, text in say(tag):
            found[code].add(fold(text))
    return {code: sorted(found[code] - {""}) for code in sorted(found)}


def text_of(content: Mapping[str, Any]) -> str:
    """Return a file's text: one line for each country."""
    lines = (
        f'"{key}":{text_of(value)}'
        if isinstance(value, dict)
        else f'"{key}":{json.dumps(value, ensure_ascii=False, separators=(",", ":"))}'
        for key, value in content.items()
    )
    return "{" + ",\n".join(lines) + "}"


if __name__ == "__main__":
    for file, content in generate().items():
        (DATA / file).write_text(text_of(content) + "\n", encoding="utf-8")
