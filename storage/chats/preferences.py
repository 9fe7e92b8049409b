"""What a person chose in a chat: the language, and the time zone of a campaigner."""

from dataclasses import asdict, dataclass

import orjson
from sqlalchemy import Connection, select, update

from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.schema.encryption import CHAT_PREFERENCES
from storage.schema.tables import chats


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person chose."""

    language: str = ""
    """Language tag; empty: none. Telegram's is not stored."""

    zone: str = ""
    """IANA time zone in which a campaigner types times; empty: none."""


def find(connection: Connection, vault: Vault, person: PersonKeys) -> Preferences:
    """Return what the person chose."""
    query = select(chats.c.encrypted_preferences).where(chats.c.person_key == person.chat)
    return decrypt(vault, person.chat, connection.execute(query).scalar_one_or_none())


def save(
    connection: Connection, vault: Vault, person: PersonKeys, preferences: Preferences
) -> None:
    """Save what the person chose. Their chat has a row already."""
    content = orjson.dumps(asdict(preferences))
    encrypted = vault.encrypt(content, CHAT_PREFERENCES, row=person.chat)
    own = update(chats).where(chats.c.person_key == person.chat)
    connection.execute(own.values(encrypted_preferences=encrypted))


def decrypt(vault: Vault, key: bytes, encrypted: bytes | None) -> Preferences:
    """Return the preferences in the row of chats with this key."""
    if encrypted is None:
        return Preferences()
    return Preferences(**orjson.loads(vault.decrypt(encrypted, CHAT_PREFERENCES, row=key)))
