"""Signatures, judged by dkimpy."""

import re
from base64 import b64encode
from datetime import timedelta
from email import message_from_bytes
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.authentication.dkim import SIGNED_HEADERS, relaxed_body, relaxed_field
from tests.bot.mail.signatures import DOMAIN, SIGNER, holds
from tests.storage.people import NOW

LETTER = (
    b"Date: Fri, 21 Jun 2019 14:02:00 +0000\r\n"
    b"Message-ID: <token@send.example>\r\n"
    b"From: =?utf-8?b?5p2O5bCP6b6Z?=\r\n <a-token@send.example>\r\n"
    b"Sender: River Friends <actions@send.example>\r\n"
    b"Reply-To: Maria <maria@mail.example>\r\n"
    b"To: Minister <minister@gov.example>\r\n"
    b"Subject: The\t river,\r\n  and  the sea \r\n"
    b"X-Report-Abuse: <mailto:actions@send.example>\r\n"
    b"Auto-Submitted: auto-generated\r\n"
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: text/plain; charset="utf-8"\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\n"
    b"Content-Language: pt\r\n"
    b"Feedback-ID: river:letter:actionbot\r\n"
    b"\r\n"
    b"Deixem  o rio\tcorrer: =C3=A1gua =C3=A9 vida. \r\n\r\n..\r\n\r\n"
)
ABSENT = b"From: a@send.example\r\nSubject: x\r\nReceived: by x.example\r\n\r\nText\r\n"
NAMES = st.sampled_from([*SIGNED_HEADERS, "X-Other", "received"])
WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=70)
SPACES = st.sampled_from([" ", "\t", "  ", " \t ", "\r\n ", "\r\n\t", " \r\n  "])
VALUES = st.lists(st.tuples(SPACES, WORDS).map("".join), min_size=1, max_size=5).map("".join)
ENDS = st.sampled_from(["", " ", "\t ", "  "])
HEADERS = st.lists(st.builds("{}:{}{}\r\n".format, NAMES, VALUES, ENDS), max_size=12).map("".join)
PIECES = [" ", "\t", "  ", "\r\n", "\r\n\r\n", ".", "=", "a", "From ", "=C3=A9", " \r\n", "b=;"]
BODIES = st.lists(st.sampled_from(PIECES) | WORDS, max_size=30).map("".join)


def signed(message: bytes) -> bytes:
    return SIGNER.sign(message, DOMAIN, NOW)


def on_the_wire(message: bytes) -> bytes:
    """Return `message` as SMTP brings it: its last line is ended (RFC 5321, section 4.1.1.4)."""
    return message if message.endswith(b"\r\n") else message + b"\r\n"


def tags(message: bytes) -> dict[str, str]:
    """Read the signature of a message as RFC 6376, section 3.2, tells."""
    value = str(message_from_bytes(message)["DKIM-Signature"])
    pairs = (tag.partition("=")[::2] for tag in re.sub(r"\s", "", value).split(";"))
    return dict(pairs)


def test_the_example_of_the_standard() -> None:
    """RFC 6376, section 3.4.5, example 1."""
    assert relaxed_field(b"A: X") == b"a:X\r\n"
    assert relaxed_field(b"B : Y\t\r\n\tZ  ") == b"b:Y Z\r\n"
    assert relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n") == b" C\r\nD E\r\n"


@pytest.mark.parametrize(
    ("body", "relaxed"),
    [
        (b"", b""),
        (b"\r\n", b""),
        (b" \t\r\n\r\n \r\n", b""),
        (b"a", b"a\r\n"),
        (b"a \t", b"a\r\n"),
        (b"\r\n a\r\n\r\nb \r\n \r\n", b"\r\n a\r\n\r\nb\r\n"),
    ],
)
def test_how_a_body_ends(body: bytes, relaxed: bytes) -> None:
    assert relaxed_body(body) == relaxed
    message = signed(b"From: a@send.example\r\n\r\n" + body)
    assert tags(message)["bh"] == b64encode(sha256(relaxed).digest()).decode()
    assert holds(on_the_wire(message))


