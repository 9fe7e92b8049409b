import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.text.typed_answers import (
    Address,
    AddressProblem,
    CodeProblem,
    NameProblem,
    OwnWordsProblem,
    canonical,
    read_address,
    read_code,
    read_name,
    read_own_words,
    read_rewritten,
    suggest,
)


@pytest.mark.parametrize(
    "name",
    [
        "Maria Silva",
        "O’Neill",
        "Jean-Luc",
        "Nguyễn Văn A",
        "J. R. R. Tolkien",
        "van 't Hoff",
        "陳小芳",
        "محمد علی",
        "می\u200cرضا",
        "தமிழ்",
        "สมชาย",
        "Ólafur Þór",
    ],
)
def test_real_names_are_accepted_unchanged(name: str) -> None:
    assert read_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", NameProblem.EMPTY),
        ("   ", NameProblem.EMPTY),
        ("12345", NameProblem.SIGNS),
        ("Maria <b>", NameProblem.SIGNS),
        ("Maria\u202eavliS", NameProblem.SIGNS),
        ("Maria\u200c", NameProblem.SIGNS),
        ("buy at www.shop.example", NameProblem.LINK),
        ("maria@mail.example", NameProblem.LINK),
        ("a" * 101, NameProblem.TOO_LONG),
        ("𠮷" * 51, NameProblem.TOO_LONG),
    ],
)
def test_an_invalid_name_has_a_reason(typed: str, problem: NameProblem) -> None:
    assert read_name(typed) == problem


def test_spaces_in_a_name_are_folded() -> None:
    assert read_name("  Maria \n  Silva ") == "Maria Silva"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("maria@mail.example", Address("maria", "mail.example")),
        (" <Maria@MAIL.example>. ", Address("Maria", "mail.example")),
        ("mailto:maria@mail.example", Address("maria", "mail.example")),
        ("maria@bücher.example", Address("maria", "xn--bcher-kva.example")),
    ],
)
def test_pasted_addresses_are_read(typed: str, address: Address) -> None:
    assert read_address(typed) == address


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("maria", AddressProblem.NOT_AN_ADDRESS),
        ("maria@", AddressProblem.NOT_AN_ADDRESS),
        ("maria@mail.example\r\nBcc: x@y.example", AddressProblem.NOT_AN_ADDRESS),
        ("ma\u202eria@mail.example", AddressProblem.NOT_AN_ADDRESS),
        ("müller@mail.example", AddressProblem.NOT_AN_ADDRESS),
        ("maria@gm\u0430il.example", AddressProblem.LOOK_ALIKE),
    ],
)
def test_an_invalid_address_has_a_reason(typed: str, problem: AddressProblem) -> None:
    assert read_address(typed) == problem


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("hotnail.com", "hotmail.com"),
        ("yaho.co.uk", "yahoo.co.uk"),
        ("gmail.con", "gmail.com"),
        ("qq.con", "qq.com"),
    ],
)
def test_a_typing_error_in_a_domain_is_found(domain: str, meant: str) -> None:
    assert suggest(Address("maria", domain)) == Address("maria", meant)


@pytest.mark.parametrize("domain", ["gmail.com", "mail.ru", "city.example", "gmx.net", "me.com"])
def test_a_plausible_domain_is_not_corrected(domain: str) -> None:
    assert suggest(Address("maria", domain)) is None


def test_one_mailbox_has_one_canonical_address() -> None:
    assert canonical(Address("Maria", "mail.example")) == "maria@mail.example"
    assert canonical(Address("m.aria+x", "googlemail.com")) == "maria@gmail.com"
    assert canonical(Address("m.aria+x", "mail.example")) == "m.aria+x@mail.example"


@pytest.mark.parametrize(
    "typed",
    [
        "48210937",
        "4821 0937",
        "4821-0937",
        " 4 8 2 1 0 9 3 7 ",
        "٤٨٢١ ٠٩٣٧",
        "４８２１０９３７",
        "4821 0937 is your code for the letter",
    ],
)
def test_codes_are_read_in_many_spellings(typed: str) -> None:
    assert read_code(typed) == "48210937"


def test_a_telegram_login_code_is_refused() -> None:
    assert read_code("48210") == CodeProblem.TELEGRAM
    assert read_code("4 8 2 1 0") == CodeProblem.TELEGRAM
    assert read_code("maria@mail.example") == CodeProblem.NOT_A_CODE


def test_own_words_are_one_paragraph_without_links() -> None:
    assert read_own_words("I was there.\n\nPlease  listen.") == "I was there. Please listen."
    assert read_own_words("see www.shop.example") == OwnWordsProblem.LINK
    assert read_own_words("write to @someone") == OwnWordsProblem.LINK
    assert read_own_words("a" * 501) == OwnWordsProblem.TOO_LONG
    assert read_own_words(" \u202e ") == OwnWordsProblem.EMPTY


@given(st.text(max_size=150))
def test_results_contain_no_control_characters(text: str) -> None:
    for value in (read_name(text), read_own_words(text), str(read_address(text))):
        assert not any(unicodedata.category(sign) in ("Cc", "Co", "Cs") for sign in value)
        assert "\u202e" not in value
    read_code(text)


def test_lengths_are_counted_as_telegram_counts_them() -> None:
    assert read_own_words("🙂" * 250) == "🙂" * 250
    assert read_own_words("🙂" * 251) is OwnWordsProblem.TOO_LONG
    assert read_rewritten("𠮷" * 1501) is OwnWordsProblem.TOO_LONG
