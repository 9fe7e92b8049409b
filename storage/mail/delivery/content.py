"""The kinds of mail, and what each says."""

from dataclasses import dataclass
from enum import StrEnum

from conversations.model.letter import Letter


class MailKind(StrEnum):
    """The kind of a mail. The values are stored."""

    CODE = "code"
    """A one-time code for a supporter."""

    LETTER = "letter"
    """A letter to its target."""

    COPY = "copy"
    """A copy of a letter for its supporter."""

    FORWARD = "forward"
    """A reply to a letter, forwarded to its recipient."""


@dataclass(frozen=True)
class CodeMail:
    """The mail with a one-time code. A reply to it disowns the address."""

    code_id: str
    organisation: str
    """Display name of the sender."""

    address: str
    subject: str
    text: str
    language: str


@dataclass(frozen=True)
class CopyMail:
    """A copy of a letter, for its supporter."""

    organisation: str
    """Display name of the sender."""

    address: str
    subject: str
    text: str
    """An introduction, and the letter."""

    language: str


@dataclass(frozen=True)
class Forward:
    """A reply to a letter that came to an address of the bot."""

    address: str
    """The recipient: the supporter, or the organisation."""

    author: str
    """Name of the author of the reply."""

    organisation: str
    """Display name of the sender."""

    reply_to: str
    """Address of the author."""

    subject: str
    headers: tuple[str, ...]
    """Headers that describe the content (RFC 2045)."""

    content: str
    """The content in bytes, as ASCII."""

    thread: tuple[str, ...] = ()
    """In-Reply-To and References, which keep a conversation together (RFC 5322, 3.6.4)."""

    note: str = ""
    """What the reader must know about the reply; shown above the content."""

    author_note: str = ""
    """The author's address in a sentence; shown if the email can't have it in Reply-To."""


Content = Letter | CodeMail | CopyMail | Forward
