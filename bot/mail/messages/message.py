"""Assemble an outgoing email from the outbox: its addresses, headers, body and signature.

It is assembled once: later attempts send the same bytes.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from html import escape

from bot.mail.authentication.dkim import DkimSigner
from bot.mail.authentication.domains import DomainResolver
from bot.mail.authentication.identity import decide_identity
from bot.mail.messages.envelopes import AddressPurpose, Envelopes
from bot.mail.messages.identification import (
    MailLook,
    feedback_header,
    report_abuse_header,
)
from bot.mail.messages.mime import (
    mailbox_header,
    multipart_message,
    one_line,
    recipient_header,
    reply_header,
    subject_header,
    text_message,
)
from bot.mail.messages.signing import UnsignedMessage, sign_batch
from bot.services.mail.batching import Batcher
from bot.services.ports import AlertMail, PreparedMail
from conversations.model.letters.identity import SenderDecision
from conversations.model.letters.letter import Letter
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery.content import CodeMail, CopyMail, Forward, OwnerMail
from storage.mail.delivery.sending import ClaimedMail

# Programs that answer by themselves should not answer this (RFC 3834, section 5; Exchange).
_AUTOMATIC = ("Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All")

_RULE = "-" * 40
"""Divides our note from the author's words."""

_TEST_LETTER = """\
This is a test. Nobody has written to you, and it belongs to no campaign.

Someone ran “actionbot doctor --send” where the bot runs. This email was sent just as its letters
are: by the same server, from the same domain in From and on the envelope, signed with the same key.

Please look at the headers of this email (“show original”, “view source”). Authentication-Results
should say:

    spf=pass     the mail server may send for the domain
    dkim=pass    the signature is valid
    dmarc=pass   one of the two is for the domain in From

And check where this email is: in the inbox, or in spam?
"""


