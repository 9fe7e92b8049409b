"""What a mail tells that nobody wrote: that ours failed for good, or only that somebody is away.

A mail that cannot be delivered is reported to its envelope's sender (RFC 5321, 6.1), as RFC 3464
says, or in a form of a server's own, which flufl.bounce knows. Which of our mails it was is known
from the address that the report came to, and never from what it claims.
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

# It logs what it stumbles over, and that is somebody's mail.
logging.getLogger("flufl.bounce").disabled = True

_REPLY = re.compile(r"(?<![\d.#-])([45]\d\d)(?=[\s\-#:]|$)")
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_PERMANENT = re.compile(r"(?<![\d.#-])5\d\d[\s\-#:]|(?<![\d.])5\.\d{1,3}\.\d{1,3}(?![\d.])")
_MOST_LINES = 500
_LONGEST = 2_000
"""Letters of a line that are looked at: what is longer could take hours to search."""

_BEGINNING = 65_536
"""Bytes in which a report in words says what it has to; the mail that came back follows."""

_NOBODY = ("<>", "<MAILER-DAEMON>")
"""The sender of what nobody wrote (RFC 5321, 4.5.5), and what Postfix's pipe makes of it."""

_DAEMONS = ("mailer-daemon", "postmaster")
_REPORTS = ("multipart/report", "message/delivery-status", "message/disposition-notification")

_PRECEDENCE = ("auto_reply", "bulk", "junk", "list")
"""What older out-of-office programs write as Precedence; nobody's own answer does."""

_MARKS = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-From", "List-Id")
"""Headers of programs that answer, and of lists."""

_AWAY = re.compile(
    r"(automatic reply|auto(matic)?[- ]?(response|reply)|out of (the )?office|automatische antwort"
    r"|abwesenheit|réponse automatique|absence du bureau|respuesta automática|fuera de la oficina"
    r"|resposta automática|risposta automatica|automatisch antwoord|automatiskt svar|autosvar"
    r"|odpowiedź automatyczna|автоответ|自動回覆|自动答复|自動応答|不在通知)\b",
    re.IGNORECASE,
)
"""How such programs begin a subject, where they mark their mail in no better way."""


@dataclass(frozen=True)
class DeliveryFailure:
    """A mail that failed for good: the server's code, and its words without addresses."""

    code: int | None
    text: str


def find_failure(message: Message, raw: bytes) -> DeliveryFailure | None:
    """Return why the mail that this reports on failed for good; None where it reports no such.

    A delay is none: RFC 3464, 2.3.3, has the server try on.
    """
    fields = list(_fields(message))
    if fields:
        failed = [block for block in fields if _is_final(block)]
        return _told(_diagnosis(failed[0])) if failed else None
    if not _is_from_nobody(message):
        return None
    try:
        _, permanent = all_failures(parse(raw[:_BEGINNING]))
    except Exception:
        # Its detectors stumble over some garbage, which then reports nothing.
        return None
    return _told(_reason(message)) if permanent else None


def is_automatic(message: Message) -> bool:
    """Whether nobody wrote this: it answered by itself (RFC 3834, section 5), or is a report."""
    if header_value(message, "Auto-Submitted").lower() not in ("", "no"):
        return True
    if header_value(message, "Precedence").lower() in _PRECEDENCE:
        return True
    if _is_from_nobody(message) or any(name in message for name in _MARKS):
        return True
    return message.get_content_type() in _REPORTS or _AWAY.match(subject(message)) is not None


def subject(message: Message) -> str:
    """Return the subject, decoded."""
    return decode_words(header_value(message, "Subject"))


def _is_from_nobody(message: Message) -> bool:
    authors = {each.lower().partition("@")[0] for _, each in addresses(message, "From")[:1]}
    return header_value(message, "Return-Path") in _NOBODY or not authors.isdisjoint(_DAEMONS)


def _fields(message: Message) -> Iterator[Message]:
    """Yield the fields of each recipient that a report has (RFC 3464, 2.3)."""
    if message.get_content_type() == "multipart/report" or _is_from_nobody(message):
        for part in subparts(message):
            if part.get_content_type() == "message/delivery-status":
                yield from (each for each in subparts(part) if "Action" in each or "Status" in each)


def _is_final(block: Message) -> bool:
    """Whether the server has given up, whatever it calls the reason."""
    action = header_value(block, "Action").lower()
    if action:
        # OpenSMTPD's word is “error”.
        return action.startswith(("fail", "error"))
    return header_value(block, "Status").startswith("5.")


def _diagnosis(block: Message) -> str:
    """Return status and diagnostic code in one line, each once."""
    status = _STATUS.search(header_value(block, "Status"))
    said = header_value(block, "Diagnostic-Code").partition(";")[2].strip()
    if status is None or status[0] in said:
        return said
    return f"{said} ({status[0]})" if said else status[0]


def _reason(message: Message) -> str:
    """Return the line that has the server's code, of a report in words."""
    for number, line in enumerate(body_line_iterator(message)):
        if number == _MOST_LINES:
            break
        if _PERMANENT.search(line[:_LONGEST]):
            return " ".join(line[:_LONGEST].split())
    return ""


def _told(said: str) -> DeliveryFailure:
    text = redact(said)
    code = _REPLY.search(text)
    return DeliveryFailure(int(code[1]) if code else None, text)
