import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.text import countries
from conversations.text.countries import CountryMatches, find, find_exact, generate
from conversations.text.countries.index import index
from conversations.text.countries.words import country_words
from conversations.text.languages import offered


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Portugal", "PT"),
        ("  portugal ", "PT"),
        ("PORTUGAL!!", "PT"),
        ("香港", "HK"),
        ("Hong Kong", "HK"),
        ("臺灣", "TW"),
        ("Côte d’Ivoire", "CI"),
        ("cote d'ivoire", "CI"),
        ("Deutschland", "DE"),
        ("مصر", "EG"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Czech Republic", "CZ"),
        ("Bosnia and Herzegovina", "BA"),
        ("St. Lucia", "LC"),
        ("the Netherlands", "NL"),
        ("die Schweiz", "CH"),
        ("o Brasil", "BR"),
        ("mainland China", "CN"),
        ("中國大陸", "CN"),
        ("中国", "CN"),
        ("中華民國", "TW"),
        ("Palestine", "PS"),
        ("巴勒斯坦", "PS"),
        ("Палестина", "PS"),
        ("فلسطين", "PS"),
        ("Macau", "MO"),
        ("Kosovo", "XK"),
        ("Portugal 🇵🇹", "PT"),
    ],
)
def test_a_name_in_any_language_is_exact(typed: str, code: str) -> None:
    assert find(typed) == CountryMatches((code,), exact=True)
    assert find_exact(typed) == find(typed)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("pt", ("PT",)),
        ("🇵🇹", ("PT",)),
        ("🇵🇹🇪🇸", ("PT", "ES")),
        ("🇨🇭 China", ("CH", "CN")),
        ("🏴󠁧󠁢󠁳󠁣󠁴󠁿", ("GB",)),
        ("U.S.A.", ("US",)),
        ("u.k", ("GB",)),
        ("the UAE", ("AE",)),
        ("AUS", ("AU", "AT")),
        ("Nga", ("NG", "RU")),
        ("GER", ("DE",)),
        ("HO", ("HK", "HN")),
        ("I live in葡萄牙", ("PT",)),
        ("Congo", ("CG", "CD")),
        ("Georgia", ("GE", "US")),
        ("Republic of China", ("TW", "CN")),
        ("Granada", ("GD", "ES")),
        ("Georgia, USA", ("GE", "US")),
        ("Northern Ireland", ("GB", "IE")),
        ("Jerusalem", ("IL", "PS")),
        ("Kashmir", ("IN", "PK")),
        ("America", ("US",)),
        ("Dominican", ("DM", "DO")),
        ("Berlin", ("DE",)),
        ("Paris, Texas", ("FR", "US")),
        ("Cambridge, UK", ("GB",)),
        ("I live in Hong Kong", ("HK",)),
        ("from Hong Kong but I live in London", ("HK", "GB")),
        ("I'm an American in Berlin", ("US", "DE")),
        ("香港人", ("HK",)),
        ("我係香港人，住喺倫敦", ("HK", "GB")),
        ("ドイツ在住です", ("DE",)),
        ("독일에 살아요", ("DE",)),
        ("Я живу в Португалии", ("PT",)),
        ("portgual", ("PT",)),
        ("Nigera", ("NE", "NG")),
        ("nwe zealand", ("NZ", "DK")),
        ("Irqa", ("IQ",)),
        ("trinida", ("TT",)),
        ("shine", ("CN",)),
        ("pero", ("PE",)),
    ],
)
def test_other_texts_are_to_be_asked_about(typed: str, codes: tuple[str, ...]) -> None:
    found = find(typed)
    assert (found.codes, found.exact) == (codes, False)


@pytest.mark.parametrize(
    ("typed", "code", "less_likely"),
    [
        ("CH", "CH", {"CN"}),
        ("ch", "CH", {"CN"}),
        ("IR", "IR", {"IQ", "IE"}),
        ("NGA", "NG", {"RU"}),
        ("CA", "CA", set()),
    ],
)
def test_a_code_also_has_less_likely_meanings(typed: str, code: str, less_likely: set[str]) -> None:
    found = find(typed)
    assert found.codes[0] == code
    assert less_likely <= set(found.less_likely)
    assert not found.exact


def test_every_code_is_understood_but_for_words_that_are_answers() -> None:
    understood = {code for code in index().iso_codes if find(code.upper()).codes}
    assert set(index().iso_codes) - understood == {"me", "no", "si"}
    assert not any(find(code).exact for code in index().iso_codes)


@pytest.mark.parametrize("language", country_words())
def test_answers_and_fillers_are_no_country(language: str) -> None:
    words = country_words()[language]
    for word in (*words.answers, *words.fillers):
        assert find(word) == CountryMatches(), word
        assert find(word.capitalize()) == CountryMatches(), word


@pytest.mark.parametrize("language", country_words())
def test_what_a_file_says_is_understood(language: str) -> None:
    words = country_words()[language]
    for names in (words.names, words.abbreviations, words.people, words.parts, words.cities):
        for code, texts in names.items():
            assert code in countries.all_codes()
            for text in texts:
                assert code in find(text).codes, text
    for names in (words.abbreviations, words.people, words.parts, words.cities):
        assert not any(find(text).exact for texts in names.values() for text in texts)


@pytest.mark.parametrize("language", country_words())
def test_the_words_around_a_country_are_understood(language: str) -> None:
    words = country_words()[language]
    for before in words.before:
        for sentence in (f"{before} Portugal", f"{before}葡萄牙"):
            assert "PT" in find(sentence).codes, sentence
    for after in words.after:
        for sentence in (f"Portugal {after}", f"葡萄牙{after}"):
            assert "PT" in find(sentence).codes, sentence


def test_each_language_of_the_bot_has_a_file() -> None:
    for language in offered():
        words = country_words()[language]
        assert words.answers
        assert words.before
        assert words.people
        assert {"HK", "MO", "PS", "TW", "XK"} <= set(words.display)


@pytest.mark.parametrize(
    "typed", ["", " ", "🌍", "qqqqqqqqqqqq", "EU", "+44", "12345", "yes please", "Middle Earth"]
)
def test_other_texts_find_no_country(typed: str) -> None:
    assert find(typed) == CountryMatches()
    assert "EU" not in countries.all_codes()


def test_names_are_neutral_and_in_the_requested_language() -> None:
    assert countries.name("PT", "zh-Hant") == "葡萄牙"
    assert countries.name("PT", "xx") == "Portugal"
    assert countries.flag("PT") == "🇵🇹"
    neutral = {
        "en": ["Hong Kong", "Macao", "Palestine", "Taiwan", "Kosovo"],
        "zh-Hant": ["香港", "澳門", "巴勒斯坦", "台灣", "科索沃"],
        "zh-Hans": ["香港", "澳门", "巴勒斯坦", "台湾", "科索沃"],
        "pt": ["Hong Kong", "Macau", "Palestina", "Taiwan", "Kosovo"],
        "cs": ["Hong Kong", "Macao", "Palestine", "Tchaj-wan", "Kosovo"],
    }
    for language, names in neutral.items():
        shown = [countries.name(code, language) for code in ("HK", "MO", "PS", "TW", "XK")]
        assert shown == names


def test_the_files_are_what_the_generator_makes() -> None:
    for file, content in generate.generate().items():
        assert json.loads((generate.DATA / file).read_text("utf-8")) == content


@given(st.text(max_size=100))
def test_any_text_can_be_typed(text: str) -> None:
    found = find(text)
    assert set(found.codes) <= set(countries.all_codes())
    assert set(found.codes).isdisjoint(found.less_likely)
    assert not found.exact or len(found.codes) == 1
