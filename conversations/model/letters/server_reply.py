"""What a mail server's reply means: its code, its enhanced status, and our own classification.

The server's words are never part of it, because they may repeat a name or an address, and may hold
an id that also stands in the letter's headers.
"""

from dataclasses import dataclass
from enum import StrEnum


class ReplyMeaning(StrEnum):
    """Why a mail server did not accept a mail. The values are stored."""

    LOGIN = "login"
    """Our mail server refuses our user name or password (RFC 4954, section 6)."""

    SENDER = "sender"
    """Our mail server rejects our sender address or domain, or refuses to relay."""

    LIMIT = "limit"
    """We send too much in a time, or over too many connections."""

    MAILBOX = "mailbox"
    """The mailbox does not exist (RFC 3463, X.1.x)."""

    FULL = "full"
    """The mailbox is full (RFC 3463, X.2.2)."""

    SIZE = "size"
    """The mail is too large."""

    CONTENT = "content"
    """The server does not like what the mail contains, or takes it for spam."""

    POLICY = "policy"
    """A rule of the server forbids the mail (RFC 3463, X.7.x)."""

    LATER = "later"
    """The server asks to try again later."""

    REFUSED = "refused"
    """The server refuses the mail for another reason."""

    UNREACHED = "unreached"
    """The server cannot be reached."""

    CERTIFICATE = "certificate"
    """The server's certificate is not valid."""

    UNSUPPORTED = "unsupported"
    """The server offers no encryption, or no log-in that we support."""

    BROKEN_OFF = "broken_off"
    """The connection broke after the content began."""

    EXPIRED = "expired"
    """We gave up: the time for trying is over. No server said so."""

    ADDRESS = "address"
    """The recipient's address cannot be used. No server was asked."""

    OURS = "ours"
    """The mail could not be assembled. No server was asked."""


@dataclass(frozen=True, slots=True)
class ServerReply:
    """A mail server's reply without its words, or why there was none."""

    code: int | None = None
    """The reply code (RFC 5321, section 4.2); None if there was no reply."""

    status: str = ""
    """The enhanced status code (RFC 3463), such as 5.7.8; "" if there was none that we know."""

    meaning: ReplyMeaning | None = None
    """Our classification; None for accepted mail."""

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return self.code is not None or self.meaning is not None


NO_REPLY = ServerReply()
"""No reply, and nothing went wrong."""
