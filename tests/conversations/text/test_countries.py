import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.text import countries, generate_territories
from conversations.text.countries import CountryMatches, find


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Portugal", "PT"),
        ("  portugal ", "PT"),
        ("pt", "PT"),
        ("🇵🇹", "PT"),
        ("UK", "GB"),
        ("U.S.A.", "US"),
        ("香港", "HK"),
        ("Hong Kong", "HK"),
        ("臺灣", "TW"),
        ("Côte d’Ivoire", "CI"),
        ("cote d'ivoire", "CI"),
        ("Deutschland", "DE"),
        ("مصر", "EG"),
        ("Türkiye", "TR"),
    ],
)
def test_a_country_is_found_by_any_of_its_names(typed: str, code: str) -> None:
    assert find(typed) == CountryMatches((code,), exact=True)


def test_an_ambiguous_name_finds_several_countries() -> None:
    assert find("Congo") == CountryMatches(("CD", "CG"), exact=False)


def test_a_typing_error_is_found_but_is_not_exact() -> None:
    found = find("portgual")
    assert found.codes[0] == "PT"
    assert not found.exact


def test_other_texts_find_no_country() -> None:
    assert find("qqqqqqqqqqqq") == CountryMatches()
    assert "EU" not in countries.all_codes()
    assert find("") == CountryMatches()


def test_names_are_short_and_in_the_requested_language() -> None:
    assert countries.name("HK", "en") == "Hong Kong"
    assert countries.name("HK", "zh-Hant") == "香港"
    assert countries.name("PT", "zh-Hant") == "葡萄牙"
    assert countries.name("PT", "xx") == "Portugal"
    assert countries.flag("PT") == "🇵🇹"


def test_the_file_is_what_the_generator_makes() -> None:
    assert json.loads(generate_territories.FILE.read_text("utf-8")) == (
        generate_territories.generate()
    )


@given(st.text(max_size=60))
def test_any_text_can_be_typed(text: str) -> None:
    found = find(text)
    assert len(found.codes) <= countries.MAX_MATCHES
    assert set(found.codes) <= set(countries.all_codes())
    assert not found.exact or len(found.codes) == 1
