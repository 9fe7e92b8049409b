"""Replies to codes: find out whether the owner of the address means “this wasn't me”.

Supporters reply with the code, absent owners have a program that replies, and programs sometimes
look like people. So only clear words disown an address; of other replies, one email asks.
"""

import asyncio
import re
from collections.abc import Callable
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
from conversations.text.languages import DEFAULT, offered
from conversations.text.wording import Wording
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail import codes, disowning
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery.content import OwnerMail

_CODE = re.compile(r"(?<!\d)\d{4}[ \u00a0-]?\d{4}(?!\d)")
_MAX_CLEAR_LENGTH = 400
"""Characters of a clear reply. Longer ones tell a story, of which one sentence may mislead."""

_MAX_LENGTH = 6_000
_RULE = "\n\n----------\n\n"


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
class OwnerReplies:
    """Disowns addresses, asks their owners, and undoes it."""

    database: Database
    envelopes: Envelopes

    clock: Callable[[], datetime]

    queued: Callable[[], None]
    """Called after an email was put into the outbox."""

    async def handle(
        self, purpose: AddressPurpose, id_: str, message: Message, meaning: Meaning
    ) -> bool:
        """Act on a reply to the email with this purpose and id.

        Returns False if a person must see to it: it is unclear, and its author can't be asked.
        """
        says, words = await asyncio.to_thread(read_owner, message, meaning)
        address = await self.database.read(
            partial(_address, vault=self.envelopes.vault, purpose=purpose, id_=id_)
        )
        if says is OwnerSays.NOTHING or address is None:
            return True
        if says is OwnerSays.IT_WAS_ME:
            if purpose is AddressPurpose.UNDO and meaning is Meaning.PERSON:
                restore = partial(disowning.restore, vault=self.envelopes.vault, address=address)
                await self.database.transact(partial(restore, now=self.clock()))
            return True
        author = self._author(message, address)
        match purpose:
            case AddressPurpose.UNDO:
                return True
            case AddressPurpose.NOT_ME:
                if meaning is Meaning.PERSON:
                    await self._confirm(address, words, author)
            case _ if says is OwnerSays.NOT_ME:
                await self._disown(address, author)
            case _ if author:
                await self._ask(address, words, author)
            case _:
                return False
        self.queued()
        return True

    async def _ask(self, address: AddressKeys, words: str, author: str) -> None:
        work = partial(
            disowning.ask,
            vault=self.envelopes.vault,
            address=address,
            words=words,
            mail=self._mail("ask", AddressPurpose.NOT_ME, address, author),
            now=self.clock(),
        )
        await self.database.transact(work)

    async def _confirm(self, address: AddressKeys, words: str, author: str) -> None:
        work = partial(
            disowning.confirm,
            vault=self.envelopes.vault,
            address=address,
            words=words,
            mail=self._done_mail(address, author),
            now=self.clock(),
        )
        await self.database.transact(work)

    async def _disown(self, address: AddressKeys, author: str) -> None:
        work = partial(
            disowning.disown,
            vault=self.envelopes.vault,
            address=address,
            mail=self._done_mail(address, author),
            now=self.clock(),
        )
        await self.database.transact(work)

    def _done_mail(self, address: AddressKeys, author: str) -> OwnerMail | None:
        return self._mail("done", AddressPurpose.UNDO, address, author) if author else None

    def _author(self, message: Message, address: AddressKeys) -> str:
        """Return the author's address if it is that of the mailbox with this key, else ""."""
        named = [each for _, each in addresses(message, "From")[:1] if is_plain_address(each)]
        vault, mailbox = self.envelopes.vault, address.mailbox
        return next((each for each in named if AddressKeys.of(vault, each).mailbox == mailbox), "")

    def _mail(
        self, kind: str, purpose: AddressPurpose, address: AddressKeys, author: str
    ) -> OwnerMail:
        """Return an email to an owner, in all languages: nobody knows theirs.

        It names neither a campaign nor the organisation, since the conversation may be discreet.
        """
        wordings = [Wording(language) for language in offered()]
        texts = (each.label(f"mail.owner.{kind}_text") for each in wordings)
        titles = (each.label(f"mail.owner.{kind}_subject") for each in wordings)
        return OwnerMail(
            address=author,
            sender=self.envelopes.address(purpose, address.mailbox.hex()),
            subject=" / ".join(titles),
            text=_RULE.join(texts),
            language=DEFAULT,
        )


def _address(
    connection: Connection, vault: Vault, purpose: AddressPurpose, id_: str
) -> AddressKeys | None:
    """Return the keys of the mailbox that our email went to; None if it is no longer known."""
    if purpose is AddressPurpose.CODE:
        return codes.address_of(connection, vault, id_)
    return AddressKeys(vault, bytes.fromhex(id_))
