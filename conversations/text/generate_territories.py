"""Write `territories.json`, the names of countries in every language of the CLDR.

Run as `python -m conversations.generate_territories`. Built at run time the names would cost over a
second and two hundred megabytes; the file is read in a few milliseconds.
"""

import json
from pathlib import Path

from babel import Locale
from babel.localedata import locale_identifiers

FILE = Path(__file__).with_name("territories.json")

# CLDR lists these beside countries: unions, outlying waters, and codes that stand for “unknown”.
NOT_COUNTRIES = {"AQ", "BV", "CP", "DG", "EA", "EU", "EZ", "HM", "IC", "QO", "TF", "UM", "UN", "ZZ"}
NOT_COUNTRIES |= {"AC", "CQ", "GS", "TA", "XA", "XB"}


def generate() -> dict[str, dict[str, str]]:
    """Return language → country → name, for every language that names what English does not."""
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
