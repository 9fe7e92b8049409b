"""Typed countries are understood: names of CLDR, other spellings, typing errors, sentences.

CI reads a small sample in the format of mledoze/countries. The command in `measure_countries` reads
the whole of it.
"""

import pytest

from tests.peers.measure_countries import (
    LISTS,
    cldr_names,
    listed,
    measure,
    of_mledoze,
)

NAIJA = ("Naija", "Nàìjá", "Naĩja")
SAMPLE = of_mledoze(LISTS / "spellings.json")


@pytest.mark.slow
def test_names_of_cldr_in_every_language() -> None:
    measured = measure(cldr_names())
    assert measured.cases > 30_000
    assert measured.wrong == ()
    # Words and abbreviations of larger languages: the end, a man, mine, without, Nigeria.
    assert set(measured.missed) <= {"End", "Man", "Mön", "La’os", "Umã", "Sin", *NAIJA}


@pytest.mark.parametrize(
    ("file", "cases", "share"),
    [
        ("typos.txt", 260, 0.95),
        ("sentences.txt", 180, 0.95),
        ("not_countries.txt", 70, 1.0),
    ],
)
def test_what_people_type(file: str, cases: int, share: float) -> None:
    measured = measure(listed(file))
    assert measured.wrong == ()
    assert measured.cases >= cases
    assert measured.share >= share, measured.missed


def test_nothing_that_is_no_country_is_taken_for_one() -> None:
    assert all(not case.codes for case in listed("not_countries.txt"))


@pytest.mark.parametrize("title", SAMPLE)
def test_other_spellings(title: str) -> None:
    measured = measure(SAMPLE[title])
    assert (measured.missed, measured.wrong) == ((), ())
