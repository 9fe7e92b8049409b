import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.text.typed.words import (
    OwnWordsProblem,
    read_own_words,
    read_rewritten,
    read_subject,
)


def test_own_words_are_one_paragraph_without_links() -> None:
    assert read_own_words("I was there.\n\nPlease  listen.") == "I was there. Please listen."
    assert read_own_words("see www.shop.example") == OwnWordsProblem.LINK
    assert read_own_words("write to @someone") == OwnWordsProblem.LINK
    assert read_own_words("See bit.ly/3xYz now") == OwnWordsProblem.LINK
    assert read_own_words("a" * 501) == OwnWordsProblem.TOO_LONG
    assert read_own_words(" \u202e ") == OwnWordsProblem.EMPTY


@pytest.mark.parametrize(
    "typed",
    [
        "I love it.Me too",
        "No.We will not.",
        "It costs 3.5.",
        "Trees, birds etc.And people, e.g. my mother, a.k.a. the boss.",
        "我愛香港。我們不會放棄。",
    ],
)
def test_a_missing_space_is_no_link(typed: str) -> None:
    assert read_own_words(typed) == typed


def test_a_subject_has_one_line() -> None:
    assert read_subject("Please\nlisten") == "Please listen"
    assert read_subject("a" * 101) == OwnWordsProblem.TOO_LONG
    assert read_subject("Go to t.me/river") == OwnWordsProblem.LINK


def test_lengths_are_counted_as_telegram_counts_them() -> None:
    assert read_own_words("🙂" * 250) == "🙂" * 250
    assert read_own_words("🙂" * 251) is OwnWordsProblem.TOO_LONG
    assert read_rewritten("𠮷" * 1501) is OwnWordsProblem.TOO_LONG


def test_a_rewritten_letter_keeps_its_lines() -> None:
    assert read_rewritten(" Dear Ana,\r\n\r\nplease\tlisten.\x07\u202e\n") == (
        "Dear Ana,\n\nplease listen."
    )
    assert read_rewritten("Dear Ana,\n\nread example.com") is OwnWordsProblem.LINK


def test_a_rewritten_letter_may_keep_the_links_of_the_original() -> None:
    original = "Read https://river.example/report and river.org."
    assert read_rewritten("See river.org", original) == "See river.org"
    assert read_rewritten("See river.org, bit.ly", original) is OwnWordsProblem.LINK


def test_signs_newer_than_this_python_are_kept() -> None:
    assert read_own_words("Tears \U0001fae8\U0001fae9") == "Tears \U0001fae8\U0001fae9"


@given(st.text(max_size=150))
def test_results_contain_no_control_characters(text: str) -> None:
    for value in (read_own_words(text), read_subject(text)):
        assert not any(unicodedata.category(sign) in ("Cc", "Co", "Cs") for sign in value)
        assert "\u202e" not in value
