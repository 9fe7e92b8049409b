import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.text.typed.address_guesses import guess_address, suggest
from conversations.text.typed.addresses import Address

GMAIL = "gmail.com"


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.cm", "gmail.com"),
        ("gmail.om", "gmail.com"),
        ("gmail.comm", "gmail.com"),
        ("gmail.cmo", "gmail.com"),
        ("gmail.com.com", "gmail.com"),
        ("gmail.com.br", "gmail.com"),
        ("www.gmail.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("googlemail.con", "googlemail.com"),
        ("hotmial.com", "hotmail.com"),
        ("hotnail.com", "hotmail.com"),
        ("hotmail.con", "hotmail.com"),
        ("hotmail.com.com", "hotmail.com"),
        ("outlok.com", "outlook.com"),
        ("outlook.cm", "outlook.com"),
        ("yahoo.co", "yahoo.com"),
        ("yahoo.om", "yahoo.com"),
        ("yaho.com", "yahoo.com"),
        ("yaho.co.uk", "yahoo.co.uk"),
        ("iclod.com", "icloud.com"),
        ("icloud.co", "icloud.com"),
        ("qq.con", "qq.com"),
        ("gmx.co", "gmx.com"),
        ("city.cmo", "city.com"),
        ("city.con", "city.com"),
        ("city.comm", "city.com"),
        ("city.ogr", "city.org"),
        ("city.nett", "city.net"),
    ],
)
def test_a_typing_error_in_a_domain_is_found(domain: str, meant: str) -> None:
    assert suggest(Address("maria", domain)) == Address("maria", meant)


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com",
        "mail.ru",
        "gmx.net",
        "gmx.at",
        "me.com",
        "ymail.com",
        "yahoo.ca",
        "yahoo.com.sg",
        "hotmail.com.ar",
        "live.co.uk",
        "outlook.jp",
        "vip.163.com",
        "city.example",
        "students.city.ac.uk",
        "company.co",
        "city.cm",
        "xn--t8jx73hngb.com",
    ],
)
def test_a_plausible_domain_is_not_corrected(domain: str) -> None:
    assert suggest(Address("maria", domain)) is None


@pytest.mark.parametrize(
    ("typed", "guessed"),
    [
        (f"ana @{GMAIL}", f"ana@{GMAIL}"),
        (f"ana@ {GMAIL}", f"ana@{GMAIL}"),
        (f"ana\u00a0@\u00a0{GMAIL}", f"ana@{GMAIL}"),
        ("ana@gmail .com", f"ana@{GMAIL}"),
        ("ana@gmail. com", f"ana@{GMAIL}"),
        ("ana @ gmail . com", f"ana@{GMAIL}"),
        ("ana@gmail com", f"ana@{GMAIL}"),
        ("ana@gmail", f"ana@{GMAIL}"),
        ("ana@gmailcom", f"ana@{GMAIL}"),
        ("ana@gmail,com", f"ana@{GMAIL}"),
        ("ana@gmail..com", f"ana@{GMAIL}"),
        ("ana@gmial,con", f"ana@{GMAIL}"),
        (f"ana@@{GMAIL}", f"ana@{GMAIL}"),
        (f"@ana@{GMAIL}", f"ana@{GMAIL}"),
        (f"ana.@{GMAIL}", f"ana@{GMAIL}"),
        (f"ana..silva@{GMAIL}", f"ana.silva@{GMAIL}"),
        (f"ana{GMAIL}", f"ana@{GMAIL}"),
        (f"ana.silva {GMAIL}", f"ana.silva@{GMAIL}"),
        ("ana%40mail.example", "ana@mail.example"),
        ("ana at example dot org", "ana@example.org"),
        ("ana AT mail DOT example", "ana@mail.example"),
        ("ana (at) mail (dot) example", "ana@mail.example"),
        ("ana[at]mail.example", "ana@mail.example"),
        ("ana dot silva at mail dot example", "ana.silva@mail.example"),
        ("ana小老鼠mail點example", "ana@mail.example"),
        ("我的電郵是ana@mail.example", "ana@mail.example"),
        (f"ana@{GMAIL}謝謝", f"ana@{GMAIL}"),
        ("http://ana@mail.example", "ana@mail.example"),
        ("ana@mail .example", "ana@mail.example"),
        ("ana silva@mail.example", "silva@mail.example"),
    ],
)
def test_an_address_is_guessed(typed: str, guessed: str) -> None:
    assert str(guess_address(typed)) == guessed


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ana",
        "yes",
        "I am at work",
        "me@home",
        "@",
        "@ana",
        "ana@",
        "ana@gm\u0430il.com",
        "ana@127.0.0.1",
        '"ana silva"@mail.example',
        "=?utf-8?q?=40evil.com=00?=@mail.example",
        "ma\u202eria@mail.example",
        "a" * 400 + " at mail.example",
    ],
)
def test_nothing_is_guessed_from_other_texts(typed: str) -> None:
    assert guess_address(typed) is None


@given(st.text(alphabet="an@ .dotcm:/=?。我\u200b\u202e", max_size=60) | st.text(max_size=100))
def test_a_guess_is_an_address_or_nothing(text: str) -> None:
    guessed = guess_address(text)
    assert guessed is None or (guessed.local and "." in guessed.domain)
