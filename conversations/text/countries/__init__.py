"""Countries: their names in any language, their flags, and what a typed text means.

`find` reads what people type. What it looks up is in `data/`: `chosen.toml` and `words/`, one file
for each language, are written by hand; `generate` makes the other files from them and from CLDR.
"""

from conversations.text.countries.find import CountryMatches, find, find_exact
from conversations.text.countries.index import is_loaded
from conversations.text.countries.names import all_codes, flag, name

__all__ = ["CountryMatches", "all_codes", "find", "find_exact", "flag", "is_loaded", "name"]
