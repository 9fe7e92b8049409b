import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.text.typed.addresses import (
    Address,
    AddressProblem,
    canonical,
    is_certain,
    limited_domain,
    parse_address,
    read_address,
    readable,
    to_ascii,
)
from tests.domains import GMAIL, GOOGLEMAIL, HOTMAIL_AR, MAC, ME, PM, PROTONMAIL, UNIVERSITY

ANA = Address("ana", "mail.example")


@pytest.mark.parametrize(
    "typed",
    [
        "ana@mail.example",
        "ana＠mail.example",
        "ana＠ｍａｉｌ．ｅｘａｍｐｌｅ",
        "ana﹫mail.example",
        "ana@mail。example",
        "ana@MAIL.Example",
        "ana@mail.example。",
        "ana@mail.example.",
        "ana@mail.example,",
        "ana@mail.example，",
        "ana@mail.example、",
        "ana@mail.example;",
        "ana@mail.example!",
        "ana@mail.example…",
        "ana@mail.example>",
        "ana@mail.example/",
        "\u200eana@mail.example",
        "ana@mail.example\u200f",
        "\ufeffana@\u200bmail.example\u2060",
        "\u202aana@mail.example\u202c",
        "ana\u00ad@mail.example",
        "\u00a0ana@mail.example\u3000",
        "\nana@mail.example\n",
        "<ana@mail.example>",
        " <ana@mail.example>. ",
        "Ana <ana@mail.example>",
        '"Silva, Ana" <ana@mail.example>',
        "Ana Silva<ana@mail.example>",
        "ana@mail.example <ana@mail.example>",
        "ana@mail.example <mailto:ana@mail.example>",
        "mailto:ana@mail.example",
        "MAILTO:ana@mail.example",
        "mailto:ana@mail.example?subject=River",
        "email: ana@mail.example",
        "Email:ana@mail.example",
        "E-mail：ana@mail.example",
        "電郵：ana@mail.example",
        "my email is ana@mail.example",
        "It's ana@mail.example, thank you",
        "ana@mail.example thanks",
        "我的電郵是 ana@mail.example",
        "Ana\nana@mail.example",
        "'ana@mail.example'",
        "“ana@mail.example”",
        "「ana@mail.example」",
        "(ana@mail.example)",
        "[ana@mail.example]",
        "`ana@mail.example`",
        "**ana@mail.example**",
        "_ana@mail.example_",
        "• ana@mail.example",
        "1. ana@mail.example",
        "ana@mail.example (private)",
        "ana@mail.example ana@mail.example",
    ],
)
def test_a_pasted_address_is_read(typed: str) -> None:
    assert read_address(typed) == ANA
    assert is_certain(typed)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ana@bücher.example", Address("ana", "xn--bcher-kva.example")),
        ("ana@お名前.com", Address("ana", "xn--t8jx73hngb.com")),
        ("ana@例えabc.jp", Address("ana", "xn--abc-763b408n.jp")),
        ("ana@한국abc.com", Address("ana", "xn--abc-lt8lk11n.com")),
        ("ana@例え.みんな", Address("ana", "xn--r8jz45g.xn--q9jyb4c")),
        ("ana@яндекс.рф", Address("ana", "xn--d1acpjx3f.xn--p1ai")),
        ("ana@почта.com", Address("ana", "xn--80a1acny.com")),
        ("ana@my‑mail.example", Address("ana", "my-mail.example")),
        ("o’brien@mail.example", Address("o'brien", "mail.example")),
        ("Ana.Silva+river@mail.example", Address("Ana.Silva+river", "mail.example")),
    ],
)
def test_addresses_of_many_kinds_are_read(typed: str, address: Address) -> None:
    assert read_address(typed) == address
    assert is_certain(typed)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("ana", AddressProblem.NOT_AN_ADDRESS),
        ("ana@", AddressProblem.NOT_AN_ADDRESS),
        ("@mail.example", AddressProblem.NOT_AN_ADDRESS),
        ("ana@mail", AddressProblem.NOT_AN_ADDRESS),
        ("ana@127.0.0.1", AddressProblem.NOT_AN_ADDRESS),
        ("ana@[127.0.0.1]", AddressProblem.NOT_AN_ADDRESS),
        ("ana@mail.謝謝", AddressProblem.NOT_AN_ADDRESS),
        ("ma\u202eria@mail.example", AddressProblem.NOT_AN_ADDRESS),
        ("ana\x00@mail.example", AddressProblem.NOT_AN_ADDRESS),
        ("=?utf-8?q?=40evil.com=00?=@mail.example", AddressProblem.NOT_AN_ADDRESS),
        ("=?utf-8?b?YW5h?=@mail.example", AddressProblem.NOT_AN_ADDRESS),
        ('"ana"@mail.example', AddressProblem.NOT_AN_ADDRESS),
        ('"ana silva"@mail.example', AddressProblem.NOT_AN_ADDRESS),
        ("ana(work)@mail.example", AddressProblem.NOT_AN_ADDRESS),
        ("http://ana@mail.example", AddressProblem.NOT_AN_ADDRESS),
        ("ana@mail.example\r\nBcc: x@y.example", AddressProblem.SEVERAL),
        ("ana@mail.example or bob@mail.example", AddressProblem.SEVERAL),
        ("ana@mail.example <bob@mail.example>, <x@y.example>", AddressProblem.SEVERAL),
        ("müller@mail.example", AddressProblem.LOCAL_PART),
        ("用户@例子.中国", AddressProblem.LOCAL_PART),
        ("\u0430na@mail.example", AddressProblem.LOOK_ALIKE),
        ("ana@gm\u0430il.example", AddressProblem.LOOK_ALIKE),
        ("ana@gmail.\u0441om", AddressProblem.LOOK_ALIKE),
        ("ana@аррӏе.com", AddressProblem.LOOK_ALIKE),
        ("ana@λhello.example", AddressProblem.LOOK_ALIKE),
    ],
)
def test_an_invalid_address_has_a_reason(typed: str, problem: AddressProblem) -> None:
    assert read_address(typed) == problem