def test_the_signature_stands_on_top_and_says_what_it_covers() -> None:
    message = signed(LETTER)
    assert message.startswith(b"DKIM-Signature: v=1; ")
    assert message.endswith(b"\r\n" + LETTER)
    assert max(map(len, message.split(b"\r\n"))) <= 78
    said = tags(message)
    assert sorted(said) == sorted(["v", "a", "c", "d", "s", "t", "h", "bh", "b"])
    assert (said["a"], said["c"]) == ("rsa-sha256", "relaxed/relaxed")
    assert (said["d"], said["s"]) == ("send.example", "river")
    assert said["t"] == str(int(NOW.timestamp()))
    assert said["h"].split(":") == [name for name in SIGNED_HEADERS for _ in range(2)]
    assert holds(message)


def test_headers_that_are_absent_or_there_twice_are_listed_once_more() -> None:
    twice = ABSENT.replace(b"Subject: x\r\n", b"Subject: x\r\nTo: a@b.example\r\nSubject: y\r\n")
    names = tags(signed(twice))["h"].split(":")
    assert [(name, names.count(name)) for name in SIGNED_HEADERS] == [
        (name, {"From": 2, "To": 2, "Subject": 3}.get(name, 1)) for name in SIGNED_HEADERS
    ]
    assert holds(signed(twice))


@given(HEADERS, BODIES)
def test_any_message_that_is_signed_is_verified(headers: str, body: str) -> None:
    message = f"From: a@send.example\r\n{headers}\r\n{body}".encode("ascii")
    assert holds(on_the_wire(signed(message)))


@pytest.mark.parametrize("name", SIGNED_HEADERS)
def test_no_letter_of_a_signed_header_can_be_changed(name: str) -> None:
    message = signed(LETTER)
    start = message.index(f"\r\n{name}: ".encode()) + len(f"\r\n{name}: ")
    end = start + len(re.split(rb"\r\n(?![ \t])", message[start:])[0])
    letters = [at for at in range(start, end) if message[at] > 0x20]
    assert letters
    changed = (message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :] for at in letters)
    assert [each for each in changed if holds(each)] == []


def test_no_letter_of_the_text_can_be_changed() -> None:
    message = signed(LETTER)
    text = range(message.index(b"\r\n\r\n") + 4, len(message))
    letters = [at for at in text if message[at] > 0x20]
    changed = (message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :] for at in letters)
    assert [each for each in changed if holds(each)] == []
    assert not holds(message + b"More.\r\n")


@pytest.mark.parametrize("name", SIGNED_HEADERS)
@pytest.mark.parametrize("original", [LETTER, ABSENT])
def test_no_signed_header_can_be_added_or_taken_away(name: str, original: bytes) -> None:
    message = signed(original)
    head, _, body = message.partition(b"\r\n\r\n")
    added = f"{name}: other@mail.example".encode()
    assert not holds(added + b"\r\n" + message)
    assert not holds(head + b"\r\n" + added + b"\r\n\r\n" + body)
    if f"\r\n{name}: ".encode() in head:
        assert not holds(message.replace(f"\r\n{name}: ".encode(), b"\r\nX-Gone: "))


def test_what_servers_add_and_fold_anew_does_no_harm() -> None:
    message = signed(LETTER)
    folded = message.replace(b"To: Minister <", b"to:   Minister\r\n\t<")
    assert folded != message
    assert holds(b"Received: from a by b;\r\n\tFri, 21 Jun 2019 14:02:01 +0000\r\n" + folded)


def test_another_domain_or_another_time_is_another_signature() -> None:
    assert not holds(SIGNER.sign(LETTER, "other.example", NOW))
    assert signed(LETTER) == signed(LETTER)
    later = SIGNER.sign(LETTER, DOMAIN, NOW + timedelta(seconds=1))
    assert later != signed(LETTER)
    assert holds(later)


@pytest.mark.parametrize(
    "message", [b"From: a\n\nb", b"From: a\r\n\r\nb\rc", b"From: \xc3\xa9\r\n\r\n", b"a\r\r\nb\r\n"]
)
def test_what_no_server_hands_on_unchanged_is_not_signed(message: bytes) -> None:
    with pytest.raises(ValueError, match="CRLF"):
        signed(message)


def test_no_key_shows_in_a_repr() -> None:
    assert repr(SIGNER) == "DkimSigner(selector='river')"
