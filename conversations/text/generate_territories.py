"""Writes `territories.json`: the names of all countries in every language of CLDR.

Run as `python -m conversations.text.generate_territories`. Loading the names from Babel at run
time would take over a second and 200 MB; reading the file takes milliseconds.
"""

import json
from pathlib import Path

from babel import Locale
from babel.localedata import locale_identifiers

FILE = Path(__file__).with_name("territories.json")

# CLDR lists these codes beside countries: unions, uninhabited territories, and “unknown”.
NOT_COUNTRIES = {"AQ", "BV", "CP", "DG", "EA", "EU", "EZ", "HM", "IC", "QO", "TF", "UM", "UN", "ZZ"}
NOT_COUNTRIES |= {"AC", "CQ", "GS", "TA", "XA", "XB"}


def generate() -> dict[str, dict[str, str]]:
    """Return names by language and country; a regional variant has only what its base lacks."""
    names: dict[str, dict[str, str]] = {}
    for identifier in sorted(locale_identifiers()):
        territories = Locale.parse(identifier).territories
        named = {
            code: name
            for code, name in sorted(territories.items())
            if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES
        }
        base = names.get(identifier.split("_")[0], {})
        own = {code: name for code, name in named.items() if base.get(code) != name}
        if own:
            names[identifier.replace("_", "-")] = own
    return names


if __name__ == "__main__":
    text = json.dumps(generate(), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    FILE.write_text(text + "\n", encoding="utf-8")
