"""Measures how well typed countries are understood: `python -m tests.peers.measure_countries`.

An answer is right if the country is taken, or is among those that are asked about. It is wrong if
another country is taken without a question. The lists are CLDR's names in every language,
`country_lists/` (typing errors, sentences, what is no country), and, given as an argument, the file
`countries.json` of https://github.com/mledoze/countries, with names, alternative spellings,
translations, capitals and demonyms. It is under the ODbL, so it is a judge and is not kept here.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.localedata import locale_identifiers

from conversations.text import countries
from conversations.text.countries.names import territories

LISTS = Path(__file__).parent / "country_lists"


@dataclass(frozen=True)
class Case:
    """A text, and the countries of which one must be understood; none if it is no country."""

    typed: str
    codes: frozenset[str]


@dataclass(frozen=True)
class Measured:
    """What became of a list's cases."""

    right: int
    cases: int
    missed: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def share(self) -> float:
        """The share of right answers, from 0 to 1."""
        return self.right / self.cases

    def __str__(self) -> str:
        return f"{self.right} of {self.cases} ({self.share:.1%}), accepted wrongly: {self.wrong}"


def measure(cases: Iterable[Case]) -> Measured:
    """Ask for each case which countries it may mean."""
    missed, wrong, count = [], [], 0
    for case in cases:
        count += 1
        found = countries.find(case.typed)
        if found.exact and not case.codes.issuperset(found.codes):
            wrong.append(f"{case.typed} → {found.codes[0]}")
        if case.codes and case.codes.isdisjoint(found.codes):
            missed.append(case.typed)
    return Measured(count - len(missed), count, tuple(missed), tuple(wrong))


def cldr_names() -> set[Case]:
    """Return the name of every country in every language of CLDR."""
    return {
        Case(name, frozenset({code}))
        for identifier in locale_identifiers()
        for code, name in territories(identifier.replace("_", "-")).items()
    }


def listed(file: str) -> Iterator[Case]:
    """Yield the cases of a file in `country_lists/`."""
    for line in (LISTS / file).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            typed, _, codes = line.partition("\t")
            yield Case(typed, frozenset(codes.split()))


def of_mledoze(path: Path) -> dict[str, list[Case]]:
    """Return the lists of a file in the format of mledoze/countries by their names.

    Uninhabited territories that the bot doesn't ask for are left out.
    """
    lists: dict[str, list[Case]] = {}
    for entry in json.loads(path.read_text(encoding="utf-8")):
        if entry["cca2"] in countries.all_codes():
            for title, texts in _texts(entry).items():
                cases = {Case(text, frozenset({entry["cca2"]})) for text in texts if text}
                lists.setdefault(title, []).extend(sorted(cases, key=lambda case: case.typed))
    return lists


def _texts(entry: dict[str, Any]) -> dict[str, list[str]]:
    names = (entry["name"], *entry["name"].get("native", {}).values())
    translated = entry["translations"].values()
    return {
        "names": [each["common"] for each in names],
        "official names": [each["official"] for each in names],
        "alternative spellings": entry["altSpellings"],
        "codes": [entry[key] for key in ("cca2", "cca3") if key in entry],
        "translated names": [each["common"] for each in translated],
        "translated official names": [each["official"] for each in translated],
        "capitals": entry.get("capital", []),
        "demonyms": list(entry.get("demonyms", {}).get("eng", {}).values()),
    }


def main(paths: list[str]) -> None:
    """Print the figures of all lists, and up to 40 texts of each that were missed."""
    lists: dict[str, Iterable[Case]] = {"names of CLDR": cldr_names()}
    lists |= {file: listed(file) for file in ("typos.txt", "sentences.txt", "not_countries.txt")}
    for path in paths:
        lists |= of_mledoze(Path(path))
    for title, cases in lists.items():
        measured = measure(cases)
        sys.stdout.write(f"{title}: {measured}\n    missed: {measured.missed[:40]}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
