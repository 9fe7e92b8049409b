"""Interpret a mail server's reply, or a broken connection, as the result of one attempt."""

import re
import ssl
from dataclasses import dataclass, field
from enum import StrEnum

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPResponseException,
)

from bot.mail.smtp.reply_meanings import server_reply
from conversations.model.letters.server_reply import ReplyMeaning, ServerReply

_ADDRESS = re.compile(r'("[^"]*"|(?<!\S)\S+)(@|%40)\S+', re.IGNORECASE)
_MAILBOX_FULL = re.compile(r"(?<![\d.])[45]\.2\.2(?![\d.])")
_DENIED = r"denied|prohibited|forbidden|disabled|not (?:permitted|allowed|authori[sz]ed|supported)"
# The word “relay” or “relaying”, but not as part of a host name.
_RELAY = r"(?<![\w.-])(?:relay|relaying)(?![\w-]|\.\w)"
_REFUSES_US = re.compile(
    # Relaying: “relay access denied”, “we do not relay”, “isn't in my list of rcpthosts” (qmail).
    rf"{_RELAY}(?: \w+){{0,3}}? (?:{_DENIED})|\brelaying (?:is |was )?(?:refused|rejected)"
    rf"|(?:{_DENIED}|unable|cannot|can't|no|not|don't|won't|open|unauthori[sz]ed)(?: \w+)?"
    rf" {_RELAY}|\brcpthosts\b"
    # The log-in (RFC 4954, section 6), and a sender that this log-in may not use.
    r"|(?<![\d.])5\.7\.(?:8|9|60)(?![\d.])|\bnot (?:authenticated|logged in)"
    r"|\bauthentication (?:is )?required|\bmust (?:be |first )?authenticate"
    r"|\bsender (?:address |domain |identity )?(?:is )?"
    rf"(?:rejected|unverified|verify failed|not (?:verified|owned)|{_DENIED})"
    r"|\bsending (?:address|domain|identity) (?:is )?not verified|\bnot allowed to send(?! to)"
    r"|\bsandbox\b|\bsending (?:is |was |has been )?(?:suspended|disabled)"
    r"|\b(?:smtp auth|starttls) (?:is )?required"
    r"|not owned by (?:the )?user|\bsend ?as\b|verified sender|domain (?:is )?not verified"
    r"|email address is not verified"
    # What we may send in a time: “daily user sending limit exceeded”.
    r"|\b(?:hourly|daily|monthly|sending|sender)(?: \w+){0,2} (?:limit|quota)"
    r"|\bcredits? (?:exceeded|exhausted)"
    r"|\byour account (?:\w+ ){0,2}(?:suspended|disabled|blocked)",
    re.IGNORECASE,
)
_ONLY_THIS_LETTER = re.compile(
    # What the letter says.
    r"(?<![\w.-])(?:spam|junk|bulk|phish\w*|virus\w*|malware|content|unsolicited)(?![\w-]|\.\w)"
    r"|(?<![\d.])5\.6\.\d"
    # A recipient that takes mail from some senders only; RESOLVER is Exchange's.
    r"|\b(?:by|to) (?:the |this |that )?recipient\b|\brecipient (?:quota|limit)\b"
    r"|\b(?:to|of) (?:the|this|that) (?:group|list|mailbox|user|address|distribution)\b"
    r"|\bRESOLVER\.",
    re.IGNORECASE,
)

_TOO_LARGE = re.compile(r"(?<![\d.])5\.(?:2|3)\.(?:3|4)(?![\d.])")
"""RFC 3463, X.2.3 and X.3.4: the message is too large for the mailbox, or for the server."""

_SESSION_LIMIT = re.compile(
    r"\b(?:too many|maximum|max|limit)\b.*\b(?:session|connection|transactions?)\b"
    r"|\b(?:session|connection|transaction)s?\b.*\blimit\b|\breconnect\b",
    re.IGNORECASE,
)
"""A limit for one connection: another connection may send more."""

_OUR_FAULT_CODES = (530, 534, 535, 538)
"""Codes about our log-in (RFC 4954, section 6)."""

_EXCEEDED_STORAGE = 552
CLOSING = 421
"""The server closes the connection (RFC 5321, section 3.8)."""

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


_WITHOUT_REPLY = {
    Verdict.UNKNOWN: ReplyMeaning.BROKEN_OFF,
    Verdict.UNREACHED: ReplyMeaning.UNREACHED,
    Verdict.OURS: ReplyMeaning.UNSUPPORTED,
    Verdict.FAILED: ReplyMeaning.ADDRESS,
}
"""What a result means where no server replied."""


