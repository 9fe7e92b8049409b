"""Answers to a code's mail: who says “this wasn't me”, and what merely answers by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.envelopes import Envelopes, Stands
from bot.mail.incoming import disowned
from storage.keys import Keyring
from storage.vault import Vault

ENVELOPES = Envelopes(Vault(Keyring({1: b"1" * 32}, b"h" * 32)), "send.example")
OWNER, CODE = (Stands.OWNER, "e" * 32), (Stands.CODE, "c" * 32)
ADDRESS = ENVELOPES.address(*OWNER)
LETTER = ENVELOPES.address(Stands.LETTER, "a" * 32)

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


def test_who_answers_disowns() -> None:
    assert disowned(mail(f"To: {ADDRESS}"), ENVELOPES) == OWNER


@pytest.mark.parametrize(
    "headers",
    [
        [f"To: River Friends <{ADDRESS}>"],
        [f'To: "River, Friends" <{ADDRESS.upper()}>'],
        [f"To: =?utf-8?q?R=C3=ADo?=\r\n <{ADDRESS}>"],
        ["To: people@river.example", f"Cc: x@y.example,\r\n {ADDRESS}"],
        ["To: people@river.example", f"To: {ADDRESS}"],
        [f"To: {LETTER}, {ADDRESS}"],
        [f"To: {ADDRESS}", "Auto-Submitted: No"],
        [f"To: {ADDRESS}", "Return-Path: <maria@mail.example>"],
        [f"To: {ADDRESS}", 'Content-Type: multipart/alternative; boundary="x"'],
    ],
)
def test_our_address_is_found_wherever_it_stands(headers: list[str]) -> None:
    assert disowned(mail(*headers), ENVELOPES) == OWNER


def test_the_envelope_comes_first() -> None:
    sender = ENVELOPES.address(*CODE)
    raw = mail(f"To: {ADDRESS}")
    assert disowned(raw, ENVELOPES, (sender,)) == CODE
    assert disowned(raw, ENVELOPES, ("actions@send.example",)) == OWNER
    assert disowned(mail("To: undisclosed-recipients:;"), ENVELOPES, (ADDRESS,)) == OWNER


@pytest.mark.parametrize(
    "headers",
    [
        ["Auto-Submitted: auto-replied"],
        ["Auto-Submitted: auto-generated; owner-email=maria@mail.example"],
        ["Precedence: auto_reply"],
        ["Precedence: Bulk"],
        ["X-Autoreply: yes"],
        ["Return-Path: <>"],
        ["Return-Path: <MAILER-DAEMON>"],
        ["Content-Type: multipart/report; report-type=delivery-status; boundary=x"],
        ["Content-Type: message/delivery-status"],
    ],
)
def test_what_answers_by_itself_disowns_nothing(headers: list[str]) -> None:
    raw = mail(*headers, f"To: {ADDRESS}")
    assert disowned(raw, ENVELOPES) is None
    assert disowned(raw, ENVELOPES, (ADDRESS,)) is None


def test_what_is_forged_or_meant_for_others_disowns_nothing() -> None:
    other = Envelopes(Vault(Keyring({1: b"1" * 32}, b"x" * 32)), "send.example")
    here, there = (ENVELOPES.shown(Stands.OWNER, each * 32) for each in "ef")
    forged = ADDRESS.replace(here, there)
    for address in (other.address(*OWNER), forged, LETTER, "actions@send.example"):
        assert disowned(mail(f"To: {address}"), ENVELOPES) is None
        assert disowned(mail("Subject: x"), ENVELOPES, (address,)) is None
    assert disowned(mail("Subject: x", body=f"To: {ADDRESS}"), ENVELOPES) is None
    assert disowned(mail(f"From: {ADDRESS}"), ENVELOPES) is None


def test_only_the_beginning_of_a_huge_mail_is_read() -> None:
    raw = mail(f"To: {ADDRESS}", body="x" * 2_000_000)
    assert disowned(raw, ENVELOPES) == OWNER
    assert disowned(b"X: " + b"x" * 1_000_000 + b"\r\n" + raw, ENVELOPES) is None


@given(st.binary())
def test_garbage_disowns_nothing(raw: bytes) -> None:
    assert disowned(raw, ENVELOPES) is None


@given(st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=4), st.binary(max_size=20))
def test_whatever_comes_is_read_or_not(headers: list[tuple[str, bytes]], body: bytes) -> None:
    raw = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in headers)
    assert disowned(raw + b"\r\n" + body, ENVELOPES) in (None, OWNER)
    assert disowned(raw + b"\r\n" + body, ENVELOPES, (ADDRESS,)) in (None, OWNER)
