"""A claimed mail → the bytes that are sent, assembled once and the same over all attempts.

RFC 5322 for the headers, RFC 2047 for names outside ASCII, RFC 2045 for the body. Addresses are
ASCII: RFC 2047, section 5, forbids encoded words inside them.

They are written here: the library's `EmailMessage` cuts long names outside ASCII, so that spaces
come into words, lets pass what merely looks like an encoded word, and takes fifteen times as long.
"""

import asyncio
import os
import re
import unicodedata
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, quote

from bot.mail.authentication.dkim import DkimSigner
from bot.mail.authentication.domains import DomainResolver
from bot.mail.authentication.identity import decide_identity
from bot.mail.messages.envelopes import AddressPurpose, Envelopes
from bot.services.mail.batching import Batcher
from bot.services.ports import AlertMail, PreparedMail
from conversations.model.identity import SenderDecision
from conversations.model.letter import Letter
from storage.mail.codes import address_key
from storage.mail.content import CodeMail, CopyMail, Forward
from storage.mail.sending import ClaimedMail

_SIGNERS = os.cpu_count() or 1
"""Threads that sign at once."""

_LONGEST = 76
"""The most that a line of an encoded text has (RFC 2045, sections 6.7 and 6.8)."""

_TRIAL = """\
This is a test. Nobody has written to you, and no campaign is meant.

“actionbot doctor --send” was typed where the bot runs. This mail took the way that its letters
take: the same server, the same domain in From and on the envelope, signed with the same key.

Now look at this mail's headers (“show original”, “view source”), at Authentication-Results:

    spf=pass     the mail server may send for the domain
    dkim=pass    the signature holds
    dmarc=pass   one of the two is of the domain that stands in From

And look where this mail lies: among the mail, or in spam?
"""

_SIMPLE = re.compile(r"[ -~]{0,200}")
_ATOMS = re.compile(r"[\w !#$%&'*+/=?^`{|}~-]*", re.ASCII)


