"""Replies to codes: find out whether the owner of the address means “this wasn't me”.

Supporters reply with the code, absent owners have a program that replies, and programs sometimes
look like people. So only clear words disown an address; of other replies, one email asks.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from enum import StrEnum, auto
from functools import partial

from sqlalchemy import Connection

from bot.mail.incoming.automatic import own_words
from bot.mail.incoming.bounces import subject
from bot.mail.incoming.mail_text import readable_text
from bot.mail.incoming.meaning import Meaning
from bot.mail.incoming.phrases import IT_WAS_ME, NOT_ME, occurs_typed
from bot.mail.messages.envelopes import AddressPurpose, Envelopes
from bot.mail.messages.headers import addresses
from bot.mail.messages.mime import is_plain_address
from conversations.journey.owner_mails import OwnerMailKind, compose, languages
from conversations.model.campaigns.campaign import Campaign
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery.content import OwnerMail
from storage.mail.proof import codes, disowning

_CODE = re.compile(r"(?<!\d)\d{4}[ \u00a0-]?\d{4}(?!\d)")
_MAX_CLEAR_LENGTH = 400
"""Characters of a clear reply. Longer ones tell a story, of which one sentence may mislead."""

_MAX_LENGTH = 6_000


class OwnerSays(StrEnum):
    """What the owner of an address says in a reply."""

    NOTHING = auto()
    """A program wrote it, or it contains a code: it is no protest."""

    NOT_ME = auto()
    """They did not ask for our mail."""

    IT_WAS_ME = auto()
    """They did."""

    UNCLEAR = auto()


def read_owner(message: Message, meaning: Meaning) -> tuple[OwnerSays, str]:
    """Return what a reply says, and its author's words. `meaning` is that of the email."""
    if meaning not in (Meaning.PERSON, Meaning.UNCLEAR):
        return OwnerSays.NOTHING, ""
    title = subject(message)
    said = own_words(readable_text(message))[:_MAX_LENGTH]
    words = said if _CODE.search(title) or said else title
    denies = occurs_typed(NOT_ME, words)
    if _CODE.search(words):
        return (OwnerSays.UNCLEAR if denies else OwnerSays.NOTHING), words
    if denies and meaning is Meaning.PERSON and len(words) <= _MAX_CLEAR_LENGTH:
        return OwnerSays.NOT_ME, words
    if not denies and occurs_typed(IT_WAS_ME, words):
        return OwnerSays.IT_WAS_ME, words
    return OwnerSays.UNCLEAR, words


@dataclass(frozen=True)
class _Owner:
    """The owner of an address who replied."""

    address: AddressKeys

    author: str
    """The author of the reply, if it came from this mailbox; else ""."""

    language: str
    """The language in which the address got a code; "" if it is no longer known."""


@dataclass(frozen=True)
class OwnerReplies:
    """Disowns addresses, asks their owners, and undoes it."""

    database: Database
    envelopes: Envelopes

    campaigns: Callable[[], Mapping[str, Campaign]]
    """Returns the loaded campaigns by slug."""

    clock: Callable[[], datetime]

    async def handle(
        self, purpose: AddressPurpose, id_: str, message: Message, meaning: Meaning
    ) -> bool:
        """Act on a reply to the email with this purpose and id.

        Returns False if a person must see to it: it is unclear, and its author can't be asked.
        """
        says, words = await asyncio.to_thread(read_owner, message, meaning)
        find = partial(_address, vault=self.envelopes.vault, purpose=purpose, id_=id_)
        address = await self.database.read(find)
        if says is OwnerSays.NOTHING or address is None:
            return True
        if says is OwnerSays.IT_WAS_ME:
            if purpose is AddressPurpose.UNDO and meaning is Meaning.PERSON:
                restore = partial(disowning.restore, vault=self.envelopes.vault, address=address)
                await self.database.transact(partial(restore, now=self.clock()))
            return True
        owner = await self._owner(message, address)
        match purpose:
            case AddressPurpose.UNDO:
                return True
            case AddressPurpose.NOT_ME:
                if meaning is Meaning.PERSON:
                    await self._confirm(owner, words)
            case _ if says is OwnerSays.NOT_ME:
                await self._disown(owner)
            case _ if owner.author:
                await self._ask(owner, words)
            case _:
                return False
        return True

    async def _ask(self, owner: _Owner, words: str) -> None:
        work = partial(
            disowning.ask,
            vault=self.envelopes.vault,
            address=owner.address,
            words=words,
            mail=self._mail(OwnerMailKind.ASK, AddressPurpose.NOT_ME, owner),
            now=self.clock(),
        )
        await self.database.transact(work)

    async def _confirm(self, owner: _Owner, words: str) -> None:
        work = partial(
            disowning.confirm,
            vault=self.envelopes.vault,
            address=owner.address,
            words=words,
            mail=self._done_mail(owner),
            now=self.clock(),
        )
        await self.database.transact(work)

    async def _disown(self, owner: _Owner) -> None:
        work = partial(
            disowning.disown,
            vault=self.envelopes.vault,
            address=owner.address,
            mail=self._done_mail(owner),
            now=self.clock(),
        )
        await self.database.transact(work)

    def _done_mail(self, owner: _Owner) -> OwnerMail | None:
        if not owner.author:
            return None
        return self._mail(OwnerMailKind.DONE, AddressPurpose.UNDO, owner)

    async def _owner(self, message: Message, address: AddressKeys) -> _Owner:
        vault = self.envelopes.vault
        find = partial(codes.language_of, vault=vault, address=address)
        return _Owner(address, self._author(message, address), await self.database.read(find))

    def _author(self, message: Message, address: AddressKeys) -> str:
        """Return the author's address if it is that of the mailbox with this key, else ""."""
        named = [each for _, each in addresses(message, "From")[:1] if is_plain_address(each)]
        vault, mailbox = self.envelopes.vault, address.mailbox
        return next((each for each in named if AddressKeys.of(vault, each).mailbox == mailbox), "")

    def _mail(self, kind: OwnerMailKind, purpose: AddressPurpose, owner: _Owner) -> OwnerMail:
        said = compose(kind, languages(self.campaigns().values(), owner.language))
        return OwnerMail(
            address=owner.author,
            sender=self.envelopes.address(purpose, owner.address.mailbox.hex()),
            subject=said.subject,
            text=said.text,
            language=said.languages,
        )


def _address(
    connection: Connection, vault: Vault, purpose: AddressPurpose, id_: str
) -> AddressKeys | None:
    """Return the keys of the mailbox that our email went to; None if it is no longer known."""
    if purpose is AddressPurpose.CODE:
        return codes.address_of(connection, vault, id_)
    return AddressKeys(vault, bytes.fromhex(id_))
