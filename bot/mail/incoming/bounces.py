"""Read reports of mail servers: what failed, for whom, or that a mail is only delayed.

Servers report undeliverable mail to its envelope sender (RFC 5321, section 6.1), in the format of
RFC 3464 or in words. Which email a report is about is known from the address it was sent to. Whose
failure it is must be read from its content: a server may report on the members of a group, or on
an address to which the recipient forwards mail.
"""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email.message import Message
from enum import StrEnum, auto
from itertools import islice

from flufl.bounce import all_failures

from bot.mail.incoming.delivery_report import (
    REPORT_TYPES,
    Action,
    RecipientReport,
    recipient_reports,
)
from bot.mail.incoming.mail_text import readable_text
from bot.mail.incoming.phrases import (
    DELAY,
    FAILURE,
    FAILURE_SUBJECT,
    GIVEN_UP,
    RETURNED_COPY,
    matches,
    occurs,
)
from bot.mail.messages.headers import addresses, decode_words, header_value, parse
from bot.mail.smtp.reply_meanings import server_reply
from bot.mail.smtp.smtp_replies import redact
from conversations.model.letters.server_reply import ServerReply

# It logs parts of emails that it cannot parse, and those may be personal.
logging.getLogger("flufl.bounce").disabled = True

IsRecipient = Callable[[str], bool]
"""Whether our email was sent to this address."""

_REPLY = re.compile(r"(?<![\d.#-])([45]\d\d)(?=[\s\-#:]|$)")
_PERMANENT = re.compile(r"(?<![\w.#-])5\d\d(?:[\s\-#:]|$)|(?<![\d.])5\.\d{1,3}\.\d{1,3}(?![\d.])")
_ADDRESS = re.compile(r"[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]{1,64}@[A-Za-z0-9.-]{1,255}")
_WIDE_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:@]{1,64}@[\w.-]{1,255}")
"""An address with characters outside ASCII (RFC 6531)."""

_NOT_RECIPIENTS = re.compile(
    r"(message[- ]?id\w*\W{0,3}\s?<[^>]{0,300}>|(from|sender|reply-to|contact)\s?:\s?<?\S{1,300})",
    re.IGNORECASE,
)
"""Message ids and senders, which are no recipients."""

_MAX_TEXT_LENGTH = 10_000
"""Characters of a report that are searched: the returned email follows."""

_BEFORE, _AFTER = 400, 200
"""Characters before and after words of failure in which the recipient is named."""

_MAX_REPORT_BYTES = 65_536
"""Bytes that flufl.bounce reads."""

_MAX_MATCHES = 100

_NULL_SENDERS = ("<>", "<MAILER-DAEMON>")
"""The envelope sender of reports (RFC 5321, section 4.5.5), and how Postfix's pipe writes it."""

_DAEMON = re.compile(
    r"(mailer|mail)[-_. ]?daemon|post[-_. ]?master"
    r"|mail[-_. ]?deliver(y|er)?[-_. ]?(sub)?(system|service)"
    r"|mail (administrator|system)|system administrator|delivery (sub)?system|ndr administrator",
    re.IGNORECASE,
)
"""The author of a report: the local part of an address, or a name."""

_REPLY_SUBJECT = re.compile(
    r"(re|aw|antw?|sv|vs|odp|rif|r|res|ynt|ответ|回[复覆]|答[复覆]|返信|회신)( ?\[\d+\])? ?[:：]",
    re.IGNORECASE,
)
"""How the subject of a person's reply begins."""

_UNATTENDED = re.compile(r"no[-_.]?reply|do[-_.]?not[-_.]?reply|daemon|bounce", re.IGNORECASE)
_SERVICE_NAMES = ("postmaster", "mailer-daemon", "abuse", "support", "helpdesk", "hostmaster")


class ReportKind(StrEnum):
    """What a server's report says about our email."""

    FAILED = auto()
    """It was not delivered to the recipient whom we addressed."""

    FAILED_FOR_OTHERS = auto()
    """Only a failure for somebody else is reported: whether our recipient has it is unknown."""

    NOTICE = auto()
    """It is delayed, or was delivered."""