@dataclass(frozen=True)
class MessageBuilder:
    """Who we are to mail servers. `mailbox` is ours, and read by people.

    Letters may come from supporters' own addresses where these are at `own_domains`. With a signer,
    mail is signed for the domain of its From, as DMARC asks (RFC 9989, section 4.4), or, where that
    is not ours, for that of its Sender.
    """

    envelopes: Envelopes
    mailbox: str
    domains: DomainResolver
    own_domains: Collection[str] = ()
    signer: DkimSigner | None = None
    _signing: "Batcher[_Unsigned, bytes]" = field(
        init=False, repr=False, compare=False, default_factory=lambda: Batcher(_sign)
    )

    async def assemble(self, claimed: ClaimedMail, now: datetime) -> PreparedMail:
        """Return the mail; the bytes of an earlier attempt are sent again as they were."""
        match claimed.content:
            case Letter() as letter:
                return await self._letter(claimed, letter, now)
            case CodeMail() as code:
                return await self._code(claimed, code, now)
            case CopyMail() as copy:
                return await self._copy(claimed, copy, now)
            case Forward() as forward:
                return await self._forward(claimed, forward, now)

    async def _letter(self, claimed: ClaimedMail, letter: Letter, now: datetime) -> PreparedMail:
        """Assemble a letter. Its sender on the envelope is always our opaque address."""
        shown = self.envelopes.shown(AddressPurpose.LETTER, claimed.mail)
        sender = self.envelopes.address_of(AddressPurpose.LETTER, shown)
        recipient = letter.recipient
        if claimed.message is not None:
            return PreparedMail(sender, recipient, claimed.message)
        decided = await decide_identity(letter, self.own_domains, self.domains)
        headers = [
            *self._first_headers(claimed, now),
            *_authors(letter, decided, sender),
            _mailbox("To", letter.target_name, recipient),
            _subject(f"[TEST] {letter.subject}" if letter.is_test else letter.subject),
            f"X-Report-Abuse: <mailto:{self.mailbox}?subject=abuse-{shown}>",
        ]
        if letter.reply_address:
            headers.append(_mailbox("Reply-To", letter.reply_name, letter.reply_address))
        if letter.is_test:
            headers.append(f"X-Actionbot-Target: {_line(letter.target_address)}")
        message = _whole(headers, letter.body, letter.language)
        # Only its own domain can vouch for a supporter's address; ours vouches for what we send.
        vouching = letter.sender_address if decided.identity == "own" else sender
        return PreparedMail(sender, recipient, await self._signed(message, vouching, now), decided)

    async def _code(self, claimed: ClaimedMail, code: CodeMail, now: datetime) -> PreparedMail:
        """Assemble the mail of a code, from the organisation; answering it disowns the address."""
        sender = self.envelopes.address(AddressPurpose.CODE, code.code_id)
        if claimed.message is not None:
            return PreparedMail(sender, code.address, claimed.message)
        owner = address_key(self.envelopes.vault, code.address).hex()
        answer = self.envelopes.address(AddressPurpose.OWNER, owner)
        headers = [
            *self._first_headers(claimed, now),
            _mailbox("From", code.organisation, self.mailbox),
            _mailbox("To", "", code.address),
            _mailbox("Reply-To", code.organisation, answer),
            _subject(code.subject),
            # RFC 3834, section 5: nothing that answers by itself should answer this.
            "Auto-Submitted: auto-generated",
        ]
        message = _whole(headers, code.text, code.language)
        return PreparedMail(sender, code.address, await self._signed(message, self.mailbox, now))

    async def _copy(self, claimed: ClaimedMail, copy: CopyMail, now: datetime) -> PreparedMail:
        """Assemble a letter's copy, from the organisation; people read the answers to it."""
        sender = self.envelopes.address(AddressPurpose.COPY, claimed.mail)
        if claimed.message is not None:
            return PreparedMail(sender, copy.address, claimed.message)
        headers = [
            *self._first_headers(claimed, now),
            _mailbox("From", copy.organisation, self.mailbox),
            _mailbox("To", "", copy.address),
            _subject(copy.subject),
            "Auto-Submitted: auto-generated",
        ]
        message = _whole(headers, copy.text, copy.language)
        return PreparedMail(sender, copy.address, await self._signed(message, self.mailbox, now))

    async def _forward(self, claimed: ClaimedMail, forward: Forward, now: datetime) -> PreparedMail:
        """Assemble an answer that is passed on: a mail of ours, with its author's content.

        Its From is ours, since the author's domain lets nobody else send for it (DMARC).
        """
        sender = self.envelopes.address(AddressPurpose.FORWARD, claimed.mail)
        if claimed.message is not None:
            return PreparedMail(sender, forward.address, claimed.message)
        author = f"{forward.author} via {forward.organisation}"
        headers = [
            *self._first_headers(claimed, now),
            _mailbox("From", author, self.mailbox),
            _mailbox("To", "", forward.address),
            _subject(forward.subject),
            f"X-Loop: {self.envelopes.domain}",
            "MIME-Version: 1.0",
            *forward.headers,
        ]
        if forward.reply_to:
            headers.append(_mailbox("Reply-To", forward.author, forward.reply_to))
        message = "\r\n".join([*headers, "", forward.content]).encode("ascii")
        return PreparedMail(sender, forward.address, await self._signed(message, self.mailbox, now))

    async def notice(
        self, recipient: str, notice: AlertMail, id_: str, now: datetime
    ) -> PreparedMail:
        """Assemble a notice of ours to `recipient`; whoever reads our mailbox hears of its fate.

        `id_`, 32 hexadecimal digits, is the same in all attempts.
        """
        headers = (
            f"Date: {format_datetime(now)}",
            f"Message-ID: {self.envelopes.message_id(id_)}",
            _mailbox("From", "actionbot", self.mailbox),
            _mailbox("To", "", recipient),
            _subject(notice.subject),
            # RFC 3834, section 5: nothing that answers by itself should answer this.
            "Auto-Submitted: auto-generated",
        )
        message = _whole(headers, notice.text, notice.language)
        return PreparedMail(self.mailbox, recipient, await self._signed(message, self.mailbox, now))

    def trial(self, recipient: str, id_: str, now: datetime) -> PreparedMail:
        """Assemble a mail that tries the way of a letter: the same addresses, signed alike.

        It stands for `id_`, 32 hexadecimal digits, of which nothing is kept.
        """
        sender = self.envelopes.address(AddressPurpose.LETTER, id_)
        headers = (
            f"Date: {format_datetime(now)}",
            f"Message-ID: {self.envelopes.message_id(id_)}",
            _mailbox("From", "actionbot", sender),
            _mailbox("To", "", recipient),
            _mailbox("Reply-To", "", self.mailbox),
            _subject("[TEST] A letter of actionbot arrives like this"),
            "Auto-Submitted: auto-generated",
        )
        message = _whole(headers, _TRIAL, "en")
        if self.signer is not None:
            message = self.signer.sign(message, _domain(sender), now)
        return PreparedMail(sender, recipient, message)

    async def _signed(self, message: bytes, author: str, now: datetime) -> bytes:
        if self.signer is None:
            return message
        return await self._signing.add(_Unsigned(self.signer, message, _domain(author), now))

    def _first_headers(self, claimed: ClaimedMail, now: datetime) -> tuple[str, str]:
        message_id = self.envelopes.message_id(claimed.message_id)
        return f"Date: {format_datetime(now)}", f"Message-ID: {message_id}"