@pytest.mark.parametrize(
    "typed", ["ana silva@mail.example", "Ana ana@mail.example", "ana@mail.co .uk"]
)
def test_an_address_after_other_words_may_be_a_part_of_one(typed: str) -> None:
    assert isinstance(read_address(typed), Address)
    assert not is_certain(typed)


def test_only_an_address_by_itself_is_parsed() -> None:
    assert parse_address("ana@mail.example") == ANA
    assert parse_address("ana@mail.example.") == AddressProblem.NOT_AN_ADDRESS
    assert parse_address("<ana@mail.example>") == AddressProblem.NOT_AN_ADDRESS


def test_a_domain_is_written_in_ascii_and_shown_in_its_letters() -> None:
    assert to_ascii("ana@bücher.example") == "ana@xn--bcher-kva.example"
    assert readable("ana@xn--bcher-kva.example") == "ana@bücher.example"
    assert readable("xn--t8jx73hngb.com") == "お名前.com"
    assert readable("ana@mail.example") == "ana@mail.example"
    assert readable("ana@xn--\u00df.example") == "ana@xn--\u00df.example"


YAHOO, PROTON, FASTMAIL = "yahoo.fr", "proton.me", "fastmail.com"


@pytest.mark.parametrize(
    ("spellings", "mailbox"),
    [
        (("Maria@mail.example", "maria+x@mail.example", "MARIA+x+y@mail.example"), "mail.example"),
        ((f"m.aria@{GMAIL}", f"maria+a@{GOOGLEMAIL}", f"m.a.r.i.a+b@{GOOGLEMAIL}"), GMAIL),
        ((f"ma-ri_a@{PROTON}", f"m.aria+x@{PROTONMAIL}", f"maria@{PM}"), PROTON),
        ((f"maria-shop@{YAHOO}", f"maria-news+x@{YAHOO}"), YAHOO),
        ((f"shop@maria.{FASTMAIL}", f"maria+shop@{FASTMAIL}"), FASTMAIL),
        ((f"maria@{ME}", f"maria+x@{MAC}"), "icloud.com"),
    ],
)
def test_one_mailbox_has_one_canonical_address(spellings: tuple[str, ...], mailbox: str) -> None:
    """The same text comes out when it is read again."""
    found = {canonical(Address(*spelling.rsplit("@", 1))) for spelling in spellings}
    assert found == {f"maria@{mailbox}"}
    assert canonical(Address("maria", mailbox)) == f"maria@{mailbox}"


@pytest.mark.parametrize(
    "address",
    [
        "ma.ria@mail.example",
        "jean-paul@mail.example",
        "+@mail.example",
        "x@maria.mail.example",
        f"...@{GMAIL}",
        f"-@{YAHOO}",
    ],
)
def test_what_may_be_another_mailbox_stays_another(address: str) -> None:
    assert canonical(Address(*address.rsplit("@", 1))) == address


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("maria@mail.example", "mail.example"),
        (f"maria@{UNIVERSITY}", "uni.ac.uk"),
        (f"maria@{GMAIL}", ""),
        (f"x@maria.{FASTMAIL}", ""),
        (f"maria@{HOTMAIL_AR}", ""),
        ("maria@localhost", "localhost"),
    ],
)
def test_the_domain_whose_codes_are_limited(address: str, domain: str) -> None:
    assert limited_domain(address) == domain


@given(st.text(max_size=150) | st.from_regex(r"[^a]{0,9}ana@mail\.[a-z]{2,3}[^a]{0,9}"))
def test_an_address_that_is_read_is_one_in_ascii(text: str) -> None:
    address = read_address(text)
    if isinstance(address, Address):
        assert str(address).isascii()
        assert str(address).isprintable()
        assert not set(str(address)) & set(' <>"(),:;[]\\')
        assert parse_address(str(address)) == address
