"""What mail that nobody wrote tells: mail that failed for good, delays, and people who are away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.incoming import bounces
from bot.mail.incoming.bounces import DeliveryFailure, is_automatic
from bot.mail.incoming.forwarding import prepare_reply
from bot.mail.messages.headers import addresses, parse
from tests import returned
from tests.returned import Shape

TO = "a-1@send.example"
ABOUT = "minister@far.example"
SHAPES = list(returned.FOR_GOOD)


def failure(raw: bytes) -> DeliveryFailure | None:
    return bounces.find_failure(parse(raw), raw)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_what_failed_for_good(shape: Shape) -> None:
    raw = shape(TO, ABOUT)
    message = parse(raw)
    assert failure(raw) == DeliveryFailure(*returned.FOR_GOOD[shape])
    assert is_automatic(message)


@pytest.mark.parametrize("shape", returned.DELAYS, ids=lambda shape: shape.__name__)
def test_a_delay_is_no_failure(shape: Shape) -> None:
    raw = shape(TO, ABOUT)
    message = parse(raw)
    assert failure(raw) is None
    assert is_automatic(message)


@pytest.mark.parametrize("language", returned.AWAY)
def test_who_is_away_has_not_failed(language: str) -> None:
    raw = returned.away(TO, ABOUT, *returned.AWAY[language])
    message = parse(raw)
    assert failure(raw) is None
    assert is_automatic(message)


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
    message = parse(raw)
    assert failure(raw) is None
    assert not is_automatic(message)


@pytest.mark.parametrize(
    "subject", ["Re: Let it flow", "Your automatic reply", "Out of officers", "AW: Fluss", ""]
)
def test_a_person_answers(subject: str) -> None:
    assert not is_automatic(parse(returned.mail(f"Subject: {subject}", "Auto-Submitted: No")))


@given(st.binary())
def test_garbage_reports_nothing(raw: bytes) -> None:
    assert failure(raw) is None


@given(st.sampled_from(SHAPES), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8))))
def test_a_damaged_report_is_read_or_not(shape: Shape, damages: list[tuple[float, bytes]]) -> None:
    raw = shape(TO, ABOUT)
    for place, damage in damages:
        at = int(place * len(raw))
        raw = raw[:at] + damage + raw[at + len(damage) :]
    found = failure(raw)
    assert found is None or (len(found.text) <= 300 and "@" not in found.text.replace("…", ""))


@pytest.mark.parametrize("inside", ["message/rfc822", "multipart/mixed; boundary=e"])
def test_parts_in_parts_without_end_are_no_mail(inside: str) -> None:
    raw = f"Content-Type: {inside}\r\n\r\n--e\r\n".encode() * 10_000
    assert failure(raw) is None
    assert failure(b"From: MAILER-DAEMON@x.example\r\n" + raw) is None


@pytest.mark.parametrize("header", ["From", "To", "Reply-To", "Return-Path", "Subject"])
@pytest.mark.parametrize("sign", ["(", "<", '"', "=?", "a@b,", ":;"])
def test_signs_without_end_are_read_or_not(header: str, sign: str) -> None:
    raw = f"{header}: {sign * 20_000}\r\n\r\nx".encode()
    message = parse(raw)
    assert failure(raw) is None
    assert is_automatic(message) in (True, False)
    assert addresses(message, header) is not None
    assert prepare_reply(raw, message, "send.example", "Not whole.").content == "x"