@dataclass(frozen=True)
class _Unsigned:
    """A message, and what signs it for which domain."""

    signer: DkimSigner
    message: bytes
    domain: str
    now: datetime


async def _sign(unsigned: Sequence[_Unsigned]) -> Sequence[bytes]:
    """Sign in threads: RSA, which takes longest, lets go of the interpreter's lock."""
    size = -(-len(unsigned) // _SIGNERS)
    shares = [unsigned[at : at + size] for at in range(0, len(unsigned), size)]
    signed = await asyncio.gather(*(asyncio.to_thread(_sign_all, share) for share in shares))
    return [message for share in signed for message in share]


def _sign_all(unsigned: Sequence[_Unsigned]) -> list[bytes]:
    return [each.signer.sign(each.message, each.domain, each.now) for each in unsigned]


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _authors(letter: Letter, decided: SenderDecision, sender: str) -> tuple[str, ...]:
    """Return who wrote the letter, and who transmits it where that is not clear (RFC 5322, 3.6.2).

    At a domain of our own, author and transmitter are one.
    """
    if decided.identity == "relay":
        return (_mailbox("From", letter.sender_name, sender),)
    author = _mailbox("From", letter.sender_name, letter.sender_address)
    return (author,) if decided.identity == "own" else (author, _mailbox("Sender", "", sender))


def _whole(headers: Iterable[str], body: str, language: str) -> bytes:
    """Return the mail, its text in whichever encoding is shorter."""
    text = b"\n".join(body.rstrip("\r\n").encode().splitlines()) + b"\n"
    encoding, content = "quoted-printable", b2a_qp(text).replace(b"\n", b"\r\n")
    # RFC 2045, section 6.8: line breaks are CRLF before base64 as well.
    lines_end_in_crlf = text.replace(b"\n", b"\r\n")
    # `b2a_qp` writes longer lines than it may where one of the text's ends in space.
    if _size_in_base64(lines_end_in_crlf) < len(content) or _longest_line(content) > _LONGEST:
        encoding, content = "base64", encodebytes(lines_end_in_crlf).replace(b"\n", b"\r\n")
    lines = (
        *headers,
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        f"Content-Transfer-Encoding: {encoding}",
        f"Content-Language: {_line(language)}",
        "",
        "",
    )
    return "\r\n".join(lines).encode("ascii") + content


def _size_in_base64(content: bytes) -> int:
    """Return how many bytes that takes: four signs for three bytes, and CRLF after each 57."""
    return 4 * -(-len(content) // 3) + 2 * -(-len(content) // 57)


def _longest_line(content: bytes) -> int:
    return max(map(len, content.split(b"\r\n")))


def _mailbox(header: str, name: str, address: str) -> str:
    """Return the header, the address on a line of its own where a name stands before it."""
    shown = _line(name)
    if not _SIMPLE.fullmatch(shown) or "=?" in shown:
        phrase = _encoded(header, shown)
    elif _ATOMS.fullmatch(shown):
        phrase = shown
    else:
        phrase = f'"{quote(shown)}"'
    return f"{header}: {phrase}\r\n <{_line(address)}>" if phrase else f"{header}: {_line(address)}"


def _subject(text: str) -> str:
    shown = _line(text)
    simple = _SIMPLE.fullmatch(shown) and "=?" not in shown
    return f"Subject: {shown if simple else _encoded('Subject', shown)}"


def _encoded(header: str, text: str) -> str:
    """Return `text` as encoded words (RFC 2047), none longer than 75 signs."""
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


def _line(text: str) -> str:
    """Return `text` as one line without control signs: nothing in a header starts another one.

    The library is not relied on alone: Python before 3.11.10 has CVE-2024-6923.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    shown = (" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text)
    return " ".join("".join(shown).split())
