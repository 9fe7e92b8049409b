"""Process incoming mail: bounces, “this wasn't me”, and replies that are forwarded to others.

Only mail to one of our opaque addresses is processed. Nothing of it is stored except a mail
server's reply, and replies until they are forwarded.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from enum import StrEnum, auto
from functools import partial
from hashlib import sha256

import structlog
from sqlalchemy import Connection

from bot.mail.incoming import bounces, forwarding
from bot.mail.incoming.answers import find_answered_letter
from bot.mail.messages.envelopes import AddressPurpose, Envelopes
from bot.mail.messages.headers import MAX_MAIL_BYTES, addresses, parse
from conversations.model.campaign import Campaign
from conversations.text.wording import DEFAULT, Wording
from storage.engine.database import Database
from storage.mail import codes, forwards, returned_mail
from storage.mail.content import Forward
from storage.mail.returned_mail import MailedAction

log = structlog.get_logger()

_DELIVERY_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To")
"""Headers in which the delivering server names the recipient."""

_RECIPIENT_HEADERS = ("To", "Cc", *_DELIVERY_HEADERS)
"""All headers that may name the recipient."""


class Disposition(StrEnum):
    """What should happen to an email after processing."""

    DONE = auto()
    """It was processed, and can be deleted."""

    SHARED = auto()
    """Keep it: it may also be addressed to people of the organisation."""

    LEFT = auto()
    """A person wrote it to an address that nobody reads: flag it, or tell the sender."""


def find_own_address(
    message: Message, envelopes: Envelopes, recipients: tuple[str, ...] = ()
) -> tuple[AddressPurpose, str] | None:
    """Return the purpose and id of our address that the email was sent to; None if there is none.

    `recipients` are those of the envelope; if none is ours, the headers are searched.
    """
    candidates = (*recipients, *(address for _, address in addresses(message, *_RECIPIENT_HEADERS)))
    return next(filter(None, map(envelopes.read, candidates)), None)


@dataclass(frozen=True)
class InboundMail:
    """Processes incoming emails."""

    database: Database
    envelopes: Envelopes

    mailbox: str
    """Our own address, which people read."""

    campaigns: Callable[[], Mapping[str, Campaign]]
    """Returns the loaded campaigns by slug."""

    clock: Callable[[], datetime]

    queued: Callable[[], None] = lambda: None
    """Called after a reply was put into the outbox."""

    max_bytes: int = MAX_MAIL_BYTES
    """How many bytes of an email are read."""

    def is_ours(self, head: bytes) -> bool:
        """Whether an email with these headers was sent to one of our addresses."""
        return self._find(parse(head)) is not None

    async def process(self, raw: bytes, recipients: tuple[str, ...] = ()) -> Disposition:
        """Process an email; processing it twice does no harm.

        Raises StillSending if it arrived before the result of our email was stored, TooMany if too
        many replies were forwarded today, and the database's errors: try again later.
        """
        message = parse(raw)
        found = self._find(message, recipients)
        if found is None:
            return Disposition.SHARED
        # In a thread: a malicious email may take long to parse.
        failed = await asyncio.to_thread(bounces.find_failure, message, raw)
        if failed is not None:
            await self._bounced(*found, failed)
        elif not bounces.is_automatic(message):
            if found[0] is AddressPurpose.FORWARD:
                return Disposition.DONE if self._is_loop(message) else Disposition.LEFT
            await self._replied(*found, raw, message)
        return Disposition.SHARED if self._is_shared(message, recipients) else Disposition.DONE

    def _find(
        self, message: Message, recipients: tuple[str, ...] = ()
    ) -> tuple[AddressPurpose, str] | None:
        return find_own_address(message, self.envelopes, recipients) or find_answered_letter(
            message, self.envelopes, self.mailbox, recipients
        )

    def _is_shared(self, message: Message, recipients: tuple[str, ...]) -> bool:
        """Whether people of the organisation may be recipients, in a mailbox that we share."""
        delivered = (*recipients, *(each for _, each in addresses(message, *_DELIVERY_HEADERS)))
        if any(map(self.envelopes.read, delivered)):
            return False
        people = {self.mailbox, *(each.contact for each in self.campaigns().values())}
        named = {address.lower() for _, address in addresses(message, *_RECIPIENT_HEADERS)}
        return not named.isdisjoint(each.lower() for each in people)

    def _is_loop(self, message: Message) -> bool:
        """Whether we have forwarded this email ourselves."""
        loops = [str(value).strip().lower() for value in message.get_all("X-Loop", [])]
        return self.envelopes.domain.lower() in loops

    async def _bounced(
        self, purpose: AddressPurpose, id_: str, failed: bounces.DeliveryFailure
    ) -> None:
        now = self.clock()
        if purpose is AddressPurpose.CODE:
            await self.database.transact(partial(returned_mail.record_code_bounce, code_id=id_))
        elif purpose is not AddressPurpose.OWNER:
            turn_id = await self.database.transact(
                partial(
                    returned_mail.record_bounce,
                    mail=id_,
                    code=failed.code,
                    text=failed.text,
                    now=now,
                )
            )
            if turn_id is not None:
                log.info("mail came back", turn=turn_id, smtp_code=failed.code)

    async def _replied(
        self, purpose: AddressPurpose, id_: str, raw: bytes, message: Message
    ) -> None:
        """Handle a reply. Some programs reply to the envelope sender, so CODE counts as OWNER."""
        now = self.clock()
        match purpose:
            case AddressPurpose.OWNER:
                address = bytes.fromhex(id_)
                await self.database.transact(
                    partial(codes.disown_address, address=address, now=now)
                )
            case AddressPurpose.CODE:
                await self.database.transact(partial(_disown, code_id=id_, now=now))
            case AddressPurpose.LETTER | AddressPurpose.COPY:
                await self._forward_reply(purpose, id_, raw, message)
            case AddressPurpose.FORWARD:
                pass  # recipients of a forwarded reply should write to its author

    async def _forward_reply(
        self, purpose: AddressPurpose, mail: str, raw: bytes, message: Message
    ) -> None:
        """Put a reply into the outbox, to the supporter or to the organisation.

        If the letter's data has been deleted, the organisation gets it.
        """
        if self._is_loop(message):
            return
        action = await self.database.read(partial(returned_mail.find_action, mail=mail))
        to_supporter = (
            purpose is AddressPurpose.LETTER and action and action.reply_to == "supporter"
        )
        forward = await asyncio.to_thread(self._prepare_forward, action, raw, message)
        # The same email has the same id, however often it arrives.
        same = str(message.get("Message-ID", "")) or sha256(raw).hexdigest()
        work = partial(
            forwards.queue,
            vault=self.envelopes.vault,
            mail=mail,
            action=action.action if action else None,
            forward=forward,
            to_supporter=bool(to_supporter),
            same=f"{mail}:{same}",
            now=self.clock(),
        )
        await self.database.transact(work)
        self.queued()

    def _prepare_forward(
        self, action: MailedAction | None, raw: bytes, message: Message
    ) -> Forward:
        """Return the reply, addressed to the organisation."""
        slug = action.campaign if action else ""
        campaign = self.campaigns().get(slug)
        note = Wording(action.language if action else DEFAULT).label("mail.forward.note")
        reply = forwarding.prepare_reply(raw, message, self.envelopes.domain, note)
        return Forward(
            address=campaign.contact if campaign else self.mailbox,
            author=reply.author,
            organisation=campaign.organisation if campaign else slug or self.envelopes.domain,
            reply_to=reply.reply_to,
            subject=reply.subject,
            headers=reply.headers,
            content=reply.content,
        )


def _disown(connection: Connection, code_id: str, now: datetime) -> None:
    address = codes.address_of(connection, code_id)
    if address is not None:
        codes.disown_address(connection, address, now)
