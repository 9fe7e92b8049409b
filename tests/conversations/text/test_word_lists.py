"""A typed word means what it means in the language of the chat, then in any other."""

import pytest

from conversations.text.languages import index, offered
from conversations.text.word_lists import ANSWERS, fold, is_word_of


def meanings() -> dict[str, dict[str, set[str]]]:
    """Return the tags of the languages in which each word is in a list, by word and by key."""
    found: dict[str, dict[str, set[str]]] = {}
    for key in ANSWERS:
        for tag, listed in index().words[key]:
            for word in map(fold, listed.split("|")):
                keys = found.setdefault(word, {})
                keys.setdefault(key.removeprefix("words."), set()).add(tag)
    return found


def understood(word: str, language: str) -> set[str]:
    return {key.removeprefix("words.") for key in ANSWERS if is_word_of(key, word, language)}


def test_these_words_mean_different_things_in_two_languages() -> None:
    different = {
        word: keys
        for word, keys in meanings().items()
        if len({frozenset(tags) for tags in keys.values()}) > 1
    }
    assert different == {
        "ne": {"no": {"de"}, "who": {"tr"}},
        "no": {
            "yes": {"pl"},
            "no": {"ar", "en", "es", "fa", "hi", "id", "it", "th", "vi"},
        },
        "tak": {"yes": {"pl"}, "no": {"id"}},
    }


@pytest.mark.parametrize(
    ("word", "language", "meaning"),
    [
        ("No.", "pl", "yes"),
        ("No.", "en", "no"),
        ("no", "it", "no"),
        ("no", "pt", "no"),
        ("no", "ja", "no"),
        ("Tak", "pl", "yes"),
        ("tak", "id", "no"),
        ("Ne!", "de", "no"),
        ("Ne?", "tr", "who"),
        ("冇", "zh-Hans", "no skip"),
        ("没有", "zh-Hans", "no skip"),
        ("没有", "ja", "no skip"),
        ("nein", "ja", "no"),
        (" Stop! ", "zh-Hant", "stop"),
        ("退訂", "en", "stop"),
    ],
)
def test_the_language_of_the_chat_goes_first_then_english(
    word: str, language: str, meaning: str
) -> None:
    assert understood(word, language) == set(meaning.split())


@pytest.mark.parametrize("word", ["tak", "ne"])
def test_a_word_on_which_other_languages_differ_means_nothing(word: str) -> None:
    assert understood(word, "en") == understood(word, "fr") == set()


@pytest.mark.parametrize(
    ("key", "word", "language", "counts"),
    [
        ("yes", "Dale", "en", False),
        ("yes", "Dale", "es", True),
        ("yes", "Jo", "fr", False),
        ("yes", "Claro", "en", False),
        ("yes", "Yes", "ja", True),
        ("skip", "Salta", "es", False),
        ("skip", "Salta", "it", True),
    ],
)
def test_the_words_of_other_languages_can_be_left_out(
    key: str, word: str, language: str, counts: bool
) -> None:
    assert is_word_of(f"words.{key}", word, language, only_own=True) is counts


@pytest.mark.parametrize("language", offered())
def test_stop_works_in_each_language(language: str) -> None:
    assert understood("stop", language) == understood("unsubscribe", language) == {"stop"}


def test_a_word_in_a_sentence_means_nothing() -> None:
    assert understood("stop the bill", "en") == set()
