"""How people write countries, by language: the files in `data/words/`, which its README explains.

`generate` reads them; the running bot reads what that wrote.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "words"

NamesByCode = Mapping[str, tuple[str, ...]]
"""Names by the code of their country."""


@dataclass(frozen=True)
class CountryWords:
    """How people write countries in one language: the sections of its file, in their order."""

    answers: frozenset[str] = frozenset()
    fillers: frozenset[str] = frozenset()
    regions: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    names: NamesByCode = field(default_factory=dict)
    abbreviations: NamesByCode = field(default_factory=dict)
    people: NamesByCode = field(default_factory=dict)
    parts: NamesByCode = field(default_factory=dict)
    cities: NamesByCode = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "CountryWords":
        """Read a language's file. Raises TypeError for a section that there is not."""
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
        for name in ("answers", "fillers"):
            sections[name] = frozenset(sections.get(name, "").split())
        return cls(**sections)


@cache
def country_words() -> Mapping[str, CountryWords]:
    """Return the words of every language that has a file, by its tag."""
    return {path.stem: CountryWords.read(path) for path in sorted(FOLDER.glob("*.toml"))}
