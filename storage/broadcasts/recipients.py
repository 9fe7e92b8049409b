"""Listing: who gets an update, written into its ledger in slices while it is being sent."""

from typing import Any

from sqlalchemy import Connection, Row, literal, select, update

from conversations.model.broadcast import Audience, Broadcast
from storage.broadcasts.audiences import in_audience, scopes
from storage.engine.dialects import insert
from storage.schema.tables import broadcast_recipients as rows
from storage.schema.tables import broadcasts, chats, subscriptions

SLICE_SIZE = 1_000
"""How many subscriptions are looked through in one transaction: 15 ms, in which SQLite's one writer
does nothing else.
"""


def ledger_number(id_: str) -> int:
    """Return the number that stands for a broadcast in the ledger: the first 60 of 128 bits."""
    return int(id_[:15], 16)


def list_slice(connection: Connection, broadcast: Broadcast, row: Row[Any]) -> None:
    """List the next recipients: those who subscribed before the broadcast began."""
    id_, audience = broadcast.id, broadcast.audience
    upto = _end(connection, audience, row.listed_up_to)
    people = (
        select(
            literal(ledger_number(id_)),
            subscriptions.c.person_key,
            literal(0),
            literal(False),
            literal(""),
        )
        .join(chats, chats.c.person_key == subscriptions.c.person_key)
        .where(*in_audience(audience), subscriptions.c.at <= row.began)
        .where(subscriptions.c.person_key > row.listed_up_to)
        .distinct()
    )
    if upto is not None:
        people = people.where(subscriptions.c.person_key <= upto)
    into = ["broadcast", "person_key", "state", "sent_twice", "messages"]
    slice_ = insert(connection.dialect.name, rows).from_select(into, people)
    added = connection.execute(slice_).rowcount
    reached = {"listed_up_to": row.listed_up_to if upto is None else upto, "complete": upto is None}
    connection.execute(
        update(broadcasts)
        .where(broadcasts.c.broadcast == id_)
        .values(listed=broadcasts.c.listed + added, **reached)
    )


def _end(connection: Connection, audience: Audience, start: bytes) -> bytes | None:
    """Return the last key of the slice that begins after `start`; None where it is the last."""
    ends = []
    for scope in scopes(audience.scope):
        person = subscriptions.c.person_key
        after = select(person).where(subscriptions.c.scope == scope, person > start)
        ends.append(
            connection.execute(after.order_by(person).offset(SLICE_SIZE - 1).limit(1)).scalar()
        )
    return min((end for end in ends if end is not None), default=None)
