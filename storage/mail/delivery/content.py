"""The kinds of mail, and what each says."""

from dataclasses import dataclass
from enum import StrEnum

from conversations.model.letters.letter import Letter


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

    OWNER = "owner"
    """A mail to the owner of an address who replied to a code."""


@dataclass(frozen=True)
class CodeMail:
    """The mail with a one-time code. A reply to it may disown the address."""

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

    organisation: str
    """Display name of the sender."""

    reply_to: str
    """Address of the author."""

    subject: str
    note: str
    """Who wrote the reply, and what else the reader must know; shown above the text."""

    text: str
    language: str
    """Language of the note."""

    html: str = ""
    """The text with its format, sanitised; empty: only the text is forwarded."""

    attachments: tuple[tuple[str, str], ...] = ()
    """The type (RFC 2046) and the content in Base64 of each attachment."""

    thread: tuple[str, ...] = ()
    """In-Reply-To and References, which keep a conversation together (RFC 5322, 3.6.4)."""

    author_note: str = ""
    """The author's address in a sentence; shown if the email can't have it in Reply-To."""


@dataclass(frozen=True)
class OwnerMail:
    """A mail to the owner of an address who replied to a code. It does not name the sender."""

    address: str
    sender: str
    """Our address, to which a reply goes."""

    subject: str
    text: str
    language: str
    """The languages of the text, as the header Content-Language lists them (RFC 3282)."""


Content = Letter | CodeMail | CopyMail | Forward | OwnerMail
