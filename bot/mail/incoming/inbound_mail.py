"""Mail that comes to us: bounces, “this wasn't me”, and answers that were meant for others.

Only what comes to an address that we made is looked at, and nothing of it is kept, but for a mail
server's code and words, and answers until they are passed on.
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
from bot.mail.messages.envelopes import AddressPurpose, Envelopes
from bot.mail.messages.headers import MAX_MAIL_BYTES, addresses, parse
from conversations.model.campaign import Campaign
from conversations.text.wording import DEFAULT, Wording
from storage.engine.database import Database
from storage.mail import codes, forwards, returned_mail
from storage.mail.content import Forward
from storage.mail.returned_mail import MailedAction

log = structlog.get_logger()

_DELIVERED = ("Delivered-To", "X-Original-To", "Envelope-To")
"""Where the server that delivered it says to whom."""

_TO = ("To", "Cc", *_DELIVERED)
"""Where the recipient stands."""


class Disposition(StrEnum):
    """What is to become of a mail that was taken in."""

    DONE = auto()
    """Nobody needs it any more."""

    SHARED = auto()
    """It was looked at, and may be another one's own: people of the organisation had it, too."""

    LEFT = auto()
    """Somebody wrote it, and nobody has got it."""


def find_own_address(
    message: Message, envelopes: Envelopes, recipients: tuple[str, ...] = ()
) -> tuple[AddressPurpose, str] | None:
    """Return what the address stands for that the mail came to; None where it is none of ours.

    `recipients` are those of the envelope; the headers are read where they name none of ours.
    """
    candidates = (*recipients, *(address for _, address in addresses(message, *_TO)))
    return next(filter(None, map(envelopes.read, candidates)), None)


@dataclass(frozen=True)
class InboundMail:
    """Takes in what comes. `queued` is called when something waits to leave because of it."""

    database: Database
    envelopes: Envelopes
    mailbox: str
    campaigns: Callable[[], Mapping[str, Campaign]]
    clock: Callable[[], datetime]
    queued: Callable[[], None] = lambda: None
    largest: int = MAX_MAIL_BYTES

    def is_ours(self, head: bytes) -> bool:
        """Whether a mail with these headers is for us."""
        return find_own_address(parse(head), self.envelopes) is not None

    async def take(self, raw: bytes, recipients: tuple[str, ...] = ()) -> Disposition:
        """Do what a mail asks for; to take it twice does no harm.

        Raises returned.StillSending where it came too early, answers.TooMany where it has to wait,
        and what the database raises.
        """
        message = parse(raw)
        found = find_own_address(message, self.envelopes, recipients)
        if found is None:
            return Disposition.SHARED
        # In a thread: who writes to us may make it take long.
        failed = await asyncio.to_thread(bounces.find_failure, message, raw)
        if failed is not None:
            await self._bounced(*found, failed)
        elif not bounces.is_automatic(message):
            if found[0] is AddressPurpose.FORWARD:
                return Disposition.DONE if self._is_round(message) else Disposition.LEFT
            await self._answered(*found, raw, message)
        return Disposition.SHARED if self._is_shared(message, recipients) else Disposition.DONE

    def _is_shared(self, message: Message, recipients: tuple[str, ...]) -> bool:
        """Whether this may be the organisation's own copy, in a mailbox that it shares with us."""
        delivered = (*recipients, *(each for _, each in addresses(message, *_DELIVERED)))
        if any(map(self.envelopes.read, delivered)):
            return False
        people = {self.mailbox, *(each.contact for each in self.campaigns().values())}
        named = {address.lower() for _, address in addresses(message, *_TO)}
        return not named.isdisjoint(each.lower() for each in people)

    def _is_round(self, message: Message) -> bool:
        """Whether we have passed this on ourselves."""
        loops = [str(value).strip().lower() for value in message.get_all("X-Loop", [])]
        return self.envelopes.domain.lower() in loops

    async def _bounced(
        self, stands: AddressPurpose, id_: str, failed: bounces.DeliveryFailure
    ) -> None:
        now = self.clock()
        if stands is AddressPurpose.CODE:
            await self.database.transact(partial(returned_mail.record_code_bounce, code_id=id_))
        elif stands is not AddressPurpose.OWNER:
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

    async def _answered(
        self, stands: AddressPurpose, id_: str, raw: bytes, message: Message
    ) -> None:
        """Some mail programs answer the envelope's sender, so a code stands for its owner, too."""
        now = self.clock()
        match stands:
            case AddressPurpose.OWNER:
                address = bytes.fromhex(id_)
                await self.database.transact(
                    partial(codes.disown_address, address=address, now=now)
                )
            case AddressPurpose.CODE:
                await self.database.transact(partial(_disown, code_id=id_, now=now))
            case AddressPurpose.LETTER | AddressPurpose.COPY:
                await self._pass_on(stands, id_, raw, message)
            case AddressPurpose.FORWARD:
                pass  # who has got what we passed on answers its author, not us

    async def _pass_on(
        self, stands: AddressPurpose, mail: str, raw: bytes, message: Message
    ) -> None:
        """Pass an answer on to whom it was meant for, as a mail of ours.

        Where nothing is held of the letter any more, it goes to the organisation.
        """
        if self._is_round(message):
            return
        action = await self.database.read(partial(returned_mail.find_action, mail=mail))
        to_supporter = stands is AddressPurpose.LETTER and action and action.reply_to == "supporter"
        forward = await asyncio.to_thread(self._forward, action, raw, message)
        # The same mail has the same id, however often it comes.
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

    def _forward(self, action: MailedAction | None, raw: bytes, message: Message) -> Forward:
        """Return the answer, addressed to the organisation."""
        slug = action.campaign if action else ""
        campaign = self.campaigns().get(slug)
        note = Wording(action.language if action else DEFAULT).label("mail.forward.note")
        said = forwarding.prepare_reply(raw, message, self.envelopes.domain, note)
        return Forward(
            address=campaign.contact if campaign else self.mailbox,
            author=said.author,
            organisation=campaign.organisation if campaign else slug or self.envelopes.domain,
            reply_to=said.reply_to,
            subject=said.subject,
            headers=said.headers,
            content=said.content,
        )


def _disown(connection: Connection, code_id: str, now: datetime) -> None:
    address = codes.address_of(connection, code_id)
    if address is not None:
        codes.disown_address(connection, address, now)
