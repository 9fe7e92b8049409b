"""Recipients of broadcasts: who gets one, listed in the ledger in slices while it is being sent."""

from typing import Any

from sqlalchemy import Connection, Row, delete, literal, select, update

from conversations.model.broadcast import Audience, Broadcast, RecipientState
from storage.broadcasts.audiences import in_audience, scopes
from storage.engine.dialects import insert
from storage.schema.tables import broadcast_recipients as rows
from storage.schema.tables import broadcasts, chats, subscriptions

SLICE_SIZE = 1_000
"""Number of subscriptions read in one transaction: 15 ms, during which SQLite can write nothing
else.
"""

STATE_CODES = {state: code for code, state in enumerate(RecipientState)}
"""The number that stands for a recipient's state in the ledger. Numbers are stored, so the order of
`RecipientState` never changes.
"""


def ledger_number(id_: str) -> int:
    """Return the number of a broadcast in the ledger: the first 60 of the 128 bits of its id."""
    return int(id_[:15], 16)


def list_slice(connection: Connection, broadcast: Broadcast, row: Row[Any]) -> None:
    """List the next recipients: those who subscribed before the broadcast began.

    `row` is the broadcast's row.
    """
    id_, audience = broadcast.id, broadcast.audience
    end = _end_of_slice(connection, audience, row.listed_up_to)
    people = (
        select(
            literal(ledger_number(id_)),
            subscriptions.c.person_key,
            literal(STATE_CODES[RecipientState.PENDING]),
            literal(False),
            literal(""),
        )
        .join(chats, chats.c.person_key == subscriptions.c.person_key)
        .where(*in_audience(audience), subscriptions.c.at <= row.began)
        .where(subscriptions.c.person_key > row.listed_up_to)
        .distinct()
    )
    if end is not None:
        people = people.where(subscriptions.c.person_key <= end)
    into = ["broadcast", "person_key", "state", "sent_twice", "messages"]
    slice_ = insert(connection.dialect.name, rows).from_select(into, people)
    added = connection.execute(slice_).rowcount
    reached = {"listed_up_to": row.listed_up_to if end is None else end, "complete": end is None}
    connection.execute(
        update(broadcasts)
        .where(broadcasts.c.broadcast == id_)
        .values(listed=broadcasts.c.listed + added, **reached)
    )


def erase_recipient(connection: Connection, person: bytes) -> None:
    """Erase this person from all ledgers. Counts stay, since they name nobody."""
    this = broadcasts.c.broadcast
    for id_ in connection.execute(select(this)).scalars().all():
        own = (rows.c.broadcast == ledger_number(id_), rows.c.person_key == person)
        state = connection.execute(delete(rows).where(*own).returning(rows.c.state)).scalar()
        if state is not None and state <= STATE_CODES[RecipientState.CLAIMED]:
            fewer = update(broadcasts).where(this == id_)
            connection.execute(fewer.values(listed=broadcasts.c.listed - 1))


def is_recipient(connection: Connection, person: bytes) -> bool:
    """Return whether a ledger has a row of this person."""
    ids = connection.execute(select(broadcasts.c.broadcast)).scalars().all()
    numbers = [ledger_number(id_) for id_ in ids]
    own = select(rows.c.broadcast).where(rows.c.broadcast.in_(numbers), rows.c.person_key == person)
    return connection.execute(own.limit(1)).first() is not None


def _end_of_slice(connection: Connection, audience: Audience, start: bytes) -> bytes | None:
    """Return the last person key of the slice that begins after `start`; None for the last one."""
    ends = []
    for scope in scopes(audience.scope):
        person = subscriptions.c.person_key
        after = select(person).where(subscriptions.c.scope == scope, person > start)
        nth = after.order_by(person).offset(SLICE_SIZE - 1).limit(1)
        ends.append(connection.execute(nth).scalar())
    return min((end for end in ends if end is not None), default=None)
