"""Recalls: deleting a broadcast from the chats that it reached."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from storage.broadcasts.recipients import ledger_number
from storage.schema.tables import broadcast_recipients as rows
from storage.schema.tables import broadcasts, chats


@dataclass(frozen=True, slots=True)
class DeliveredMessages:
    """The messages of a broadcast in one chat."""

    person: bytes
    encrypted_chat: bytes
    messages: str


def find_delivered(connection: Connection, id_: str, limit: int) -> tuple[DeliveredMessages, ...]:
    """Return up to `limit` chats that still have messages of it, by person key."""
    query = (
        select(rows.c.person_key, rows.c.messages, chats.c.encrypted_chat)
        .join(chats, chats.c.person_key == rows.c.person_key)
        .where(rows.c.broadcast == ledger_number(id_), rows.c.messages != "")
        .order_by(rows.c.person_key)
        .limit(limit)
    )
    return tuple(
        DeliveredMessages(each.person_key, each.encrypted_chat, each.messages)
        for each in connection.execute(query).all()
    )


def record_deleted(connection: Connection, id_: str, people: Sequence[bytes]) -> None:
    """Record that the messages of these people are deleted; of nobody: that all are deleted."""
    if not people:
        done = update(broadcasts).where(broadcasts.c.broadcast == id_).values(complete=True)
        connection.execute(done)
        return
    theirs = (rows.c.broadcast == ledger_number(id_), rows.c.person_key.in_(people))
    connection.execute(update(rows).where(*theirs).values(messages=""))
