"""Erasure of a person at their request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Connection, delete, select, update

from conversations.core.effects.journey import ErasePerson
from storage import erasure_log
from storage.broadcasts import drafts, recipients
from storage.crypto.person_keys import PersonKeys
from storage.mail import actions as record
from storage.schema.tables import (
    actions,
    consents,
    outbox,
    subscriptions,
)
from storage.schema.tables import chats as chats_table
from storage.schema.tally import Tally
from storage.stats import digests, recount
from storage.transaction import EffectHandlers, Transaction

HANDLERS = EffectHandlers()

_WAITING = ("queued", "deferred")

EMPTY_JOURNEY: Mapping[str, Any] = {
    "encrypted_journey": None,
    "turn": 0,
    "replied_turn": 0,
    "prompt_message": None,
    "prompt_has_picture": False,
    "seen_messages": "[]",
    "topic": 0,
}
"""The columns of a chat without a journey."""


@dataclass(frozen=True)
class ErasedKeys:
    """The keys of a person that are needed to erase them, or to erase them again."""

    chat: bytes
    subscriptions: bytes
    staff: bytes
    actions: tuple[bytes, ...]
    """The keys in all campaigns' actions."""

    @classmethod
    def of(cls, person: PersonKeys) -> Self:
        """Return the keys of a person."""
        return cls(person.chat, person.subscriptions, person.staff, (person.chat,))

    def as_json(self) -> dict[str, Any]:
        """Return the keys as hexadecimal digits."""
        return {
            "chat": self.chat.hex(),
            "subscriptions": self.subscriptions.hex(),
            "staff": self.staff.hex(),
            "actions": [each.hex() for each in self.actions],
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """Return the keys that `as_json` wrote."""
        chat, subscribed, staff = (
            bytes.fromhex(saved[name]) for name in ("chat", "subscriptions", "staff")
        )
        return cls(chat, subscribed, staff, tuple(map(bytes.fromhex, saved["actions"])))


@HANDLERS.handles(ErasePerson)
def _erase_person(effect: ErasePerson, transaction: Transaction) -> None:
    keys = ErasedKeys.of(transaction.person)
    transaction.count(erase(transaction.connection, keys))
    transaction.erased.append(erasure_log.person_erased(keys.as_json()))


def erase(connection: Connection, keys: ErasedKeys) -> list[Tally]:
    """Erase a person's details, actions, consents, subscriptions and waiting mail.

    Returns the changes of figures: letters that never left are no longer counted, the others are
    counted as erased. A letter that is being sent at this moment cannot be stopped, and its outcome
    is not recorded. The chat keeps what the confirmation needs. Hashes of codes stay for two days,
    or erasure would lift the limits. A role stays, since it does not belong to the supporter.
    """
    waits = (outbox.c.state.in_(_WAITING), ~outbox.c.possible_duplicate)
    own = select(outbox.c.action).where(outbox.c.person_key.in_(keys.actions), *waits)
    waiting = connection.execute(own.where(outbox.c.action.is_not(None))).scalars().all()
    withdrawn = [record.delete_action(connection, action) for action in waiting]
    erased = recount.count_erased(connection, actions.c.person_key.in_(keys.actions))
    for table in (outbox, actions, consents):
        connection.execute(delete(table).where(table.c.person_key.in_(keys.actions)))
    subscribed = subscriptions.c.person_key == keys.subscriptions
    connection.execute(delete(subscriptions).where(subscribed))
    recipients.erase_recipient(connection, keys.subscriptions)
    drafts.erase_author(connection, keys.staff)
    digests.delete_for(connection, keys.staff)
    connection.execute(
        update(chats_table)
        .where(chats_table.c.person_key == keys.chat)
        .values(language="", zone="", encrypted_details=None)
    )
    return [*erased, *(each for done in withdrawn if done for each in done.tallies)]


def empty_chat(connection: Connection, chat: bytes) -> None:
    """Erase the journey of a chat, and the numbers of its messages."""
    own = update(chats_table).where(chats_table.c.person_key == chat)
    connection.execute(own.values(EMPTY_JOURNEY))
