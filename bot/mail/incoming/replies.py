"""Forward replies to the supporter whom they are for, or to the organisation."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import Message
from functools import partial
from hashlib import sha256

from bot.mail.incoming import forwarding
from bot.mail.incoming.meaning import returned_email
from bot.mail.messages.envelopes import AddressPurpose, Envelopes
from bot.mail.messages.headers import header_value
from conversations.model.campaign import Campaign
from conversations.text.wording import DEFAULT, Wording
from storage.engine.database import Database
from storage.mail import forwards, returned_mail
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery.content import Forward
from storage.mail.returned_mail import MailedAction


@dataclass(frozen=True)
class IncomingMail:
    """An incoming email, and which of ours it answers."""

    purpose: AddressPurpose
    id: str
    raw: bytes
    message: Message


@dataclass(frozen=True)
class ReplyForwarder:
    """Puts replies into the outbox."""

    database: Database
    envelopes: Envelopes

    mailbox: str
    """Our own address, which people read."""

    campaigns: Callable[[], Mapping[str, Campaign]]
    """Returns the loaded campaigns by slug."""

    clock: Callable[[], datetime]

    queued: Callable[[], None]
    """Called after a reply was put into the outbox."""

    async def forward(self, mail: IncomingMail, *, unclear: bool) -> None:
        """Put a reply into the outbox, to the supporter or to the organisation.

        The organisation gets it if the letter's data has been deleted, or if it is unclear whether
        a person wrote it.
        """
        action = await self.database.read(
            partial(returned_mail.find_action, vault=self.envelopes.vault, mail=mail.id)
        )
        forward = await asyncio.to_thread(self._prepare_forward, action, mail.raw, mail.message)
        if unclear:
            forward = _marked(forward, _wording(action), "mail.forward.unclear")
        is_letter = mail.purpose is AddressPurpose.LETTER
        answers_supporter = action is not None and action.reply_to == "supporter"
        to_supporter = is_letter and answers_supporter and not unclear
        await self._queue(mail, action, forward, to_supporter=to_supporter)

    async def forward_returned(self, mail: IncomingMail) -> bool:
        """Give the organisation a forwarded reply that didn't reach the supporter.

        Returns whether that is possible: the report contains the reply, and somebody else gets it.
        """
        action = await self.database.read(
            partial(returned_mail.find_action, vault=self.envelopes.vault, mail=mail.id)
        )
        sent_to = await self.database.read(partial(returned_mail.find_recipient, mail=mail.id))
        returned = returned_email(mail.message)
        raw = await asyncio.to_thread(forwarding.write, returned) if returned else None
        last_resort = AddressKeys.of(self.envelopes.vault, self._organisation(action)[0])
        if returned is None or raw is None or sent_to in (None, last_resort.recipient(mail.id)):
            return False
        forward = await asyncio.to_thread(self._prepare_forward, action, raw, returned)
        forward = _marked(forward, _wording(action), "mail.forward.undelivered")
        await self._queue(mail, action, forward, to_supporter=False)
        return True

    async def _find_action(self, mail: IncomingMail) -> MailedAction | None:
        vault = self.envelopes.vault
        find = partial(returned_mail.find_action, vault=vault, mail=mail.id)
        return await self.database.read(find)

    async def _queue(
        self,
        mail: IncomingMail,
        action: MailedAction | None,
        forward: Forward,
        *,
        to_supporter: bool,
    ) -> None:
        work = partial(
            forwards.queue,
            vault=self.envelopes.vault,
            mail=mail.id,
            action=action.action if action else None,
            forward=forward,
            to_supporter=to_supporter,
            same=f"{mail.id}:{_identity(mail.message)}",
            now=self.clock(),
        )
        await self.database.transact(work)
        self.queued()

    def _organisation(self, action: MailedAction | None) -> tuple[str, str]:
        """Return the address and the name of the organisation that the action belongs to."""
        slug = action.campaign if action else ""
        campaign = self.campaigns().get(slug)
        if campaign is None:
            return self.mailbox, slug or self.envelopes.domain
        return campaign.contact, campaign.organisation

    def _prepare_forward(
        self, action: MailedAction | None, raw: bytes, message: Message
    ) -> Forward:
        """Return the reply, addressed to the organisation."""
        address, organisation = self._organisation(action)
        wording = _wording(action)
        note = wording.label("mail.forward.note")
        reply = forwarding.prepare_reply(raw, message, self.envelopes.domain, note)
        author = wording.label("mail.forward.author", address=reply.address)
        return Forward(
            address=address,
            author=reply.author,
            organisation=organisation,
            reply_to=reply.reply_to,
            subject=reply.subject,
            headers=reply.headers,
            content=reply.content,
            thread=reply.thread,
            author_note=author if reply.address else "",
        )


def _wording(action: MailedAction | None) -> Wording:
    return Wording(action.language if action else DEFAULT)


def _marked(forward: Forward, wording: Wording, key: str) -> Forward:
    """Mark a forwarded reply in its subject and above its content."""
    subject = wording.label("mail.forward.check", subject=forward.subject)
    return replace(forward, subject=subject, note=wording.label(key))


def _identity(message: Message) -> str:
    """Return the same text for the same email, however it arrives, and another for another one.

    Some programs give all their mail one Message-ID, and servers on the way add headers.
    """
    digest = sha256()
    names = ("Message-ID",) if "Message-ID" in message else ("From", "Date", "Subject")
    for name in names:
        digest.update(header_value(message, name).encode() + b"\0")
    for part in message.walk():
        payload = None if part.is_multipart() else part.get_payload(decode=True)
        if isinstance(payload, bytes):
            digest.update(b"".join(payload.split()) + b"\0")
    return digest.hexdigest()
