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
from bot.mail.messages.headers import MAX_MAIL_BYTES, header_value
from conversations.model.campaigns.campaign import Campaign
from conversations.text.languages import DEFAULT, match, offered
from conversations.text.typed.addresses import limited_domain
from conversations.text.wording import Wording
from storage.engine.database import Database
from storage.mail import forwards, returned_mail
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery.content import Forward
from storage.mail.forwards import IncomingReply, TooManyForwards
from storage.mail.returned_mail import AnsweredMail


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

    async def forward(self, mail: IncomingMail, *, unclear: bool, by_person: bool = True) -> bool:
        """Put a reply into the outbox, to the supporter or to the organisation.

        `by_person`: a person wrote it, and not a program that asks for something.

        Returns False if it is dropped instead.

        The organisation gets it if the letter is settled and the campaign wants such replies, or if
        it is unclear whether a person wrote it. If the letter's data was deleted, the reply is
        dropped, because it may quote a name. Raises TooManyForwards.
        """
        letter = await self._find_answered(mail)
        if letter is None or self._is_unwanted(letter):
            return False
        forward = await asyncio.to_thread(self._prepare_forward, letter, mail, mail.message)
        wording = self._wording(letter)
        if letter.action is None:
            forward = _marked(forward, wording, "mail.forward.late")
        if unclear:
            forward = _marked(forward, wording, "mail.forward.unclear")
        is_letter = mail.purpose is AddressPurpose.LETTER
        to_supporter = is_letter and letter.reply_to == "supporter" and not unclear
        is_answer = is_letter and by_person and not unclear
        await self._queue(mail, letter, forward, to_supporter=to_supporter, is_answer=is_answer)
        return True

    async def forward_returned(self, mail: IncomingMail) -> bool:
        """Give the organisation a forwarded reply that didn't reach the supporter.

        Returns whether nothing is left to do: the report contains the reply, and somebody else gets
        it, or its data was deleted. Raises TooManyForwards.
        """
        letter = await self._find_answered(mail)
        if letter is None or self._is_unwanted(letter):
            return True
        sent_to = await self.database.read(partial(returned_mail.find_recipient, mail=mail.id))
        returned = returned_email(mail.message)
        last_resort = AddressKeys.of(self.envelopes.vault, self._organisation(letter)[0])
        if returned is None or sent_to in (None, last_resort.recipient(mail.id)):
            return False
        forward = await asyncio.to_thread(self._prepare_forward, letter, mail, returned)
        forward = _marked(forward, self._wording(letter), "mail.forward.undelivered")
        await self._queue(mail, letter, forward, to_supporter=False, is_answer=False)
        return True

    async def _find_answered(self, mail: IncomingMail) -> AnsweredMail | None:
        vault = self.envelopes.vault
        find = partial(returned_mail.find_answered, vault=vault, mail=mail.id)
        return await self.database.read(find)

    def _is_unwanted(self, letter: AnsweredMail) -> bool:
        """Whether the letter is settled, and its campaign wants no replies then."""
        campaign = self.campaigns().get(letter.campaign)
        is_wanted = campaign is not None and campaign.late_replies == "organisation"
        return letter.action is None and not is_wanted

    async def _queue(
        self,
        mail: IncomingMail,
        letter: AnsweredMail,
        forward: Forward,
        *,
        to_supporter: bool,
        is_answer: bool,
    ) -> None:
        same = f"{mail.id}:{_identity(mail.message)}"
        reply = IncomingReply(letter, forward, to_supporter, is_answer, same)
        work = partial(forwards.queue, vault=self.envelopes.vault, reply=reply, now=self.clock())
        if not await self.database.transact(work):
            raise TooManyForwards

    def _organisation(self, letter: AnsweredMail) -> tuple[str, str]:
        """Return the address and the name of the organisation that the letter belongs to."""
        campaign = self.campaigns().get(letter.campaign)
        if campaign is None:
            return self.mailbox, letter.campaign
        return campaign.contact, campaign.organisation

    def _wording(self, letter: AnsweredMail) -> Wording:
        campaign = self.campaigns().get(letter.campaign)
        wanted = campaign.languages[0] if campaign else DEFAULT
        return Wording(letter.language or match(wanted, offered()) or DEFAULT)

    def _prepare_forward(
        self, letter: AnsweredMail, mail: IncomingMail, message: Message
    ) -> Forward:
        """Return the reply `message`, which is `mail` or in it, addressed to the organisation."""
        address, organisation = self._organisation(letter)
        campaign, wording = self.campaigns().get(letter.campaign), self._wording(letter)
        is_full = campaign is not None and campaign.forward == "full"
        is_small = len(mail.raw) < MAX_MAIL_BYTES
        # At a large provider, others have mailboxes beside the organisation's.
        ours = [self.envelopes.domain, *filter(None, [limited_domain(address)])]
        reply = forwarding.prepare_reply(message, ours, full=is_full and is_small)
        author = reply.address or wording.label("mail.forward.unknown")
        notes = [wording.label("mail.forward.lead", author=author, organisation=organisation)]
        if reply.is_incomplete:
            notes.append(wording.label("mail.forward.note"))
        to_answer = wording.label("mail.forward.author", address=reply.address)
        return Forward(
            address=address,
            organisation=organisation,
            reply_to=reply.reply_to,
            subject=wording.label("mail.forward.subject", subject=reply.subject),
            note="\n\n".join(notes),
            text=reply.text,
            language=wording.language,
            html=reply.html,
            attachments=reply.attachments,
            thread=reply.thread,
            author_note=to_answer if reply.address else "",
        )


def _marked(forward: Forward, wording: Wording, key: str) -> Forward:
    """Mark a forwarded reply in its subject, and say why below the first line of its note."""
    subject = wording.label("mail.forward.check", subject=forward.subject)
    note = f"{forward.note}\n\n{wording.label(key)}"
    return replace(forward, subject=subject, note=note)


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
