"""Erasure of a person at their request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Connection, delete, update

from conversations.core.effects.journey import ErasePerson
from storage import erasure_log
from storage.broadcasts import drafts
from storage.broadcasts.recipients import listing
from storage.campaigns import drafts as campaign_drafts
from storage.chats import scheduled_messages
from storage.chats.chats import NO_JOURNEY
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.mail.letters import cancellation
from storage.mail.letters.letter_erasure import erase_actions
from storage.mail.proof import codes
from storage.schema.tables import (
    actions,
    consents,
    subscriptions,
)
from storage.schema.tables import chats as chats_table
from storage.schema.tally import Tally
from storage.stats import digests
from storage.transaction import EffectHandlers, Transaction

HANDLERS = EffectHandlers()


@dataclass(frozen=True)
class ErasedKeys:
    """The keys of a person that are needed to erase them, or to erase them again."""

    chat: bytes
    subscriptions: bytes
    staff: bytes
    limits: bytes
    cleared: bytes
    scheduled: bytes
    actions: tuple[bytes, ...]
    """The keys in all campaigns' actions."""

    @classmethod
    def of(cls, connection: Connection, vault: Vault, person: PersonKeys) -> Self:
        """Return the keys of a person."""
        acted = (
            *campaign_keys.keys_of_person(connection, vault, person),
            *campaign_keys.cleared_keys_of_person(connection, vault, person),
        )
        return cls(
            person.chat,
            person.subscriptions,
            person.staff,
            person.limits,
            person.cleared,
            person.scheduled,
            acted,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the keys as hexadecimal digits."""
        return {
            "chat": self.chat.hex(),
            "subscriptions": self.subscriptions.hex(),
            "staff": self.staff.hex(),
            "limits": self.limits.hex(),
            "cleared": self.cleared.hex(),
            "scheduled": self.scheduled.hex(),
            "actions": [each.hex() for each in self.actions],
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """Return the keys that `as_json` wrote."""
        names = ("chat", "subscriptions", "staff", "limits", "cleared")
        chat, subscribed, staff, limits, cleared = (bytes.fromhex(saved[name]) for name in names)
        # Entries from before there were such messages don't name them.
        scheduled = bytes.fromhex(saved.get("scheduled", ""))
        acted = tuple(bytes.fromhex(each) for each in saved["actions"])
        return cls(chat, subscribed, staff, limits, cleared, scheduled, acted)


@HANDLERS.handles(ErasePerson)
def _erase_person(effect: ErasePerson, transaction: Transaction) -> None:
    connection, vault = transaction.connection, transaction.vault
    keys = ErasedKeys.of(connection, vault, transaction.person)
    transaction.count(erase(connection, vault, keys))
    transaction.erased.append(erasure_log.person_erased(keys.as_json()))


def erase(connection: Connection, vault: Vault, keys: ErasedKeys) -> list[Tally]:
    """Erase a person's details, actions, consents, subscriptions and waiting mail.

    Returns the changes of figures: letters that never left are no longer counted, the others are
    counted as erased. A letter that is being sent at this moment cannot be stopped, and its outcome
    is not recorded. The chat keeps what the confirmation needs. Hashes of codes stay for two days,
    without the chat, or erasure would lift the limits. A role stays, since it does not belong to
    the supporter.
    """
    counted = erase_actions(connection, vault, actions.c.person_key.in_(keys.actions))
    scheduled_messages.drop(connection, keys.scheduled)
    cancellation.delete_codes(connection, keys.limits)
    codes.forget_chat(connection, vault, keys.limits)
    others = (keys.subscriptions, keys.chat, keys.cleared)
    decided = consents.c.person_key.in_([*keys.actions, *others])
    connection.execute(delete(consents).where(decided))
    subscribed = subscriptions.c.person_key == keys.subscriptions
    connection.execute(delete(subscriptions).where(subscribed))
    listing.erase_recipient(connection, keys.subscriptions)
    drafts.erase_author(connection, keys.staff)
    campaign_drafts.erase_editor(connection, vault, keys.staff.hex())
    digests.delete_for(connection, keys.staff)
    connection.execute(
        update(chats_table)
        .where(chats_table.c.person_key == keys.chat)
        .values(encrypted_preferences=None, encrypted_details=None)
    )
    return counted


def empty_chat(connection: Connection, chat: bytes) -> None:
    """Erase the journey of a chat, and the numbers of its messages."""
    own = update(chats_table).where(chats_table.c.person_key == chat)
    connection.execute(own.values(NO_JOURNEY))
