"""Subscribers: what is encrypted of a subscription, and who blocked the bot."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import DecryptionError, Vault
from storage.schema.encryption import SUBSCRIPTION_DETAILS
from storage.schema.tables import chats


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person with a subscription."""

    key: bytes
    """The person's key in subscriptions."""

    person: PersonKeys
    language: str
    """Language tag that the person chose, else that of the conversation at that time."""

    at: datetime
    """When the person subscribed."""


def encrypt_subscriber(vault: Vault, person: PersonKeys, language: str, at: datetime) -> bytes:
    """Return the encrypted details of a subscription."""
    details = {"chat": person.chat_id, "language": language, "at": at.isoformat()}
    return vault.encrypt(orjson.dumps(details), SUBSCRIPTION_DETAILS, row=person.subscriptions)


def decrypt_subscriber(vault: Vault, row: Row[Any]) -> Subscriber:
    """Return the subscriber of a row of subscriptions. Raises DecryptionError."""
    content = vault.decrypt(row.encrypted_details, SUBSCRIPTION_DETAILS, row=row.person_key)
    saved = orjson.loads(content)
    person = PersonKeys(vault, saved["chat"])
    at = datetime.fromisoformat(saved["at"])
    return Subscriber(row.person_key, person, saved["language"], at)


def decrypt_subscribers(vault: Vault, rows: Iterable[Any]) -> Iterator[Subscriber]:
    """Yield the subscribers of rows of subscriptions, without those that no key decrypts."""
    for row in rows:
        with suppress(DecryptionError):
            yield decrypt_subscriber(vault, row)


def blocked_chats(connection: Connection, after: bytes, limit: int) -> Sequence[Any]:
    """Return the rows of the next people who blocked the bot: key and encrypted chat id."""
    blocked = select(chats.c.person_key, chats.c.encrypted_chat).where(
        chats.c.blocked, chats.c.person_key > after
    )
    return connection.execute(blocked.order_by(chats.c.person_key).limit(limit)).all()
