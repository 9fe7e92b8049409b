"""Recipients of broadcasts: who gets one, listed in the ledger in slices while it is being sent."""

from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from conversations.model.broadcast import Broadcast, RecipientState
from storage.broadcasts.recipients import audiences
from storage.chats.ledger_numbers import ledger_number
from storage.crypto.vault import Vault
from storage.schema.tables import broadcast_recipients as rows
from storage.schema.tables import broadcasts

STATE_CODES = {state: code for code, state in enumerate(RecipientState)}
"""The number that stands for a recipient's state in the ledger. Numbers are stored, so the order of
`RecipientState` never changes.
"""

_PENDING = STATE_CODES[RecipientState.PENDING]


def list_slice(connection: Connection, vault: Vault, broadcast: Broadcast, row: Row[Any]) -> None:
    """List the next recipients: those who subscribed before the broadcast began.

    `row` is the broadcast's row.
    """
    id_ = broadcast.id
    found = audiences.read_slice(connection, vault, broadcast.audience, row.listed_up_to)
    new = [
        {"broadcast": ledger_number(id_), "person_key": each.key, "state": _PENDING}
        for each in found.people
        if each.at <= row.began
    ]
    if new:
        connection.execute(rows.insert(), new)
    end = row.listed_up_to if found.end is None else found.end
    connection.execute(
        update(broadcasts)
        .where(broadcasts.c.broadcast == id_)
        .values(
            listed=broadcasts.c.listed + len(new),
            listed_up_to=end,
            complete=found.end is None,
        )
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


def messages_to(connection: Connection, person: bytes) -> tuple[int, ...]:
    """Return the Telegram ids of the messages that broadcasts left in this person's chat."""
    ids = connection.execute(select(broadcasts.c.broadcast)).scalars().all()
    numbers = [ledger_number(id_) for id_ in ids]
    own = (rows.c.broadcast.in_(numbers), rows.c.person_key == person, rows.c.messages != "")
    found = connection.execute(select(rows.c.messages).where(*own)).scalars()
    return tuple(int(id_) for each in found for id_ in each.replace(";", ",").split(","))


def is_recipient(connection: Connection, person: bytes) -> bool:
    """Return whether a ledger has a row of this person."""
    ids = connection.execute(select(broadcasts.c.broadcast)).scalars().all()
    numbers = [ledger_number(id_) for id_ in ids]
    own = select(rows.c.broadcast).where(rows.c.broadcast.in_(numbers), rows.c.person_key == person)
    return connection.execute(own.limit(1)).first() is not None
