"""Countries: their names in any language, their flags, and what a typed text means.

`find` reads what people type. What it looks up is in `data/`: the JSON files come from CLDR (see
`generate`), `chosen.toml` and `words/` are written by hand. `words/` has one file per language.
"""

from conversations.text.countries.find import CountryMatches, find, find_exact
from conversations.text.countries.index import index
from conversations.text.countries.names import all_codes, flag, name

__all__ = ["CountryMatches", "all_codes", "build_index", "find", "find_exact", "flag", "name"]


def build_index() -> None:
    """Build and cache the index of names. It takes 0.2 s: call it off the event loop."""
    index()
