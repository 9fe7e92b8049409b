"""Interpret a mail server's reply, or a broken connection, as the result of one attempt."""

import re
import ssl
from dataclasses import dataclass
from enum import StrEnum

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPResponseException,
)

_ADDRESS = re.compile(r'("[^"]*"|(?<!\S)\S+)(@|%40)\S+', re.IGNORECASE)
_MAILBOX_FULL = re.compile(r"(?<![\d.])5\.2\.2(?![\d.])")
# The word “relay” or “relaying”, but not as part of a host name.
_RELAY = re.compile(r"(?<![\w.-])relay(ing)?(?![\w-]|\.\w)", re.IGNORECASE)
_OUR_FAULT_CODES = (530, 534, 535, 538)
"""Codes about our log-in (RFC 4954, section 6)."""

_MAX_TEXT_LENGTH = 300


class Verdict(StrEnum):
    """The result of one attempt to send an email."""

    ACCEPTED = "accepted"
    """The server accepted it."""

    DEFERRED = "deferred"
    """The server asks to try again later."""

    FAILED = "failed"
    """The server refused it for good."""

    UNKNOWN = "unknown"
    """The connection broke before the final reply: it may have been accepted or not."""

    UNREACHED = "unreached"
    """The server could not be reached; nothing was sent."""

    OURS = "ours"
    """The server refuses us, not this email: log-in, sender or relaying. Nothing was sent."""

    VOID = "void"
    """The caller stopped it before the content was sent."""


@dataclass(frozen=True)
class SendReport:
    """The result of one attempt, with the server's reply."""

    verdict: Verdict

    code: int | None = None
    """The server's reply code."""

    text: str = ""
    """The server's text, without addresses."""

    alone: bool = False
    """With OURS: the fault may concern only this email."""

    certificate: int | None = None
    """What OpenSSL finds wrong with the server's certificate (`verify_code`)."""

    @property
    def mailbox_full(self) -> bool:
        """Whether the mailbox was full (RFC 3463, X.2.2): try again after hours."""
        return self.verdict is Verdict.DEFERRED and _MAILBOX_FULL.search(self.text) is not None


def sender_refused(error: SMTPResponseException) -> SendReport:
    """Return what a refusal of the sender (MAIL) means: it concerns us, not the recipient."""
    if isinstance(error, SMTPHeloError) or not 400 <= error.code < 600:
        return connection_failed(error)
    verdict = Verdict.OURS if error.code >= 500 else Verdict.DEFERRED
    return SendReport(verdict, error.code, redact(error.message))


def recipient_refused(error: SMTPResponseException) -> SendReport:
    """Return what a refusal of the recipient or the content means (RFC 3463)."""
    text = redact(error.message)
    if not 400 <= error.code < 600:
        return connection_failed(error)
    if error.code < 500:
        return SendReport(Verdict.DEFERRED, error.code, text)
    if error.code in _OUR_FAULT_CODES or _RELAY.search(text):
        return SendReport(Verdict.OURS, error.code, text, alone=True)
    verdict = Verdict.DEFERRED if _MAILBOX_FULL.search(text) else Verdict.FAILED
    return SendReport(verdict, error.code, text)


def connection_failed(error: Exception) -> SendReport:
    """Return what a failure before the content means; nothing was sent."""
    if isinstance(error, SMTPAuthenticationError):
        return SendReport(Verdict.OURS, error.code, redact(error.message))
    if isinstance(error, SMTPResponseException):
        # aiosmtplib sets the code to -1 if there was no valid reply.
        return SendReport(Verdict.UNREACHED, max(error.code, 0) or None, redact(error.message))
    if isinstance(error, SMTPException) and type(error) in (SMTPException, SMTPNotSupported):
        # The server offers no STARTTLS, or no log-in method that we support.
        return SendReport(Verdict.OURS, None, redact(error.message))
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        said = f"certificate: {redact(cause.verify_message)}"
        return SendReport(Verdict.UNREACHED, None, said, certificate=cause.verify_code)
    return SendReport(Verdict.UNREACHED, None, type(cause).__name__)


def redact(message: str) -> str:
    """Return a server's text on one line, without email addresses, which may be a supporter's.

    Unprintable characters are removed, too: databases refuse surrogates and NUL.
    """
    visible = message
    if not message.isprintable():
        visible = "".join(each if each.isprintable() else " " for each in message)
    return _ADDRESS.sub("…", " ".join(visible.split()))[:_MAX_TEXT_LENGTH]
