"""What became of one try, read from what a mail server answered, or from how it broke off."""

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
# The word, and not a host's name.
_RELAY = re.compile(r"(?<![\w.-])relay(ing)?(?![\w-]|\.\w)", re.IGNORECASE)
_OURS = (530, 534, 535, 538)
_MOST_TEXT = 300


class Verdict(StrEnum):
    """What became of one try."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNREACHED = "unreached"
    OURS = "ours"
    VOID = "void"


@dataclass(frozen=True)
class SendReport:
    """A verdict with the server's code and its words, in which no address is left.

    `alone` tells that a fault of ours may concern this one mail; `certificate` is what OpenSSL
    finds wrong with the server's (`verify_code`), if anything.
    """

    verdict: Verdict
    code: int | None = None
    text: str = ""
    alone: bool = False
    certificate: int | None = None

    @property
    def mailbox_full(self) -> bool:
        """Whether the mailbox was full (RFC 3463, X.2.2): try again after hours."""
        return self.verdict is Verdict.DEFERRED and _MAILBOX_FULL.search(self.text) is not None


def sender_refused(error: SMTPResponseException) -> SendReport:
    """Return what a refusal of the sender means: what is said of it is about us."""
    if isinstance(error, SMTPHeloError) or not 400 <= error.code < 600:
        return connection_failed(error)
    verdict = Verdict.OURS if error.code >= 500 else Verdict.DEFERRED
    return SendReport(verdict, error.code, redact(error.message))


def recipient_refused(error: SMTPResponseException) -> SendReport:
    """Return what a refusal of recipient or content means (RFC 3463)."""
    text = redact(error.message)
    if not 400 <= error.code < 600:
        return connection_failed(error)
    if error.code < 500:
        return SendReport(Verdict.DEFERRED, error.code, text)
    if error.code in _OURS or _RELAY.search(text):
        return SendReport(Verdict.OURS, error.code, text, alone=True)
    verdict = Verdict.DEFERRED if _MAILBOX_FULL.search(text) else Verdict.FAILED
    return SendReport(verdict, error.code, text)


def connection_failed(error: Exception) -> SendReport:
    """Return what a failure before the content means: nothing was sent."""
    if isinstance(error, SMTPAuthenticationError):
        return SendReport(Verdict.OURS, error.code, redact(error.message))
    if isinstance(error, SMTPResponseException):
        # aiosmtplib's code is -1 where the answer was none.
        return SendReport(Verdict.UNREACHED, max(error.code, 0) or None, redact(error.message))
    if isinstance(error, SMTPException) and type(error) in (SMTPException, SMTPNotSupported):
        # The server offers no STARTTLS, or no way to log in that we know.
        return SendReport(Verdict.OURS, None, redact(error.message))
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        said = f"certificate: {redact(cause.verify_message)}"
        return SendReport(Verdict.UNREACHED, None, said, certificate=cause.verify_code)
    return SendReport(Verdict.UNREACHED, None, type(cause).__name__)


def redact(message: str) -> str:
    """Return a server's words on one line, without addresses: they may be a supporter's.

    What is no letter to be seen goes, too: no database keeps half a surrogate or a NUL.
    """
    shown = message
    if not message.isprintable():
        shown = "".join(sign if sign.isprintable() else " " for sign in message)
    return _ADDRESS.sub("…", " ".join(shown.split()))[:_MOST_TEXT]
