"""Reports of mail servers: what failed for good and for whom, delays, and no reports at all."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.incoming.bounces import ReportKind, ServerReport, read_report
from bot.mail.incoming.forwarding import prepare_reply
from bot.mail.messages.headers import addresses, parse
from tests import returned
from tests.returned import Shape
from tests.returned_words import IN_WORDS

TO = "a-1@send.example"
ABOUT = "minister@far.example"
OTHER = "former.clerk@far.example"
SHAPES = list(returned.FOR_GOOD)


def report(raw: bytes, about: str = ABOUT) -> ServerReport | None:
    """Read a report on an email that was sent to `about`."""
    return read_report(parse(raw), raw, lambda address: address.lower() == about)


def kind(raw: bytes, about: str = ABOUT) -> ReportKind | None:
    found = report(raw, about)
    return found.kind if found else None


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_what_failed_for_good(shape: Shape) -> None:
    found = report(shape(TO, ABOUT))
    assert found is not None
    assert (found.kind, found.code, found.text) == (
        ReportKind.FAILED,
        *returned.FOR_GOOD[shape],
    )


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_what_failed_for_another_recipient(shape: Shape) -> None:
    assert kind(shape(TO, OTHER)) is ReportKind.FAILED_FOR_OTHERS


@pytest.mark.parametrize("shape", returned.DELAYS, ids=lambda shape: shape.__name__)
def test_a_delay_is_no_failure(shape: Shape) -> None:
    assert kind(shape(TO, ABOUT)) is ReportKind.NOTICE


@pytest.mark.parametrize("shape", IN_WORDS, ids=lambda shape: shape.__name__)
def test_failures_in_words(shape: Shape) -> None:
    assert kind(shape(TO, ABOUT)) is ReportKind.FAILED


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ((f"Final-Recipient: rfc822; {ABOUT}\nAction: expanded", OTHER), "failed_for_others"),
        ((f"Final-Recipient: rfc822; {ABOUT}\nAction: delivered", OTHER), "failed_for_others"),
        ((f"Final-Recipient: rfc822; {ABOUT}\nAction: relayed\nStatus: 2.1.9",), "notice"),
        ((f"Final-Recipient: rfc822; {ABOUT}\nAction: delayed", OTHER), "failed_for_others"),
        ((OTHER,), "failed_for_others"),
        ((OTHER, ABOUT), "failed"),
        ((f"Original-Recipient: rfc822; {ABOUT}\n{OTHER}",), "failed"),
        ((f"Final-Recipient: RFC822;<{ABOUT.upper()}>\nACTION: FAILED (gone)",), "failed"),
        ((f"Final-Recipient: rfc822; {ABOUT} (the minister)\nAction: Failed",), "failed"),
        ((f"Action: failed\nFinal-Recipient: {ABOUT}\nStatus: 5.1.1",), "failed"),
        ((f"Final-Recipient: rfc822;\n {ABOUT}\nAction: failed",), "failed"),
        ((f"Final-Recipient: rfc822; {ABOUT}\nAction: expired\nStatus: 4.4.7",), "failed"),
        (("Final-Recipient: utf-8; minister\\x{40}far.example\nAction: failed",), "failed"),
        (("Final-Recipient: x400; /PN=Minister/\nAction: failed",), "failed"),
        (("Action: failed\nStatus: 5.0.0",), "failed"),
        ((f"Final-Recipient: rfc822; {ABOUT}\nStatus: 5.1.1 (unknown)",), "failed"),
        ((f"Final-Recipient: rfc822; {ABOUT}\nStatus: 4.4.1",), "notice"),
    ],
)
@pytest.mark.parametrize("blank", ["\n\n", "\n"], ids=["blank lines", "no blank lines"])
@pytest.mark.parametrize("media", ["delivery-status", "global-delivery-status"])
def test_whose_failure(blocks: tuple[str, ...], expected: str, blank: str, media: str) -> None:
    failed = "Final-Recipient: rfc822; {}\nAction: failed\nStatus: 5.1.1"
    fields = blank.join(failed.format(each) if each in (ABOUT, OTHER) else each for each in blocks)
    fields = fields.replace(f"\n{OTHER}", "\n" + failed.format(OTHER))
    assert kind(returned.report_of(TO, fields, media)) == expected


def test_a_report_in_base64() -> None:
    """RFC 6533, section 4: the fields may be encoded."""
    fields = f"Final-Recipient: utf-8; {ABOUT}\nAction: failed\nStatus: 5.1.1\n"
    assert kind(returned.encoded_report(TO, fields)) is ReportKind.FAILED


@pytest.mark.parametrize("language", returned.AWAY)
def test_who_is_away_has_not_failed(language: str) -> None:
    found = kind(returned.away(TO, ABOUT, *returned.AWAY[language]))
    assert found is None or language == "from nobody", "see test_meaning"


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_a_person_who_passes_a_report_on_has_not_failed(shape: Shape) -> None:
    report = shape(TO, ABOUT).decode()
    body = f"--e\n\nWhat is this?\n--e\nContent-Type: message/rfc822\n\n{report}\n--e--\n"
    raw = returned.mail(
        f"From: Ann <{ABOUT}>",
        f"To: {TO}",
        "Subject: Fwd: Undelivered",
        "Content-Type: multipart/mixed; boundary=e",
        body=body,
    )
    assert kind(raw) is None


@given(st.binary())
def test_garbage_reports_nothing(raw: bytes) -> None:
    assert report(raw) is None


@given(st.sampled_from(SHAPES), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8))))
def test_a_damaged_report_is_read_or_not(shape: Shape, damages: list[tuple[float, bytes]]) -> None:
    raw = shape(TO, ABOUT)
    for place, damage in damages:
        at = int(place * len(raw))
        raw = raw[:at] + damage + raw[at + len(damage) :]
    found = report(raw)
    assert found is None or (len(found.text) <= 300 and not re.search(r"\S@\S", found.text))


@pytest.mark.parametrize("inside", ["message/rfc822", "multipart/mixed; boundary=e"])
def test_parts_in_parts_without_end_are_no_mail(inside: str) -> None:
    raw = f"Content-Type: {inside}\r\n\r\n--e\r\n".encode() * 10_000
    assert report(raw) is None
    assert report(b"From: MAILER-DAEMON@x.example\r\n" + raw) is None


@pytest.mark.parametrize("header", ["From", "To", "Reply-To", "Return-Path", "Subject"])
@pytest.mark.parametrize("sign", ["(", "<", '"', "=?", "a@b,", ":;"])
def test_signs_without_end_are_read_or_not(header: str, sign: str) -> None:
    raw = f"{header}: {sign * 20_000}\r\n\r\nx".encode()
    message = parse(raw)
    assert report(raw) is None
    assert addresses(message, header) is not None
    assert prepare_reply(message, ["send.example"], full=True).text in ("x", "")
