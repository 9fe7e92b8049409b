"""Postcodes, as people type them and as their countries write them."""

import tomllib

import pytest

from conversations.text import countries
from conversations.text.postcodes import PATTERNS, example, has_postcodes, read_postcode

TABLE = tomllib.loads(PATTERNS.read_text("utf-8"))


@pytest.mark.parametrize(
    ("country", "typed", "read"),
    [
        ("PT", "1000-001", "1000-001"),
        ("PT", " 1000 001 ", "1000-001"),
        ("PT", "1000", "1000"),
        ("PT", "10000", None),
        ("DE", "D 10117", None),
        ("DE", "de-10117", "10117"),
        ("DE", "１０１１７", "10117"),
        ("IR", "۱۲۳۴۵۶۷۸۹۰", "12345-67890"),
        ("NL", "1012ab", "1012 AB"),
        ("NL", "1012", None),
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("GB", "M1 1AE", "M1 1AE"),
        ("GB", "1", None),
        ("IE", "d6w xy00", "D6W XY00"),
        ("CA", "k1a-0b1", "K1A 0B1"),
        ("US", "20500", "20500"),
        ("US", "205000003", "20500-0003"),
        ("LV", "1050", "LV-1050"),
        ("LV", "lv1050", "LV-1050"),
        ("AD", "500", "AD500"),
        ("BR", "70000000", "70000-000"),
        ("JP", "〒100-0001", "100-0001"),
        ("KY", "ky1-1234", "KY11234"),
        ("KY", "no idea", None),
        ("KY", "1", None),
        ("PT", "", None),
    ],
)
def test_what_is_typed_becomes_what_the_country_writes(
    country: str, typed: str, read: str | None
) -> None:
    assert read_postcode(typed, country) == read


@pytest.mark.parametrize(
    ("country", "shown"), [("PT", "1234-567"), ("GB", "A1 2BC"), ("AD", "AD123"), ("KY", "")]
)
def test_an_example_shows_the_pattern(country: str, shown: str) -> None:
    assert example(country) == shown


def test_every_example_can_be_typed() -> None:
    assert [each for each in TABLE["patterns"] if read_postcode(example(each), each) is None] == []


def test_the_table_has_countries_only_and_each_once() -> None:
    listed = [*TABLE["patterns"], *TABLE["without"]]
    assert sorted(set(listed)) == sorted(listed)
    assert set(listed) <= set(countries.all_codes())


def test_where_there_are_none() -> None:
    assert not has_postcodes("HK")
    assert has_postcodes("PT") and has_postcodes("KY")


def test_the_large_countries_and_the_european_union_have_patterns() -> None:
    g20 = "AR AU BR CA CN DE FR GB ID IN IT JP KR MX RU SA TR US ZA"
    union = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
    assert {*g20.split(), *union.split()} - set(TABLE["patterns"]) == set()