@dataclass(frozen=True)
class ServerReport:
    """A report, and the reply of the server that refused the email."""

    kind: ReportKind

    code: int | None = None
    """The server's reply code."""

    text: str = ""
    """The server's text, without addresses: for tests and a terminal only, and never stored."""

    has_fields: bool = False
    """Whether the report is in the format of RFC 3464, not in words."""

    @property
    def reply(self) -> ServerReply:
        """The reply without the server's words, which is all that may be stored or logged."""
        return server_reply(self.code, self.text)


def read_report(message: Message, raw: bytes, is_recipient: IsRecipient) -> ServerReport | None:
    """Return what a server reports about our email; None if `message` is no report.

    A delay is not a failure: the server keeps trying (RFC 3464, section 2.3.3).
    """
    from_server = is_from_server(message)
    text = _own_text(message) if from_server else ""
    reports = recipient_reports(message, text) if from_server or _is_report(message) else []
    if reports:
        return replace(_from_fields(reports, is_recipient), has_fields=True)
    return _from_words(message, text, raw, is_recipient) if from_server else None


def is_from_server(message: Message) -> bool:
    """Whether a mail server wrote this: the sender is empty, or a server's usual name."""
    if header_value(message, "Return-Path").replace(" ", "") in _NULL_SENDERS:
        return True
    authors = addresses(message, "From", "Sender")[:2]
    if header_value(message, "From").replace(" ", "").endswith("<>"):
        return True
    for name, address in authors:
        if _DAEMON.fullmatch(address.partition("@")[0]) or _DAEMON.search(decode_words(name)):
            return True
    unattended = any(_UNATTENDED.search(address.partition("@")[0]) for _, address in authors)
    return unattended and FAILURE_SUBJECT.match(subject(message)) is not None


def _is_reply(message: Message) -> bool:
    """Whether this is a reply by somebody with an address, such as the person at postmaster@."""
    sender = header_value(message, "Return-Path").replace(" ", "")
    return sender not in ("", *_NULL_SENDERS) and bool(_REPLY_SUBJECT.match(subject(message)))


def has_null_sender_only(message: Message) -> bool:
    """Whether only the empty envelope sender suggests that a server wrote this."""
    return not any(
        _DAEMON.fullmatch(address.partition("@")[0]) or _DAEMON.search(decode_words(name))
        for name, address in addresses(message, "From")[:1]
    )


def subject(message: Message) -> str:
    """Return the decoded subject."""
    return decode_words(header_value(message, "Subject"))


def _is_report(message: Message) -> bool:
    if message.get_content_type() == "multipart/report":
        return str(message.get_param("report-type", "")).lower() in ("", "delivery-status")
    return message.get_content_type() in REPORT_TYPES


def _own_text(message: Message) -> str:
    """Return the server's words, without the copy of our email that may follow."""
    lines: list[str] = []
    for line in readable_text(message)[:_MAX_TEXT_LENGTH].splitlines():
        if lines and RETURNED_COPY.match(line.strip()):
            break
        lines.append(line)
    return "\n".join(lines)


def _from_fields(reports: list[RecipientReport], is_recipient: IsRecipient) -> ServerReport:
    """Decide by the fields. What a server did for our recipient beats what it did for others."""
    ours = [each for each in reports if _is_about(each, is_recipient)]
    failed = [each for each in ours if each.action is Action.FAILED]
    if failed and not any(each.action is Action.HANDED_ON for each in ours):
        return _report(ReportKind.FAILED, failed[0].diagnosis)
    others = [each for each in reports if each.action is Action.FAILED and each not in ours]
    if others:
        return _report(ReportKind.FAILED_FOR_OTHERS, others[0].diagnosis)
    return ServerReport(ReportKind.NOTICE)


def _is_about(report: RecipientReport, is_recipient: IsRecipient) -> bool:
    """Whether a report is about our recipient: it names no other address, or a name of a host."""
    named = [each for each in report.addresses if "@" in each]
    return not named or any(map(is_recipient, named))


