"""The address of our mail server, and the words of servers."""

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.smtp.server import (
    ServerUrlError,
    SmtpServer,
    Tls,
    parse_smtp_url,
)
from bot.mail.smtp.smtp_replies import redact

_CHARACTERS = st.characters(exclude_characters="@%")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "smtps://river:secret@mail.example:2465",
            SmtpServer("mail.example", 2465, Tls.IMPLICIT, "river", "secret"),
        ),
        ("smtps://mail.example", SmtpServer("mail.example", 465, Tls.IMPLICIT)),
        ("smtp://mail.example/", SmtpServer("mail.example", 587, Tls.STARTTLS)),
        (
            "smtp://a%40b:p%2F%3F%23%40@mail.example",
            SmtpServer("mail.example", 587, Tls.STARTTLS, "a@b", "p/?#@"),
        ),
        (
            "smtp://a@b:p@ss@mail.example",
            SmtpServer("mail.example", 587, Tls.STARTTLS, "a@b", "p@ss"),
        ),
        ("smtps://[2001:db8::1]:465", SmtpServer("2001:db8::1", 465, Tls.IMPLICIT)),
        ("smtp+plain://localhost", SmtpServer("localhost", 25, Tls.NONE)),
        ("smtp+plain://127.0.0.1:2525", SmtpServer("127.0.0.1", 2525, Tls.NONE)),
        ("smtp+plain://[::1]:2525", SmtpServer("::1", 2525, Tls.NONE)),
    ],
)
def test_the_address_of_the_server_is_read(url: str, expected: SmtpServer) -> None:
    assert parse_smtp_url(url) == expected


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "Write smtps://"),
        ("mail.example:465", "Write smtps://"),
        ("https://river:secret@mail.example", "Write smtps://"),
        ("smtps://", "Write smtps://"),
        ("smtps://river:secret@", "Write smtps://"),
        ("smtps://river:secret@mail.example:0x1", "The port"),
        ("smtps://river:secret@mail.example:70000", "The port"),
        ("smtps://river:secret@[::1", "The host name"),
        ("smtps://river:secret@mail℀.example", "The host name"),
        ("smtps://river:12#secret@mail.example", "Write / ? # in a password"),
        ("smtps://river:12/secret@mail.example", "Write / ? # in a password"),
        ("smtps://river:12?secret@mail.example", "Write / ? # in a password"),
        ("smtps://river:secret@mail.example/path", "Write / ? # in a password"),
        ("smtp+plain://river:secret@mail.example", "smtp+plain:// is for this machine"),
        ("smtp+plain://127.0.0.1.mail.example", "smtp+plain:// is for this machine"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_without_the_password(url: str, why: str) -> None:
    with pytest.raises(ServerUrlError) as raised:
        parse_smtp_url(url)
    assert str(raised.value).startswith(why)
    assert "secret" not in "".join(traceback.format_exception(raised.value))


def test_a_server_shows_no_password() -> None:
    assert "secret" not in repr(parse_smtp_url("smtps://river:secret@mail.example"))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("5.1.1 <maria@mail.example>: User unknown", "5.1.1 … User unknown"),
        ('no "maria silva"@mail.example here', "no … here"),
        ("see https://x.example/?a=maria%40mail.example&b", "see …"),
        ("first\nsecond\r\n\tthird", "first second third"),
        ("a\0b\udce9c\u202ed", "a b c d"),
        ("x" * 295 + " maria@mail.example", "x" * 295 + " …"),
        ("x" * 400, "x" * 300),
    ],
)
def test_the_words_of_servers_keep_no_address(said: str, kept: str) -> None:
    assert redact(said) == kept


def test_one_long_word_is_soon_read() -> None:
    """To begin anew at each of its letters would take minutes."""
    assert redact("x" * 500_000) == "x" * 300


@given(st.text(_CHARACTERS), st.text(_CHARACTERS))
def test_whatever_a_server_says_can_be_kept(before: str, after: str) -> None:
    kept = redact(f"{before}maria@mail.example{after}")
    assert "maria" not in kept
    assert "@" not in kept
    assert kept.encode().decode() == kept
    assert "\0" not in kept
    assert len(kept) <= 300
