"""Recalls: deleting a broadcast from the chats that it reached."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from storage.chats.ledger_numbers import ledger_number
from storage.chats.subscribers import decrypt_subscribers
from storage.crypto.vault import DecryptionError, Vault
from storage.schema.encryption import RECIPIENT_CHAT
from storage.schema.tables import broadcast_recipients as rows
from storage.schema.tables import broadcasts, subscriptions


@dataclass(frozen=True, slots=True)
class DeliveredMessages:
    """The messages of a broadcast in one chat."""

    person: bytes
    """Key of the recipient."""

    chat: int | None
    """Telegram id of the chat; None: nothing leads to the chat any more."""

    messages: str


def find_delivered(
    connection: Connection, vault: Vault, id_: str, limit: int
) -> tuple[DeliveredMessages, ...]:
    """Return up to `limit` chats that still have messages of it, by person key."""
    query = (
        select(rows.c.person_key, rows.c.messages, rows.c.encrypted_chat)
        .where(rows.c.broadcast == ledger_number(id_), rows.c.messages != "")
        .order_by(rows.c.person_key)
        .limit(limit)
    )
    found = connection.execute(query).all()
    theirs = subscriptions.c.person_key.in_([each.person_key for each in found])
    subscribed = connection.execute(select(subscriptions).where(theirs)).all()
    chats = {each.key: each.person.chat_id for each in decrypt_subscribers(vault, subscribed)}
    return tuple(
        DeliveredMessages(
            each.person_key, chats.get(each.person_key) or _kept_chat(vault, each), each.messages
        )
        for each in found
    )


def _kept_chat(vault: Vault, row: Any) -> int | None:
    """Return the chat of somebody who unsubscribed."""
    if row.encrypted_chat is None:
        return None
    with suppress(DecryptionError):
        return int(vault.decrypt(row.encrypted_chat, RECIPIENT_CHAT, row=row.person_key))
    return None


def record_deleted(connection: Connection, id_: str, people: Sequence[bytes]) -> None:
    """Record that the messages of these people are deleted; of nobody: that all are deleted."""
    if not people:
        done = update(broadcasts).where(broadcasts.c.broadcast == id_).values(complete=True)
        connection.execute(done)
        return
    theirs = (rows.c.broadcast == ledger_number(id_), rows.c.person_key.in_(people))
    connection.execute(update(rows).where(*theirs).values(messages=""))