@dataclass(frozen=True)
class MessageBuilder:
    """Assembles outgoing emails and signs them."""

    envelopes: Envelopes
    """Makes the opaque addresses at our domain."""

    mailbox: str
    """Our own address, which people read."""

    domains: DomainResolver

    own_domains: Collection[str] = ()
    """Domains of the organisation: letters may come from supporters' addresses there."""

    signer: DkimSigner | None = None
    """Signs for the domain of From, as DMARC requires (RFC 9989, section 4.4).

    If that domain is not ours, the signature is for the domain of Sender. None: unsigned.
    """

    look: MailLook = field(default_factory=MailLook)

    _signing: Batcher[UnsignedMessage, bytes] = field(
        init=False, repr=False, compare=False, default_factory=lambda: Batcher(sign_batch)
    )

    async def assemble(self, claimed: ClaimedMail, now: datetime) -> PreparedMail:
        """Return the email; the bytes of an earlier attempt are sent again unchanged."""
        match claimed.content:
            case Letter() as letter:
                return await self._letter(claimed, letter, now)
            case CodeMail() as code:
                return await self._code(claimed, code, now)
            case CopyMail() as copy:
                return await self._copy(claimed, copy, now)
            case Forward() as forward:
                return await self._forward(claimed, forward, now)
            case OwnerMail() as mail:
                return await self._to_owner(claimed, mail, now)

    async def _letter(self, claimed: ClaimedMail, letter: Letter, now: datetime) -> PreparedMail:
        """Assemble a letter. Its envelope sender is always an opaque address of ours."""
        shown = self.envelopes.public_id(AddressPurpose.LETTER, claimed.mail)
        sender = self.envelopes.address_of(AddressPurpose.LETTER, shown)
        recipient = letter.recipient
        if claimed.message is not None:
            return PreparedMail(sender, recipient, claimed.message)
        decided = await decide_identity(letter, self.own_domains, self.domains)
        # An answer to the one From names the letter in In-Reply-To.
        message_id = f"<{sender}>" if self.look.one_from else None
        headers = [
            *self._first_headers(claimed, now, message_id),
            *self._author_headers(letter, decided, sender),
            recipient_header(letter.target_name, recipient),
            subject_header(f"[TEST] {letter.subject}" if letter.is_test else letter.subject),
            *report_abuse_header(self.look, self.mailbox, shown),
            *feedback_header(self.look, claimed),
            *reply_header(letter.reply_name, letter.reply_address),
        ]
        if letter.is_test:
            headers.append(f"X-Actionbot-Target: {one_line(letter.target_address)}")
        message = text_message(headers, letter.body, letter.language)
        # Sign for the domain in From if it is ours; otherwise for that of Sender.
        signed_address = self._own_author(letter, decided, sender)
        return PreparedMail(
            sender, recipient, await self._signed(message, signed_address, now), decided
        )

    async def _code(self, claimed: ClaimedMail, code: CodeMail, now: datetime) -> PreparedMail:
        """Assemble a code email from the organisation; a reply to it may disown the address."""
        sender = self.envelopes.address(AddressPurpose.CODE, code.code_id)
        if claimed.message is not None:
            return PreparedMail(sender, code.address, claimed.message, urgent=True)
        owner = AddressKeys.of(self.envelopes.vault, code.address).mailbox.hex()
        answer = self.envelopes.address(AddressPurpose.OWNER, owner)
        headers = [
            *self._first_headers(claimed, now),
            mailbox_header("From", code.organisation, self.mailbox),
            recipient_header("", code.address),
            mailbox_header("Reply-To", code.organisation, answer),
            subject_header(code.subject),
            *_AUTOMATIC,
            *feedback_header(self.look, claimed),
        ]
        message = text_message(headers, code.text, code.language)
        signed = await self._signed(message, self.mailbox, now)
        return PreparedMail(sender, code.address, signed, urgent=True)

    async def _to_owner(self, claimed: ClaimedMail, mail: OwnerMail, now: datetime) -> PreparedMail:
        """Assemble an email to an owner who replied to a code: replies and bounces come to us."""
        if claimed.message is not None:
            return PreparedMail(mail.sender, mail.address, claimed.message, urgent=True)
        headers = [
            *self._first_headers(claimed, now),
            mailbox_header("From", "", self.mailbox),
            recipient_header("", mail.address),
            mailbox_header("Reply-To", "", mail.sender),
            subject_header(mail.subject),
            *_AUTOMATIC,
            *feedback_header(self.look, claimed),
        ]
        message = text_message(headers, mail.text, mail.language)
        signed = await self._signed(message, self.mailbox, now)
        return PreparedMail(mail.sender, mail.address, signed, urgent=True)

    async def _copy(self, claimed: ClaimedMail, copy: CopyMail, now: datetime) -> PreparedMail:
        """Assemble a letter's copy for its supporter, from the organisation."""
        sender = self.envelopes.address(AddressPurpose.COPY, claimed.mail)
        if claimed.message is not None:
            return PreparedMail(sender, copy.address, claimed.message)
        headers = [
            *self._first_headers(claimed, now),
            mailbox_header("From", copy.organisation, self.mailbox),
            recipient_header("", copy.address),
            subject_header(copy.subject),
            *_AUTOMATIC,
            *feedback_header(self.look, claimed),
        ]
        message = text_message(headers, copy.text, copy.language)
        return PreparedMail(sender, copy.address, await self._signed(message, self.mailbox, now))

    async def _forward(self, claimed: ClaimedMail, forward: Forward, now: datetime) -> PreparedMail:
        """Assemble a reply that is forwarded: an email from us, with our note above its text.

        From is the organisation's name and our address, and never the author's name: people trust
        mail that we sign.
        """
        sender = self.envelopes.address(AddressPurpose.FORWARD, claimed.mail)
        if claimed.message is not None:
            return PreparedMail(sender, forward.address, claimed.message)
        # Filters take a Reply-To elsewhere for fraud in mail from the reader's own domain.
        to, own = forward.address.lower(), self.mailbox.lower()
        is_internal = to != own and _domain(to) == _domain(own)
        reply_to = () if is_internal else reply_header("", forward.reply_to)
        notes = (forward.note, "" if reply_to else forward.author_note)
        note = "\n\n".join(filter(None, notes))
        headers = [
            *self._first_headers(claimed, now),
            mailbox_header("From", forward.organisation, self.mailbox),
            recipient_header("", forward.address),
            subject_header(forward.subject),
            f"X-Loop: {self.envelopes.domain}",
            *forward.thread,
            *reply_to,
        ]
        html = f'<p dir="auto">{escape(note)}</p>\n<hr>\n{forward.html}' if forward.html else ""
        text = f"{note}\n\n{_RULE}\n\n{forward.text}"
        message = multipart_message(headers, text, html, forward.attachments)
        return PreparedMail(sender, forward.address, await self._signed(message, self.mailbox, now))

    async def notice(
        self, recipient: str, notice: AlertMail, id_: str, now: datetime
    ) -> PreparedMail:
        """Assemble an alert to `recipient`; if it bounces, our mailbox gets the bounce.

        `id_`, 32 hexadecimal digits, is the same in all attempts.
        """
        headers = (
            f"Date: {format_datetime(now)}",
            f"Message-ID: {self.envelopes.message_id(id_)}",
            mailbox_header("From", "actionbot", self.mailbox),
            mailbox_header("To", "", recipient),
            subject_header(notice.subject),
            *_AUTOMATIC,
        )
        message = text_message(headers, notice.text, notice.language)
        signed = await self._signed(message, self.mailbox, now)
        return PreparedMail(self.mailbox, recipient, signed, urgent=True)

    def trial(self, recipient: str, id_: str, now: datetime) -> PreparedMail:
        """Assemble a test letter with the same kind of addresses and signature as a letter.

        `id_` is 32 random hexadecimal digits; nothing about the test letter is stored.
        """
        sender = self.envelopes.address(AddressPurpose.LETTER, id_)
        headers = (
            f"Date: {format_datetime(now)}",
            f"Message-ID: {self.envelopes.message_id(id_)}",
            mailbox_header("From", "actionbot", sender),
            mailbox_header("To", "", recipient),
            mailbox_header("Reply-To", "", self.mailbox),
            subject_header("[TEST] This is how a letter from actionbot arrives"),
            *_AUTOMATIC,
        )
        message = text_message(headers, _TEST_LETTER, "en")
        if self.signer is not None:
            message = self.signer.sign(message, _domain(sender), now)
        return PreparedMail(sender, recipient, message)

    async def _signed(self, message: bytes, author: str, now: datetime) -> bytes:
        if self.signer is None:
            return message
        return await self._signing.add(UnsignedMessage(self.signer, message, _domain(author), now))

    def _author_headers(
        self, letter: Letter, decided: SenderDecision, sender: str
    ) -> tuple[str, ...]:
        """Return From, and Sender if the letter comes from an address that is not ours.

        RFC 5322, section 3.6.2. At a domain of the organisation, no Sender is needed.
        """
        if decided.identity == "author":
            author = mailbox_header("From", letter.sender_name, letter.sender_address)
            return author, mailbox_header("Sender", "", sender)
        name = letter.sender_name
        if decided.identity == "relay" and self.look.one_from and letter.organisation:
            name = f"{name} via {letter.organisation}"
        return (mailbox_header("From", name, self._own_author(letter, decided, sender)),)

    def _own_author(self, letter: Letter, decided: SenderDecision, sender: str) -> str:
        """Return the address in From, or in Sender, whose domain is ours."""
        if decided.identity == "own":
            return letter.sender_address
        return self.mailbox if decided.identity == "relay" and self.look.one_from else sender

    def _first_headers(
        self, claimed: ClaimedMail, now: datetime, message_id: str | None = None
    ) -> tuple[str, str]:
        message_id = message_id or self.envelopes.message_id(claimed.message_id)
        return f"Date: {format_datetime(now)}", f"Message-ID: {message_id}"


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