def _from_words(
    message: Message, text: str, raw: bytes, is_recipient: IsRecipient
) -> ServerReport | None:
    if _is_reply(message):
        return None
    said = f"{subject(message)} {text}"
    flat = _NOT_RECIPIENTS.sub(" ", " ".join(said.split()))
    found = [*_places(_PERMANENT, flat), *_places(FAILURE, flat)]
    known = _named_by_library(raw)
    named = [(at, each) for at, each in _addresses_in(flat) if not _is_service(message, each)]
    if has_null_sender_only(message) and not _is_surely_report(
        message, (*known, *(each for _, each in named)), is_recipient
    ):
        return None
    if occurs(DELAY, flat) and not occurs(GIVEN_UP, flat):
        return ServerReport(ReportKind.NOTICE)
    if not found and not known:
        return None
    near = [
        each for at, each in named if any(-_BEFORE <= at - failure <= _AFTER for failure in found)
    ]
    if any(map(is_recipient, (*known, *near))):
        return _report(ReportKind.FAILED, _reason(text))
    if not near and any(is_recipient(each) for _, each in named):
        return _report(ReportKind.FAILED, _reason(text))
    others = near or [each for each in known if not _is_service(message, each)]
    kind = ReportKind.FAILED_FOR_OTHERS if others else ReportKind.FAILED
    return _report(kind, _reason(text))


def _is_surely_report(message: Message, named: tuple[str, ...], is_recipient: IsRecipient) -> bool:
    """Whether mail that only its sender calls a report is one: a person may write such words.

    Our recipient isn't its author. It names the recipient, or says so in its subject and has no
    sender.
    """
    if any(is_recipient(each) for _, each in addresses(message, "From")):
        return False
    has_no_sender = header_value(message, "Return-Path").replace(" ", "") in _NULL_SENDERS
    says_so = has_no_sender and FAILURE_SUBJECT.match(subject(message)) is not None
    return says_so or any(map(is_recipient, named))


def named_recipients(message: Message, raw: bytes) -> tuple[str, ...]:
    """Return the addresses in a report in words, of which our recipient may be one."""
    text = _NOT_RECIPIENTS.sub(" ", " ".join(_own_text(message).split()))
    named = (*_named_by_library(raw), *(each for _, each in _addresses_in(text)))
    return tuple(each for each in named if not _is_service(message, each))


def _places(pattern: re.Pattern[str], text: str) -> list[int]:
    return [at for at, _ in islice(matches(pattern, text), _MAX_MATCHES)]


def _named_by_library(raw: bytes) -> tuple[str, ...]:
    """Return the addresses whose failure flufl.bounce finds."""
    try:
        _, permanent = all_failures(parse(raw[:_MAX_REPORT_BYTES]))
    except Exception:
        # Its detectors raise on some garbage, which is no bounce.
        return ()
    found = (each.decode("utf-8", "replace") for each in permanent)
    return tuple(sorted(each for each in found if "@" in each))


def _addresses_in(text: str) -> Iterator[tuple[int, str]]:
    for pattern in (_ADDRESS, _WIDE_ADDRESS):
        for number, found in enumerate(pattern.finditer(text)):
            if number == _MAX_MATCHES:
                break
            if pattern is _ADDRESS or not found[0].isascii():
                yield found.start(), found[0].strip(".'")


def _is_service(message: Message, address: str) -> bool:
    """Whether an address is the report's own sender or recipient, or a service's: no recipient."""
    names = ("To", "From", "Reply-To", "Delivered-To", "X-Original-To", "Envelope-To")
    own = {each.lower() for _, each in addresses(message, *names)}
    return address.lower() in own or address.lower().partition("@")[0] in _SERVICE_NAMES


def _reason(text: str) -> str:
    """Return the line with the server's reply code, or with words of failure."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for pattern in (_PERMANENT, FAILURE):
        for line in lines:
            if pattern.search(line):
                return line
    return ""


def _report(kind: ReportKind, said: str) -> ServerReport:
    text = redact(said)
    code = _REPLY.search(text)
    return ServerReport(kind, int(code[1]) if code else None, text)