@dataclass(frozen=True)
class SendReport:
    """The result of one attempt, with the server's reply."""

    verdict: Verdict

    code: int | None = None
    """The server's reply code."""

    text: str = ""
    """The server's text, without addresses: for a terminal only, and never stored."""

    alone: bool = False
    """With OURS or UNREACHED: the fault may concern only this email, or its connection."""

    broke: bool = field(default=False, compare=False)
    """With UNREACHED: the server was reached, and the connection broke in this email's envelope."""

    certificate: int | None = None
    """What OpenSSL finds wrong with the server's certificate (`verify_code`)."""

    meaning: ReplyMeaning | None = field(default=None, compare=False)
    """What it means, where no reply says so."""

    @property
    def reply(self) -> ServerReply:
        """The reply without the server's words, which is all that may be stored or logged."""
        if self.verdict is Verdict.ACCEPTED:
            return ServerReply(self.code)
        if self.code is not None and self.meaning is None:
            about_us = self.verdict is Verdict.OURS
            return server_reply(self.code, self.text, about_us=about_us)
        return ServerReply(None, meaning=self.meaning or _WITHOUT_REPLY.get(self.verdict))

    @property
    def mailbox_full(self) -> bool:
        """Whether the mailbox was full (RFC 3463, X.2.2): try again after hours."""
        return self.verdict is Verdict.DEFERRED and _MAILBOX_FULL.search(self.text) is not None

    @property
    def is_final(self) -> bool:
        """Whether another connection would give the same answer."""
        return self.verdict is Verdict.FAILED or self.mailbox_full

    @property
    def ends_connection(self) -> bool:
        """Whether the connection must not be used again: it is broken, or may have reached a limit.

        Servers that limit the mails of a connection answer 4xx from then on, and leave it open.
        """
        if self.verdict in (Verdict.UNREACHED, Verdict.UNKNOWN):
            return True
        return self.verdict is Verdict.DEFERRED and not self.mailbox_full


def sender_refused(error: SMTPResponseException) -> SendReport:
    """Return what a refusal of the sender (MAIL) means: mostly it concerns us, not the letter."""
    text = redact(error.message)
    if isinstance(error, SMTPHeloError) or not 400 <= error.code < 600:
        return connection_failed(error)
    if error.code < 500 or _SESSION_LIMIT.search(text):
        return SendReport(Verdict.DEFERRED, error.code, text)
    if error.code == _EXCEEDED_STORAGE or _TOO_LARGE.search(text) or _ONLY_THIS_LETTER.search(text):
        return SendReport(Verdict.FAILED, error.code, text)
    return SendReport(Verdict.OURS, error.code, text)


def recipient_refused(error: SMTPResponseException) -> SendReport:
    """Return what a refusal of the recipient or the content means (RFC 3463).

    A policy refusal (X.7.1 and others) concerns this letter, unless the text says that the server
    refuses us.
    """
    text = redact(error.message)
    if not 400 <= error.code < 600:
        return connection_failed(error)
    if error.code < 500 or _MAILBOX_FULL.search(text) or _SESSION_LIMIT.search(text):
        return SendReport(Verdict.DEFERRED, error.code, text)
    about_login = error.code in _OUR_FAULT_CODES
    if (about_login or _REFUSES_US.search(text)) and not _ONLY_THIS_LETTER.search(text):
        return SendReport(Verdict.OURS, error.code, text, alone=not about_login)
    return SendReport(Verdict.FAILED, error.code, text)


def connection_failed(error: Exception) -> SendReport:
    """Return what a failure before the content means; nothing was sent."""
    if isinstance(error, SMTPAuthenticationError) and error.code != CLOSING:
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
        return SendReport(
            Verdict.UNREACHED,
            None,
            said,
            certificate=cause.verify_code,
            meaning=ReplyMeaning.CERTIFICATE,
        )
    return SendReport(Verdict.UNREACHED, None, type(cause).__name__)


def redact(message: str) -> str:
    """Return a server's text on one line, without email addresses, which may be a supporter's.

    Unprintable characters are removed, too: databases refuse surrogates and NUL.
    """
    visible = message
    if not message.isprintable():
        visible = "".join(each if each.isprintable() else " " for each in message)
    return _ADDRESS.sub("…", " ".join(visible.split()))[:_MAX_TEXT_LENGTH]
