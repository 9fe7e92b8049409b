"""A claimed mail → the bytes that are sent, assembled once and the same over all attempts.

RFC 5322 for the headers, RFC 2047 for names outside ASCII, RFC 2045 for the body. Addresses are
ASCII: RFC 2047, section 5, forbids encoded words inside them.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import quote
from typing import Self

from bot.mail.envelopes import Envelopes, Stands
from bot.services.delivering import Mail
from conversations.letter import Letter
from storage.outbox import Claimed, CodeMail

_POLICY = SMTP.clone(cte_type="7bit")
_ENCODINGS = ("quoted-printable", "base64")
_SIMPLE = re.compile(r"[ -~]{0,200}")
_ATOMS = re.compile(r"[\w !#$%&'*+/=?^`{|}~-]*", re.ASCII)


@dataclass(frozen=True)
class Post:
    """Who we are to mail servers. `mailbox` is ours, and read by people."""

    envelopes: Envelopes
    mailbox: str

    def assemble(self, claimed: Claimed, now: datetime) -> Mail:
        """Return the mail; the bytes of an earlier attempt are sent again as they were."""
        match claimed.content:
            case Letter() as letter:
                return self._letter(claimed, letter, now)
            case CodeMail() as code:
                return self._code(claimed, code, now)

    def _letter(self, claimed: Claimed, letter: Letter, now: datetime) -> Mail:
        """Assemble a letter: From is the supporter's name at our opaque address (relay)."""
        sender = self.envelopes.address(Stands.LETTER, claimed.mail)
        recipient = letter.target_address
        if claimed.message is not None:
            return Mail(sender, recipient, claimed.message)
        message = self._begin(claimed, now)
        message["From"] = _mailbox("From", letter.sender_name, sender)
        message["To"] = _mailbox("To", letter.target_name, recipient)
        if letter.reply_address:
            message["Reply-To"] = _mailbox("Reply-To", letter.reply_name, letter.reply_address)
        message["Subject"] = _subject(letter.subject)
        message["X-Report-Abuse"] = f"<mailto:{self.mailbox}?subject=abuse-{claimed.mail}>"
        return Mail(sender, recipient, _with_body(message, letter.body, letter.language))

    def _code(self, claimed: Claimed, code: CodeMail, now: datetime) -> Mail:
        """Assemble the mail of a code, from the organisation; answering it disowns the address."""
        answer = self.envelopes.address(Stands.CODE, code.code_id)
        if claimed.message is not None:
            return Mail(answer, code.address, claimed.message)
        message = self._begin(claimed, now)
        message["From"] = _mailbox("From", code.organisation, self.mailbox)
        message["To"] = _mailbox("To", "", code.address)
        message["Reply-To"] = _mailbox("Reply-To", code.organisation, answer)
        message["Subject"] = _subject(code.subject)
        # RFC 3834, section 5: nothing that answers by itself should answer this.
        message["Auto-Submitted"] = "auto-generated"
        return Mail(answer, code.address, _with_body(message, code.text, code.language))

    def _begin(self, claimed: Claimed, now: datetime) -> EmailMessage:
        message = EmailMessage(_POLICY)
        message["Date"] = now
        message["Message-ID"] = f"<{claimed.message_id}@{self.envelopes.domain}>"
        return message


def _with_body(message: EmailMessage, body: str, language: str) -> bytes:
    """Return the bytes of `message` with `body`, in whichever encoding is shorter."""
    text = body.rstrip("\r\n") + "\n"
    sizes = {}
    for encoding in _ENCODINGS:
        message.set_content(text, charset="utf-8", cte=encoding)
        sizes[encoding] = len(message.get_payload())
    message.set_content(text, charset="utf-8", cte=min(_ENCODINGS, key=sizes.__getitem__))
    message["Content-Language"] = language  # only now: set_content drops all headers of content
    return message.as_bytes()


class _Written(str):
    """A header as it stands on the wire.

    Left to itself the library cuts long names outside ASCII, so that spaces come into words, and
    lets pass what merely looks like an encoded word.
    """

    name: str

    @classmethod
    def header(cls, name: str, *parts: str) -> Self:
        """Return the header `name`, a part a line."""
        written = cls("\r\n ".join(part for part in parts if part))
        written.name = name
        return written

    def fold(self, *, policy: object) -> str:
        """Return the header with its name; the library asks for it."""
        return f"{self.name}: {self}\r\n"


def _mailbox(header: str, name: str, address: str) -> _Written:
    shown = _line(name)
    if not _SIMPLE.fullmatch(shown) or "=?" in shown:
        phrase = _encoded(header, shown)
    elif _ATOMS.fullmatch(shown):
        phrase = shown
    else:
        phrase = f'"{quote(shown)}"'
    return _Written.header(header, phrase, f"<{_line(address)}>" if phrase else _line(address))


def _subject(text: str) -> _Written:
    shown = _line(text)
    simple = _SIMPLE.fullmatch(shown) and "=?" not in shown
    return _Written.header("Subject", shown if simple else _encoded("Subject", shown))


def _encoded(header: str, text: str) -> str:
    """Return `text` as encoded words (RFC 2047), none longer than 75 signs."""
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


def _line(text: str) -> str:
    """Return `text` as one line without control signs: nothing in a header starts another one.

    The library is not relied on alone: Python before 3.11.10 has CVE-2024-6923.
    """
    shown = (" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text)
    return " ".join("".join(shown).split())
