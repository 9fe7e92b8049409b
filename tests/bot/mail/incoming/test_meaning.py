"""What an incoming email means: absence, receipt, challenge, complaint, or a person's words."""

import pytest

from bot.mail.incoming.meaning import Meaning, read_meaning
from bot.mail.messages.envelopes import AddressPurpose
from bot.mail.messages.headers import parse
from tests import replies, returned
from tests.replies import Reply
from tests.returned import mail

TO = "a-1@send.example"
OFFICE = "minister@far.example"


def meaning(raw: bytes, purpose: AddressPurpose = AddressPurpose.LETTER) -> Meaning:
    read = read_meaning(parse(raw), raw, purpose, "send.example", lambda each: each == OFFICE)
    return read.meaning


def written(reply: Reply) -> bytes:
    subject, mark, text = reply
    sender = () if mark.startswith("Return-Path") else (f"Return-Path: <{OFFICE}>",)
    head = (*sender, f"From: Jane Clerk <{OFFICE}>", f"To: {TO}", f"Subject: {subject}")
    return mail(*head, *((mark,) if mark else ()), body=text)


@pytest.mark.parametrize("name", replies.ABSENCES)
@pytest.mark.parametrize("purpose", [AddressPurpose.LETTER, AddressPurpose.OWNER])
def test_absences_mean_nothing(name: str, purpose: AddressPurpose) -> None:
    assert meaning(written(replies.ABSENCES[name]), purpose) is Meaning.NOTHING


@pytest.mark.parametrize("name", replies.RECEIPTS)
def test_receipts(name: str) -> None:
    assert meaning(written(replies.RECEIPTS[name])) is Meaning.RECEIPT


@pytest.mark.parametrize("name", replies.REQUESTS)
def test_receipts_that_ask_for_something(name: str) -> None:
    assert meaning(written(replies.REQUESTS[name])) is Meaning.REQUEST


@pytest.mark.parametrize("name", replies.CHALLENGES)
@pytest.mark.parametrize("purpose", [AddressPurpose.LETTER, AddressPurpose.OWNER])
def test_challenges(name: str, purpose: AddressPurpose) -> None:
    assert meaning(written(replies.CHALLENGES[name]), purpose) is Meaning.CHALLENGE


@pytest.mark.parametrize("name", replies.PEOPLE)
def test_people(name: str) -> None:
    assert meaning(written(replies.PEOPLE[name])) is Meaning.PERSON


@pytest.mark.parametrize("name", replies.UNCLEAR)
@pytest.mark.parametrize("purpose", [AddressPurpose.LETTER, AddressPurpose.OWNER])
def test_what_may_be_a_person(name: str, purpose: AddressPurpose) -> None:
    assert meaning(written(replies.UNCLEAR[name]), purpose) is Meaning.UNCLEAR


@pytest.mark.parametrize("name", [*replies.ABSENCES, "from nobody"])
def test_an_absence_that_quotes_a_servers_reply(name: str) -> None:
    """A null sender and words of failure make no bounce of a reply."""
    sample = replies.ABSENCES.get(name, ("We have your letter", "Return-Path: <>", "I am away."))
    reply = (*sample[:2], f"{sample[2]}\n550 5.1.1 <{OFFICE}>: is what others say.")
    assert meaning(written(reply)) is Meaning.NOTHING


def test_who_denies_having_asked_for_a_code() -> None:
    for text in ("It was not me!", "I was away. What letter?", "Thank you for your email. Not me."):
        raw = written(("Re: Your code", "", text))
        assert meaning(raw, AddressPurpose.OWNER) is Meaning.PERSON
    unmarked = written(("Re: Your code", "", "I am on holiday until Monday."))
    assert meaning(unmarked, AddressPurpose.OWNER) is Meaning.UNCLEAR


def test_html_is_read() -> None:
    raw = written(("Automatic reply: A letter", "Content-Type: text/html; charset=utf-8", ""))
    html = b"<style>p{}</style><p>I am out of the&nbsp;office</p>"
    assert meaning(raw + html) is Meaning.NOTHING


@pytest.mark.parametrize("kind", ["abuse", "fraud", "Abuse", ""])
def test_complaints(kind: str) -> None:
    assert meaning(returned.complaint(TO, OFFICE, kind)) is Meaning.COMPLAINT


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure"])
def test_feedback_that_is_no_complaint(kind: str) -> None:
    assert meaning(returned.complaint(TO, OFFICE, kind)) is Meaning.NOTHING


@pytest.mark.parametrize("media", ["disposition-notification", "global-disposition-notification"])
def test_a_proof_of_reading_means_nothing(media: str) -> None:
    """RFC 8098: neither an answer nor a bounce."""
    kind = "multipart/report; report-type=disposition-notification; boundary=e"
    body = f"--e\n\nYour message was displayed.\n--e\nContent-Type: message/{media}\n\n"
    fields = f"Final-Recipient: rfc822; {OFFICE}\nDisposition: manual-action; deleted\n\n--e--\n"
    raw = mail(f"From: {OFFICE}", f"To: {TO}", f"Content-Type: {kind}", body=body + fields)
    assert meaning(raw) is Meaning.NOTHING


def test_a_proof_of_reading_in_words_means_nothing() -> None:
    text = "Your message\n\n  To: Jane\n  Subject: A letter\n\nwas read on Monday."
    assert meaning(written(("Read: A letter", "", text))) is Meaning.NOTHING


def test_our_own_mail_in_a_loop_means_nothing() -> None:
    own = mail(
        f"From: {TO}", f"To: {TO}", f"Message-ID: <{'a' * 32}@send.example>", body="Dear Sir"
    )
    assert meaning(own) is Meaning.NOTHING
    assert meaning(mail(f"To: {TO}", "X-Loop: Send.example", body="!")) is Meaning.NOTHING
