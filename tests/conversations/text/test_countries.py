import json

import pytest
from babel.localedata import locale_identifiers
from hypothesis import given
from hypothesis import strategies as st

from conversations.text import countries
from conversations.text.countries import CountryMatches, find, find_exact, generate
from conversations.text.countries.fold import fold
from conversations.text.countries.index import DATA, index
from conversations.text.countries.names import CODES, chosen, territories
from conversations.text.countries.words import country_words
from conversations.text.languages import INDEX, offered
from conversations.text.word_lists import is_word_of

STORED = json.loads(INDEX.read_text("utf-8"))


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
        ("HO", ("HK", "HN", "HU", "NL", "US")),
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
        ("Irqa", ("IQ", "IR")),
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


@pytest.mark.parametrize("language", offered())
def test_each_language_of_the_bot_has_a_file(language: str) -> None:
    tag = "zh-Hant" if language.startswith("zh") else language  # one file for both scripts
    words = country_words()[tag]
    assert words.answers
    assert words.before or words.after
    assert words.regions
    assert {"CN", "HK", "TW"} <= set(words.people)


@pytest.mark.parametrize("language", offered())
@pytest.mark.parametrize(
    "key", ["words.yes", "words.no", "words.stop", "words.back", "words.cancel", "words.skip"]
)
def test_an_answer_in_any_language_is_no_country(key: str, language: str) -> None:
    words = STORED["words"][key][language].split("|")
    assert words
    for word in words:
        assert is_word_of(key, word, language)
        assert find(word) == CountryMatches(), word


@pytest.mark.parametrize(
    "typed", ["", " ", "🌍", "qqqqqqqqqqqq", "EU", "+44", "12345", "yes please", "Middle Earth"]
)
def test_other_texts_find_no_country(typed: str) -> None:
    assert find(typed) == CountryMatches()
    assert "EU" not in countries.all_codes()


def test_names_are_in_the_requested_language() -> None:
    assert countries.name("PT", "zh-Hant") == "葡萄牙"
    assert countries.name("PT", "xx") == "Portugal"
    assert countries.name("MO", "zh-TW") == "澳門"
    assert countries.name("MO", "pt-BR") == "Macau"
    assert countries.flag("PT") == "🇵🇹"


NEUTRAL = {
    "ar": "هونغ كونغ، ماكاو، فلسطين، تايوان، كوسوفو",
    "de": "Hongkong, Macau, Palästina, Taiwan, Kosovo",
    "en": "Hong Kong, Macao, Palestine, Taiwan, Kosovo",
    "es": "Hong Kong, Macao, Palestina, Taiwán, Kosovo",
    "fa": "هنگ‌کنگ، ماکائو، فلسطین، تایوان، کوزوو",
    "fr": "Hong Kong, Macao, Palestine, Taïwan, Kosovo",
    "hi": "हाँग काँग, मकाऊ, फ़िलिस्तीन, ताइवान, कोसोवो",
    "id": "Hong Kong, Makau, Palestina, Taiwan, Kosovo",
    "it": "Hong Kong, Macao, Palestina, Taiwan, Kosovo",
    "ja": "香港、マカオ、パレスチナ、台湾、コソボ",
    "ko": "홍콩, 마카오, 팔레스타인, 대만, 코소보",
    "pl": "Hongkong, Makau, Palestyna, Tajwan, Kosowo",
    "pt": "Hong Kong, Macau, Palestina, Taiwan, Kosovo",
    "ru": "Гонконг, Макао, Палестина, Тайвань, Косово",
    "th": "ฮ่องกง มาเก๊า ปาเลสไตน์ ไต้หวัน โคโซโว",
    "tr": "Hong Kong, Makao, Filistin, Tayvan, Kosova",
    "uk": "Гонконг, Макао, Палестина, Тайвань, Косово",
    "vi": "Hồng Kông, Ma Cao, Palestine, Đài Loan, Kosovo",
    "zh-Hans": "香港、澳门、巴勒斯坦、台湾、科索沃",
    "zh-Hant": "香港、澳門、巴勒斯坦、台灣、科索沃",
    # Languages without a catalogue: those of CLDR.
    "cs": "Hongkong, Macao, Palestina, Tchaj-wan, Kosovo",
    "el": "Χονγκ Κονγκ, Μακάο, Παλαιστίνη, Ταϊβάν, Κοσσυφοπέδιο",
    "yue": "香港、澳門、巴勒斯坦、台灣、科索沃",
}
CHOSEN = ("HK", "MO", "PS", "TW", "XK")


@pytest.mark.parametrize("language", NEUTRAL)
def test_chosen_names_are_neutral_and_understood(language: str) -> None:
    names = [countries.name(code, language) for code in CHOSEN]
    separator = {"、": "、", "،": "، "}.get(next((c for c in NEUTRAL[language] if c in "、،"), ""))
    assert (separator or (" " if language == "th" else ", ")).join(names) == NEUTRAL[language]
    for code, name in zip(CHOSEN, names, strict=True):
        assert find(name) == CountryMatches((code,), exact=True), name


def test_each_offered_language_has_chosen_names() -> None:
    assert set(offered()) <= set(NEUTRAL)
    for code in CHOSEN:
        tags = {"zh" if tag == "zh-Hans" else tag for tag in offered()}
        assert tags <= set(chosen()[code])


def test_no_name_says_that_a_territory_belongs_to_china() -> None:
    """In every language of CLDR: not the beginning of its word for China, nor what all know."""
    known = {"china", "sar", "中国", "中國", "中華", "中华", "特別", "特别"}
    for identifier in locale_identifiers():
        tag = identifier.replace("_", "-")
        named = {code: fold(each) for code, each in territories(tag).items()}
        # In some languages both names contain the word for country.
        china = set(named.get("CN", "").split()) - set(named.get("TW", "").split())
        for code in ("HK", "MO", "TW"):
            shown = fold(countries.name(code, tag))
            assert not any(word[:4] in shown for word in china if len(word) > 2), (
                tag,
                shown,
            )
            assert not any(word in shown for word in known), (tag, shown)


def test_the_files_are_what_the_generator_makes() -> None:
    assert CODES.read_text("ascii") == generate.codes()
    for file, content in generate.generate().items():
        assert (DATA / file).read_text("utf-8") == content


@given(st.text(max_size=100))
def test_any_text_can_be_typed(text: str) -> None:
    found = find(text)
    assert set(found.codes) <= set(countries.all_codes())
    assert set(found.codes).isdisjoint(found.less_likely)
    assert not found.exact or len(found.codes) == 1
