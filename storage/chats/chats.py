"""Chats: the journey of each person, and which replies were sent."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    Executable,
    bindparam,
    case,
    false,
    func,
    literal_column,
    null,
    select,
    update,
)

from conversations.core.facts import Details
from conversations.model.journey import Journey, dump, load
from storage.chats import preferences
from storage.chats.chat_ids import encrypt_chat_id
from storage.chats.leases import IS_FREE, LEASE, LEASE_COLUMNS, ChatLease, to_lease
from storage.chats.preferences import Preferences
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.dialects import advisory_lock, insert
from storage.engine.rounding import end_of_moment, hour_of
from storage.schema.encryption import CHAT_DETAILS, CHAT_JOURNEY, CHAT_TOPIC
from storage.schema.tables import chats

JOURNEY_LIFETIME = timedelta(hours=24)
"""How long an abandoned journey can be continued."""

CLEARED_WITHIN = timedelta(hours=46)
"""How long a discreet chat lasts at most. A bot may delete messages for 48 hours (Bot API,
deleteMessage), so there are two hours for trying again.
"""

NO_JOURNEY = {
    "encrypted_journey": None,
    "turn": 0,
    "replied_turn": 0,
    "encrypted_messages": None,
    "encrypted_topic": None,
    "unreplied_since": None,
    "changed": literal_column("changed - changed % 86400000000", chats.c.changed.type),
}
"""The columns of a chat without a journey. Of its time only the day is left."""

# Built once, since building a statement takes longer than running it.
_OF_PERSON = chats.c.person_key == bindparam("person")
_FIND = select(
    chats.c.person_key,
    chats.c.encrypted_preferences,
    chats.c.blocked,
    chats.c.turn,
    chats.c.replied_turn,
    chats.c.encrypted_details,
    chats.c.encrypted_journey,
).where(_OF_PERSON)
_REPLACE_JOURNEY = update(chats).where(_OF_PERSON)


@dataclass(frozen=True, slots=True)
class SavedChat:
    """A private chat as it is saved, without what was said in it."""

    person_key: bytes
    preferences: Preferences
    blocked: bool
    """Whether the person blocked the bot."""

    turn: int
    """Number of the latest turn."""

    replied_turn: int
    """Number of the latest turn whose replies were sent."""

    encrypted_details: bytes | None = field(repr=False)
    """Remembered details, encrypted."""

    encrypted_journey: bytes | None = field(repr=False)
    """The journey, encrypted."""

    @property
    def language(self) -> str:
        """The language that the person chose; empty if they chose none."""
        return self.preferences.language


def lock(connection: Connection, person: bytes) -> None:
    """Lock the chat with this key until the transaction ends, even if it has no row yet."""
    advisory_lock(connection, int.from_bytes(person[:8], "big", signed=True))


def find(connection: Connection, vault: Vault, person: PersonKeys) -> SavedChat | None:
    """Return the person's chat; None for a new person."""
    row = connection.execute(_FIND, {"person": person.chat}).one_or_none()
    if row is None:
        return None
    key, encrypted, *others = row
    return SavedChat(key, preferences.decrypt(vault, key, encrypted), *others)


def journey(vault: Vault, chat: SavedChat) -> Journey | None:
    """Return the saved journey; None if there is none.

    Raises NewerVersion for a journey that a newer version of the bot saved.
    """
    return read_journey(vault, chat.encrypted_journey, chat.person_key)


def read_journey(vault: Vault, encrypted: bytes | None, key: bytes) -> Journey | None:
    """Return the journey of the chat with this key; None if there is none. Raises NewerVersion."""
    if encrypted is None:
        return None
    return load(orjson.loads(vault.decrypt(encrypted, CHAT_JOURNEY, row=key)))


def details(vault: Vault, chat: SavedChat) -> Details | None:
    """Return the details that are remembered for the next letter; None if there are none."""
    if chat.encrypted_details is None:
        return None
    return Details(
        **orjson.loads(vault.decrypt(chat.encrypted_details, CHAT_DETAILS, row=chat.person_key))
    )


def save(
    connection: Connection,
    vault: Vault,
    person: PersonKeys,
    journey: Journey,
    now: datetime,
    *,
    lease: str | None = None,
    topic: int | None = None,
) -> ChatLease | None:
    """Save the journey. Return the lease for sending replies, if `lease` is given and free.

    `topic` is that of the person's message: 0 outside topics, None to keep the last one.
    """
    content, key = orjson.dumps(dump(journey)), person.chat
    row = {
        "person_key": key,
        "encrypted_chat": encrypt_chat_id(vault, person),
        "encrypted_journey": vault.encrypt(content, CHAT_JOURNEY, row=key),
        "turn": journey.turn,
        "changed": hour_of(now),
        "unreplied_since": end_of_moment(now),
        "lease": lease,
        "lease_until": now + LEASE if lease else None,
        "clear_by": hour_of(now + CLEARED_WITHIN) if journey.is_discreet else None,
        "encrypted_topic": _encrypted_topic(vault, key, topic),
    }
    statement = _save(connection.dialect.name, has_topic=topic is not None)
    saved = connection.execute(statement, row | {"now": now}).one()
    return to_lease(vault, key, saved) if lease and saved.lease == lease else None


def replace_journey(
    connection: Connection, vault: Vault, person: PersonKeys, journey: Journey
) -> None:
    """Save the journey in place of the saved one, without a new turn."""
    encrypted = vault.encrypt(orjson.dumps(dump(journey)), CHAT_JOURNEY, row=person.chat)
    own = {"person": person.chat, "encrypted_journey": encrypted}
    connection.execute(_REPLACE_JOURNEY, own)


def _encrypted_topic(vault: Vault, key: bytes, topic: int | None) -> bytes | None:
    return vault.encrypt(str(topic).encode(), CHAT_TOPIC, row=key) if topic else None


@cache
def _save(dialect: str, *, has_topic: bool) -> Executable:
    statement = insert(dialect, chats)
    names = ("encrypted_journey", "turn", "changed", *(("encrypted_topic",) if has_topic else ()))
    changed: dict[str, Any] = {name: statement.excluded[name] for name in names}
    for name in ("lease", "lease_until"):
        changed[name] = case((IS_FREE, statement.excluded[name]), else_=chats.c[name])
    # The time stays that of the first turn that was discreet.
    clear_by = statement.excluded.clear_by
    first = func.coalesce(chats.c.clear_by, clear_by)
    changed["clear_by"] = case((clear_by.is_(None), clear_by), else_=first)
    is_unreplied = statement.excluded["turn"] > chats.c.replied_turn
    changed["unreplied_since"] = case((is_unreplied, statement.excluded["unreplied_since"]))
    changed["blocked"] = false()  # a person who writes has not blocked the bot
    changed["asked"] = null()  # and uses the bot again
    upsert = statement.on_conflict_do_update(index_elements=["person_key"], set_=changed)
    return upsert.returning(*LEASE_COLUMNS)
