"""Recognise bounces and automatic replies in incoming mail.

Servers report undeliverable mail to its envelope sender (RFC 5321, section 6.1), in the format of
RFC 3464 or in their own, which flufl.bounce knows. Which email bounced is known from the address
that the report was sent to, never from its content.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.iterators import body_line_iterator
from email.message import Message

from flufl.bounce import all_failures

from bot.mail.messages.headers import (
    addresses,
    decode_words,
    header_value,
    parse,
    subparts,
)
from bot.mail.smtp.smtp_replies import redact

# It logs parts of emails that it cannot parse, and those may be personal.
logging.getLogger("flufl.bounce").disabled = True

_REPLY = re.compile(r"(?<![\d.#-])([45]\d\d)(?=[\s\-#:]|$)")
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_PERMANENT = re.compile(r"(?<![\d.#-])5\d\d[\s\-#:]|(?<![\d.])5\.\d{1,3}\.\d{1,3}(?![\d.])")
_MAX_LINES = 500

_MAX_LINE_LENGTH = 2_000
"""Characters of a line that are searched: longer lines could take hours."""

_MAX_REPORT_BYTES = 65_536
"""A report in plain words is at the beginning; the returned email follows."""

_NULL_SENDERS = ("<>", "<MAILER-DAEMON>")
"""The envelope sender of reports (RFC 5321, section 4.5.5), and how Postfix's pipe writes it."""

_DAEMONS = ("mailer-daemon", "postmaster")
_REPORTS = ("multipart/report", "message/delivery-status", "message/disposition-notification")

_PRECEDENCE = ("auto_reply", "bulk", "junk", "list")
"""Precedence values of older out-of-office programs and of lists; people never use them."""

_AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-From", "List-Id")
"""Headers of automatic replies and of mailing lists."""

_OUT_OF_OFFICE = re.compile(
    r"(automatic reply|auto(matic)?[- ]?(response|reply)|out of (the )?office|automatische antwort"
    r"|abwesenheit|réponse automatique|absence du bureau|respuesta automática|fuera de la oficina"
    r"|resposta automática|risposta automatica|automatisch antwoord|automatiskt svar|autosvar"
    r"|odpowiedź automatyczna|автоответ|自動回覆|自动答复|自動応答|不在通知)\b",
    re.IGNORECASE,
)
"""How the subject of automatic replies without such headers begins."""


@dataclass(frozen=True)
class DeliveryFailure:
    """Why an email was not delivered."""

    code: int | None
    """The server's reply code."""

    text: str
    """The server's text, without addresses."""


def find_failure(message: Message, raw: bytes) -> DeliveryFailure | None:
    """Return why our email was not delivered; None if `message` reports no permanent failure.

    A delay is not a failure: the server keeps trying (RFC 3464, section 2.3.3).
    """
    fields = list(_recipient_fields(message))
    if fields:
        failed = [block for block in fields if _is_final(block)]
        return _failure(_diagnosis(failed[0])) if failed else None
    if not _is_from_server(message):
        return None
    try:
        _, permanent = all_failures(parse(raw[:_MAX_REPORT_BYTES]))
    except Exception:
        # Its detectors raise on some garbage, which is no bounce.
        return None
    return _failure(_reason_line(message)) if permanent else None


def is_automatic(message: Message) -> bool:
    """Whether a program wrote this: an automatic reply (RFC 3834, section 5) or a report."""
    if header_value(message, "Auto-Submitted").lower() not in ("", "no"):
        return True
    if header_value(message, "Precedence").lower() in _PRECEDENCE:
        return True
    if _is_from_server(message) or any(name in message for name in _AUTOMATIC_HEADERS):
        return True
    return (
        message.get_content_type() in _REPORTS or _OUT_OF_OFFICE.match(subject(message)) is not None
    )


def subject(message: Message) -> str:
    """Return the decoded subject."""
    return decode_words(header_value(message, "Subject"))


def _is_from_server(message: Message) -> bool:
    authors = {each.lower().partition("@")[0] for _, each in addresses(message, "From")[:1]}
    return header_value(message, "Return-Path") in _NULL_SENDERS or not authors.isdisjoint(_DAEMONS)


def _recipient_fields(message: Message) -> Iterator[Message]:
    """Yield the per-recipient fields of a delivery report (RFC 3464, section 2.3)."""
    if message.get_content_type() == "multipart/report" or _is_from_server(message):
        for part in subparts(message):
            if part.get_content_type() == "message/delivery-status":
                yield from (each for each in subparts(part) if "Action" in each or "Status" in each)


def _is_final(block: Message) -> bool:
    """Whether the server has given up on this recipient."""
    action = header_value(block, "Action").lower()
    if action:
        # OpenSMTPD says “error” instead of “failed”.
        return action.startswith(("fail", "error"))
    return header_value(block, "Status").startswith("5.")


def _diagnosis(block: Message) -> str:
    """Return the diagnostic text with the status code, on one line."""
    status = _STATUS.search(header_value(block, "Status"))
    said = header_value(block, "Diagnostic-Code").partition(";")[2].strip()
    if status is None or status[0] in said:
        return said
    return f"{said} ({status[0]})" if said else status[0]


def _reason_line(message: Message) -> str:
    """Return the line with the server's reply code from a report in plain words."""
    for number, line in enumerate(body_line_iterator(message)):
        if number == _MAX_LINES:
            break
        if _PERMANENT.search(line[:_MAX_LINE_LENGTH]):
            return " ".join(line[:_MAX_LINE_LENGTH].split())
    return ""


def _failure(said: str) -> DeliveryFailure:
    text = redact(said)
    code = _REPLY.search(text)
    return DeliveryFailure(int(code[1]) if code else None, text)
