"""What a mail came for: the address of ours that it came to, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.incoming.forwarding import prepare_reply
from bot.mail.incoming.inbound_mail import find_own_address
from bot.mail.incoming.mail_text import readable_text
from bot.mail.incoming.meaning import Meaning, read_meaning
from bot.mail.messages.envelopes import AddressPurpose, Envelopes
from bot.mail.messages.headers import parse
from storage.crypto.keys import Keyring
from tests.vaults import FIRST_DAY, make_vault

ENVELOPES = Envelopes(make_vault(), "send.example")
OWNER, CODE = (AddressPurpose.OWNER, "e" * 32), (AddressPurpose.CODE, "c" * 32)
ADDRESS = ENVELOPES.address(*OWNER)
LETTER = ENVELOPES.address(AddressPurpose.LETTER, "a" * 32)

NAMES = [
    "To",
    "Cc",
    "From",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Precedence",
    "Return-Path",
    "X-Autoreply",
    "Content-Type",
    "Content-Disposition",
    "Content-Transfer-Encoding",
]
BITS = [
    *(b"<", b">", b",", b";", b":", b'"', b"(", b")", b"@", b"[", b"]", b"=", b"*", b"'", b"\\"),
    *(b" ", b"\t", b"\r", b"\n", b"\r\n ", b"\0", b"\xff", b"\xc3\xa9", b".", b"x", b"7"),
    *(b"=?utf-8?q?", b"=?", b"?=", b"=41", b"text/plain", b"multipart/report", b"boundary=x"),
    *(b"charset*0=", b"charset=", b"no", b"auto-replied", ADDRESS.encode()),
]
VALUES = st.lists(st.sampled_from(BITS), max_size=9).map(b"".join)


def mail(*headers: str, body: str = "It was not me!") -> bytes:
    return "\r\n".join([*headers, "", body]).encode()


def meaning(raw: bytes) -> Meaning:
    """Return what a reply to a code means."""
    purpose = AddressPurpose.OWNER
    return read_meaning(parse(raw), raw, purpose, "send.example", lambda _: True).meaning


def found(raw: bytes, recipients: tuple[str, ...] = ()) -> tuple[AddressPurpose, str] | None:
    return find_own_address(parse(raw), ENVELOPES, recipients)


def test_the_recipient_is_found() -> None:
    assert found(mail(f"To: {ADDRESS}")) == OWNER


@pytest.mark.parametrize(
    "headers",
    [
        [f"To: River Friends <{ADDRESS}>"],
        [f'To: "River, Friends" <{ADDRESS.upper()}>'],
        [f"To: =?utf-8?q?R=C3=ADo?=\r\n <{ADDRESS}>"],
        ["To: people@river.example", f"Cc: x@y.example,\r\n {ADDRESS}"],
        ["To: people@river.example", f"To: {ADDRESS}"],
        [f"To: actions@send.example, {ADDRESS}"],
        ["To: people@river.example", f"Delivered-To: {ADDRESS}"],
        ["To: people@river.example", f"X-Original-To: {ADDRESS}"],
        [
            "From MAILER-DAEMON Sun Jun 21 14:02:00 2026",
            "Return-path: <>",
            f"Envelope-to: {ADDRESS}",
        ],
        [f"To: {ADDRESS}", "Auto-Submitted: No"],
        [f"To: {ADDRESS}", "Return-Path: <maria@mail.example>"],
        [f"To: {ADDRESS}", 'Content-Type: multipart/alternative; boundary="x"'],
    ],
)
def test_our_address_is_found_wherever_it_stands(headers: list[str]) -> None:
    assert found(mail(*headers)) == OWNER


def test_the_envelope_comes_first() -> None:
    sender = ENVELOPES.address(*CODE)
    raw = mail(f"To: {ADDRESS}")
    assert found(raw, (sender,)) == CODE
    assert found(raw, ("actions@send.example",)) == OWNER
    assert found(mail("To: undisclosed-recipients:;"), (ADDRESS,)) == OWNER


@pytest.mark.parametrize(
    "headers",
    [
        ["Auto-Submitted: auto-replied"],
        ["Auto-Submitted: auto-generated; owner-email=maria@mail.example"],
        ["Precedence: auto_reply"],
        ["X-Autoreply: yes"],
        ["Return-Path: <>"],
        ["Return-Path: <MAILER-DAEMON>"],
        ["Content-Type: multipart/report; report-type=delivery-status; boundary=x"],
        ["Content-Type: message/delivery-status"],
    ],
)
def test_what_answers_by_itself_denies_nothing(headers: list[str]) -> None:
    assert meaning(mail(*headers, f"To: {ADDRESS}")) is Meaning.UNCLEAR


def test_a_clerks_mail_in_bulk_denies() -> None:
    assert meaning(mail("Precedence: Bulk", f"To: {ADDRESS}")) is Meaning.PERSON


def test_what_is_forged_or_meant_for_others_stands_for_nothing() -> None:
    other = Envelopes(make_vault(Keyring(FIRST_DAY, b"1" * 32, b"x" * 32)), "send.example")
    here, there = (ENVELOPES.public_id(AddressPurpose.OWNER, each * 32) for each in "ef")
    forged = ADDRESS.replace(here, there)
    for address in (other.address(*OWNER), forged, "actions@send.example"):
        assert found(mail(f"To: {address}")) is None
        assert found(mail("Subject: x"), (address,)) is None
    assert found(mail("Subject: x", body=f"To: {ADDRESS}")) is None
    assert found(mail(f"From: {ADDRESS}")) is None


def test_text_is_found_below_long_attachments() -> None:
    """Runs of Base64 are shortened, so that what follows is within the part that is parsed."""
    lines = b"\r\n".join([b"QUJD" * 19] * 30_000)
    part = b"--e\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    raw = b"Content-Type: multipart/mixed; boundary=e\r\n\r\n" + (part + lines + b"\r\n") * 2
    raw += b"--e\r\nContent-Type: text/html\r\n\r\n<p>See you on <b>Monday</b>.</p>\r\n--e--\r\n"
    assert len(raw) > 4_000_000
    assert readable_text(parse(raw)) == "See you on Monday."


def test_only_the_beginning_of_a_huge_mail_is_read() -> None:
    raw = mail(f"To: {ADDRESS}", body="x" * 2_000_000)
    assert found(raw) == OWNER
    assert found(b"X: " + b"x" * 1_000_000 + b"\r\n" + raw) is None


@given(st.binary())
def test_garbage_stands_for_nothing(raw: bytes) -> None:
    assert found(raw) is None


@given(st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=4), st.binary(max_size=20))
def test_whatever_comes_is_read_or_not(headers: list[tuple[str, bytes]], body: bytes) -> None:
    raw = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in headers)
    assert found(raw + b"\r\n" + body) in (None, OWNER)
    assert found(raw + b"\r\n" + body, (ADDRESS,)) in (None, OWNER)
    message = parse(raw + b"\r\n" + body)
    assert meaning(raw) in Meaning
    for full in (False, True):
        said = prepare_reply(message, ["send.example"], full=full)
        assert all(line.isascii() for line in said.thread)
        lines = (said.subject, said.address, *said.text.splitlines(), *said.html.splitlines())
        assert not [each for line in lines for each in line if each in "\0\x1b\x85\u202e"]
