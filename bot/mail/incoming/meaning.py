"""Decide what an incoming email means for the email of ours that it answers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum, auto

from bot.mail.incoming.automatic import Author, asks_for_something, author_of
from bot.mail.incoming.bounces import (
    IsRecipient,
    ReportKind,
    ServerReport,
    has_null_sender_only,
    read_report,
)
from bot.mail.messages.envelopes import AddressPurpose
from bot.mail.messages.headers import addresses, header_value, parse, subparts

_OWN_MESSAGE_ID = re.compile(r"<(?:[0-9a-f]{32}|[acfnouy]-[0-9a-f]{32}-[a-z2-7]{16})@([^>]+)>")
"""The Message-ID of our own emails (see `Envelopes`)."""

OWNER_PURPOSES = (
    AddressPurpose.CODE,
    AddressPurpose.OWNER,
    AddressPurpose.NOT_ME,
    AddressPurpose.UNDO,
)
"""Our emails to the owner of an address, who may not have asked for them."""

_COMPLAINTS = ("abuse", "fraud", "virus", "opt-out", "other", "")
"""Types of feedback that complain (RFC 5965, section 7.3); `not-spam` is the opposite."""


class Meaning(StrEnum):
    """What an incoming email means."""

    NOTHING = auto()
    """A delay, an absence, a proof of reading, or an email of ours that came back in a loop."""

    FAILED = auto()
    """Our email was not delivered."""

    FAILED_FOR_OTHERS = auto()
    """A server reports a failure for another recipient: ours may have the email or not."""

    COMPLAINT = auto()
    """A recipient marked our email as spam (RFC 5965)."""

    RECEIPT = auto()
    """A program of an office confirmed that it has received our email."""

    REQUEST = auto()
    """Such a program also asks for something, or may be a person: it is told and passed on."""

    CHALLENGE = auto()
    """A filter holds our email until somebody proves that a person wrote it."""

    PERSON = auto()
    """A person wrote."""

    UNCLEAR = auto()
    """Perhaps a person wrote: a person must decide."""


@dataclass(frozen=True)
class Reading:
    """What an incoming email means, and the server's reply if it reports a failure."""

    meaning: Meaning
    report: ServerReport | None = None


def read_meaning(
    message: Message, raw: bytes, purpose: AddressPurpose, domain: str, is_recipient: IsRecipient
) -> Reading:
    """Decide what the email `raw` means, of which `message` is the parsed form.

    `purpose` says which kind of our emails it answers, `domain` is ours.
    """
    if _is_loop(message, domain) or _is_read_receipt(message):
        return Reading(Meaning.NOTHING)
    if is_feedback(message):
        complains = feedback_type(message) in _COMPLAINTS
        return Reading(Meaning.COMPLAINT if complains else Meaning.NOTHING)
    to_code = purpose in OWNER_PURPOSES
    author = author_of(message, to_code=to_code)
    report = read_report(message, raw, is_recipient)
    automatic = (Author.ABSENCE, Author.RECEIPT, Author.LIKELY_RECEIPT)
    is_reply = author in automatic and has_null_sender_only(message)
    if report is not None and is_reply and not report.has_fields:
        report = None  # a program without a sender said in words that its owner is away
    if report is not None:
        return Reading(_OF_REPORT[report.kind], report)
    if author is Author.RECEIPT and asks_for_something(message):
        return Reading(Meaning.REQUEST)
    return Reading(_OF_AUTHOR[author])


_OF_REPORT = {
    ReportKind.FAILED: Meaning.FAILED,
    ReportKind.FAILED_FOR_OTHERS: Meaning.FAILED_FOR_OTHERS,
    ReportKind.NOTICE: Meaning.NOTHING,
}
_OF_AUTHOR = {
    Author.PERSON: Meaning.PERSON,
    Author.ABSENCE: Meaning.NOTHING,
    Author.READ_RECEIPT: Meaning.NOTHING,
    Author.RECEIPT: Meaning.RECEIPT,
    Author.LIKELY_RECEIPT: Meaning.REQUEST,
    Author.CHALLENGE: Meaning.CHALLENGE,
    Author.UNCLEAR: Meaning.UNCLEAR,
}


def is_feedback(message: Message) -> bool:
    """Whether a mailbox provider reports what a user did with our email.

    In the format of RFC 5965, or in Hotmail's: the email, with a header that names who complained.
    """
    inner = (each for part in subparts(message) for each in subparts(part))
    return _is_report_of(message, "feedback-report") or any(
        "X-HmXmrOriginalRecipient" in each for each in inner
    )


def feedback_type(message: Message) -> str:
    """Return the type of feedback: `abuse`, `not-spam` and so on; "" if it is not given."""
    return next((header_value(each, "Feedback-Type").lower() for each in _feedback(message)), "")


def reported_addresses(message: Message) -> Iterator[str]:
    """Yield the senders of the email that a feedback report is about."""
    for fields in _feedback(message):
        yield header_value(fields, "Original-Mail-From")
    for part in subparts(message):
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            text = str(part.get_payload()) if not subparts(part) else ""
            inner = subparts(part)[0] if subparts(part) else parse(text.encode(errors="replace"))
            yield from (each for _, each in addresses(inner, "Return-Path", "From", "Reply-To"))


def returned_email(message: Message) -> Message | None:
    """Return the email that a report contains; None if it contains none, or only headers."""
    for part in subparts(message):
        if part.get_content_type() in ("message/rfc822", "message/global") and subparts(part):
            return subparts(part)[0]
    return None


def _feedback(message: Message) -> Iterator[Message]:
    for part in subparts(message):
        if part.get_content_type() == "message/feedback-report":
            yield from subparts(part) or (parse(str(part.get_payload()).encode(errors="replace")),)


def _is_read_receipt(message: Message) -> bool:
    """Whether a mail program reports that our email was displayed (RFC 8098)."""
    return _is_report_of(message, "disposition-notification")


def _is_report_of(message: Message, kind: str) -> bool:
    if message.get_content_type() == "multipart/report":
        named = str(message.get_param("report-type", "")).lower()
        if named == kind:
            return True
    kinds = (f"message/{kind}", f"message/global-{kind}")
    return any(part.get_content_type() in kinds for part in (message, *subparts(message)))


def _is_loop(message: Message, domain: str) -> bool:
    """Whether we sent this email ourselves."""
    loops = [str(value).strip().lower() for value in message.get_all("X-Loop", [])]
    own = _OWN_MESSAGE_ID.fullmatch(header_value(message, "Message-ID"))
    return domain.lower() in loops or (own is not None and own[1].lower() == domain.lower())
