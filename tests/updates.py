"""Put subscribers and broadcasts into the database, as the bot does."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from conversations.model.broadcast import (
    Audience,
    Broadcast,
    BroadcastButton,
    ButtonKind,
    Media,
    Part,
    RecipientState,
)
from storage.broadcasts import broadcasts, releases
from storage.chats.chat_ids import encrypt_chat_id
from storage.chats.ledger_numbers import ledger_number
from storage.chats.subscribers import encrypt_subscriber
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.rounding import day_of
from storage.schema.tables import broadcast_recipients, subscriptions
from storage.schema.tables import chats as chats_table

FIRST = 7_100_000_001
"""The first subscriber's chat id."""
HELLO = Part(Media.TEXT, "The river is free again: the people have won.")
ACT = BroadcastButton(ButtonKind.ACT, "Take action", "hong-kong")


def update(*parts: Part, **more: Any) -> Broadcast:
    """Return a broadcast to all subscribers of the sample campaign."""
    audience = more.pop("audience", Audience("hong-kong"))
    versions = more.pop("versions", {"en": parts or (HELLO,)})
    return Broadcast(secrets.token_hex(16), audience, versions, "en", **more)


def subscribe(
    connection: Connection, vault: Vault, chats: range, now: datetime, language: str = "en"
) -> None:
    """Subscribe these chats to the sample campaign."""
    people = [PersonKeys(vault, each) for each in chats]
    connection.execute(
        insert(chats_table),
        [
            {
                "person_key": each.chat,
                "encrypted_chat": encrypt_chat_id(vault, each),
                "changed": now,
            }
            for each in people
        ],
    )
    connection.execute(
        insert(subscriptions),
        [
            {
                "person_key": each.subscriptions,
                "scope": "hong-kong",
                "encrypted_details": encrypt_subscriber(vault, each, language, now),
                "at": day_of(now),
            }
            for each in people
        ],
    )


def confirm(
    connection: Connection, vault: Vault, author: int, broadcast: Broadcast, now: datetime
) -> None:
    """Save the broadcast as the author's draft, and confirm it."""
    person = PersonKeys(vault, author)
    assert broadcasts.save_draft(connection, vault, person, broadcast, now, "token")
    assert broadcasts.confirm(connection, broadcast.id, person.staff, "token", now)
    releases.release(connection, vault, broadcast.id, person.staff.hex())


def fates(connection: Connection, id_: str) -> Mapping[RecipientState, int]:
    """Return the number of recipients in each state."""
    mine = broadcast_recipients.c.broadcast == ledger_number(id_)
    fate = broadcast_recipients.c.state
    counted = select(fate, func.count()).where(mine).group_by(fate)
    return {tuple(RecipientState)[code]: many for code, many in connection.execute(counted).all()}
