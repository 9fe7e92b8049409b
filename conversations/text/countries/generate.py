"""Writes `data/names.json` and `data/cities.json`: folded names in every language of CLDR.

Run as `python -m conversations.text.countries.generate`. Loading the names from Babel at run time
would take over a second and 200 MB; reading the files takes milliseconds. Cities are the places
after which CLDR names time zones.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers

from conversations.text.countries.fold import fold
from conversations.text.countries.names import all_codes, territories

DATA = Path(__file__).parent / "data"

FoldedNames = dict[str, list[str]]
"""Folded names, sorted, by the code of their country."""

_NOT_CITIES = ("Etc/", "Antarctica/", "Arctic/")


def generate() -> dict[str, FoldedNames]:
    """Return the content of each file by its name."""
    names: dict[str, set[str]] = defaultdict(set)
    cities: dict[str, set[str]] = defaultdict(set)
    zones = _zones()
    for identifier in locale_identifiers():
        for code, name in territories(identifier.replace("_", "-")).items():
            names[code].add(fold(name))
        for zone, texts in Locale.parse(identifier).time_zones.items():
            if zone in zones and "city" in texts:
                cities[zones[zone]].add(fold(texts["city"]))
    territories.cache_clear()
    for zone, code in zones.items():
        cities[code].add(fold(zone.rpartition("/")[2].replace("_", " ")))
    return {"names.json": _sorted(names), "cities.json": _sorted(cities)}


def _zones() -> dict[str, str]:
    """Return the country's code by the time zone."""
    found: Mapping[str, str] = get_global("zone_territories")
    codes = set(all_codes())
    return {
        zone: code
        for zone, code in found.items()
        if code in codes and zone.count("/") == 1 and not zone.startswith(_NOT_CITIES)
    }


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
