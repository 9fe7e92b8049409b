"""Process incoming mail: bounces, “this wasn't me”, receipts, and replies that are forwarded.

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

import structlog
from sqlalchemy import Connection

from bot.mail.incoming.answers import find_answered_letter
from bot.mail.incoming.meaning import (
    OWNER_PURPOSES,
    Meaning,
    Reading,
    is_feedback,
    read_meaning,
    reported_addresses,
)
from bot.mail.incoming.owner_replies import OwnerReplies
from bot.mail.incoming.replies import IncomingMail, ReplyForwarder
from bot.mail.messages.envelopes import AddressPurpose, Envelopes
from bot.mail.messages.headers import MAX_RECEIVED_BYTES, addresses, parse
from conversations.model.campaigns.campaign import Campaign
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail import answers, returned_mail
from storage.mail.address_keys import AddressKeys, may_be_same
from storage.mail.proof import codes

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

    UNCLEAR = auto()
    """It was passed on or reported, but it may mean something else: keep it, and flag it."""


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

    max_bytes: int = MAX_RECEIVED_BYTES
    """How many bytes of an email are read."""

    @property
    def _replies(self) -> ReplyForwarder:
        return ReplyForwarder(
            self.database, self.envelopes, self.mailbox, self.campaigns, self.clock
        )

    @property
    def _owner_replies(self) -> OwnerReplies:
        return OwnerReplies(self.database, self.envelopes, self.campaigns, self.clock)

    def is_ours(self, head: bytes) -> bool:
        """Whether an email with these headers was sent to one of our addresses, or may be."""
        message = parse(head)
        return self._find(message) is not None or is_feedback(message)

    async def process(self, raw: bytes, recipients: tuple[str, ...] = ()) -> Disposition:
        """Process an email; processing it twice does no harm.

        Raises StillSending if it arrived before the result of our email was stored, TooManyForwards
        if too many replies wait already, and the database's errors: try again later.
        """
        # In threads: a malicious email may take long to parse.
        message = await asyncio.to_thread(parse, raw)
        found = self._find(message, recipients)
        is_elsewhere = found is None and is_feedback(message)
        if is_elsewhere:
            found = next(filter(None, map(self.envelopes.read, reported_addresses(message))), None)
        if found is None:
            return Disposition.SHARED
        purpose, id_ = found
        vault = self.envelopes.vault
        find = partial(_recipient, vault=vault, purpose=purpose, id_=id_)
        is_it = await self.database.read(find)
        reading = await asyncio.to_thread(self._read, message, raw, purpose, is_it)
        done = await self._act(reading, IncomingMail(purpose, id_, raw, message))
        if done is Disposition.DONE and (is_elsewhere or self._is_shared(message, recipients)):
            return Disposition.SHARED
        return done

    def _read(
        self,
        message: Message,
        raw: bytes,
        purpose: AddressPurpose,
        is_it: Callable[[AddressKeys], bool] | None,
    ) -> Reading:
        vault = self.envelopes.vault

        def is_recipient(address: str) -> bool:
            return is_it is None or may_be_same(vault, address, is_it)

        return read_meaning(message, raw, purpose, self.envelopes.domain, is_recipient)

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

    async def _act(self, reading: Reading, mail: IncomingMail) -> Disposition:
        match reading.meaning:
            case Meaning.NOTHING:
                return Disposition.DONE
            case Meaning.FAILED:
                return await self._bounced(reading, mail)
            case Meaning.FAILED_FOR_OTHERS:
                return await self._failed_for_others(reading, mail)
            case Meaning.COMPLAINT:
                work = partial(returned_mail.record_complaint, mail=mail.id, now=self.clock())
                await self.database.transact(work)
                return Disposition.DONE
            case meaning if mail.purpose is AddressPurpose.FORWARD:
                # Recipients of a forwarded reply should write to its author.
                is_receipt = meaning is Meaning.RECEIPT
                return Disposition.DONE if is_receipt else Disposition.LEFT
            case meaning if mail.purpose in OWNER_PURPOSES:
                # Some programs reply to the envelope sender, so that counts, too.
                owner = (mail.purpose, mail.id, mail.message, meaning)
                is_done = await self._owner_replies.handle(*owner)
                return Disposition.DONE if is_done else Disposition.LEFT
            case meaning:
                return await self._answered(meaning, mail)

    async def _bounced(self, reading: Reading, mail: IncomingMail) -> Disposition:
        if mail.purpose is AddressPurpose.CODE:
            await self.database.transact(partial(returned_mail.record_code_bounce, code_id=mail.id))
        if mail.purpose in OWNER_PURPOSES or reading.report is None:
            return Disposition.DONE
        reply = reading.report.reply
        work = partial(
            returned_mail.record_bounce,
            vault=self.envelopes.vault,
            mail=mail.id,
            reply=reply,
            now=self.clock(),
        )
        if await self.database.transact(work):
            log.info("mail came back", smtp_code=reply.code)
        if mail.purpose is AddressPurpose.FORWARD:
            is_passed_on = await self._replies.forward_returned(mail)
            return Disposition.DONE if is_passed_on else Disposition.UNCLEAR
        return Disposition.DONE

    async def _failed_for_others(self, reading: Reading, mail: IncomingMail) -> Disposition:
        report = reading.report
        if mail.purpose is AddressPurpose.LETTER and report is not None:
            work = partial(
                returned_mail.record_other_failure,
                mail=mail.id,
                reply=report.reply,
                now=self.clock(),
            )
            await self.database.transact(work)
        log.warning("bounce is about another recipient")
        return Disposition.UNCLEAR

    async def _answered(self, meaning: Meaning, mail: IncomingMail) -> Disposition:
        """Handle a reply to a letter, or to its copy."""
        is_letter = mail.purpose is AddressPurpose.LETTER
        if meaning in (Meaning.RECEIPT, Meaning.REQUEST):
            if is_letter:
                await self.database.transact(
                    partial(
                        _record_receipt,
                        vault=self.envelopes.vault,
                        mail=mail.id,
                        now=self.clock(),
                    )
                )
            if meaning is Meaning.RECEIPT:
                return Disposition.DONE
        unclear = meaning in (Meaning.UNCLEAR, Meaning.CHALLENGE)
        by_person = meaning is not Meaning.REQUEST
        forwarded = await self._replies.forward(mail, unclear=unclear, by_person=by_person)
        is_kept = forwarded and unclear
        return Disposition.UNCLEAR if is_kept else Disposition.DONE


def _record_receipt(connection: Connection, vault: Vault, mail: str, now: datetime) -> None:
    """Record that an office confirmed a letter: its writer needn't say that a program answered."""
    returned_mail.record_receipt(connection, mail, now=now)
    answers.hear_automatic(connection, vault, mail)


def _recipient(
    connection: Connection, vault: Vault, purpose: AddressPurpose, id_: str
) -> Callable[[AddressKeys], bool] | None:
    """Return what says whether our email went to an address; None if that is no longer known."""
    match purpose:
        case AddressPurpose.OWNER | AddressPurpose.NOT_ME | AddressPurpose.UNDO:
            return lambda address: address.mailbox == bytes.fromhex(id_)
        case AddressPurpose.CODE:
            owner = codes.address_of(connection, vault, id_)
            return None if owner is None else lambda address: address.mailbox == owner.mailbox
        case _:
            key = returned_mail.find_recipient(connection, id_)
            return None if key is None else lambda address: address.recipient(id_) == key
