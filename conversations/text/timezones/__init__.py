"""Time zones by the names that people type: cities, countries with one zone, names of IANA.

`names.json` is made from CLDR and the IANA database, since reading both takes half a second:

.venv/bin/python -m conversations.text.timezones.generate    writes it again
"""

import json
import unicodedata
from functools import cache
from pathlib import Path

NAMES = Path(__file__).parent / "names.json"


def find(typed: str) -> str:
    """Return the IANA name of the zone of a city or country, as staff type it; "" if unknown."""
    return _names().get(fold(typed), "")


def fold(text: str) -> str:
    """Return a name for comparing: without case, accents, and signs between words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(letters.replace("_", " ").replace("-", " ").replace(".", " ").split())


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = json.loads(NAMES.read_text(encoding="utf-8"))
    return names
