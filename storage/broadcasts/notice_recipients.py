"""Recipients of notices: everybody whom the database can reach, subscribed or not.

They are listed before the first one is sent to, so each is listed once, whatever leads to them.
"""

from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from conversations.model.broadcast import Broadcast, RecipientState
from storage.broadcasts.recipients import STATE_CODES, ledger_number
from storage.crypto.vault import Vault
from storage.engine.dialects import insert
from storage.schema.tables import broadcast_recipients as rows
from storage.schema.tables import broadcasts, chats

SLICE_SIZE = 500
"""Number of rows that one transaction reads."""


def count(connection: Connection) -> int:
    """Return about how many people are known."""
    return int(connection.execute(select(func.count()).select_from(chats)).scalar_one())


def list_slice(connection: Connection, vault: Vault, notice: Broadcast, row: Row[Any]) -> None:
    """List the next recipients. `row` is the notice's row."""
    after = chats.c.person_key > row.listed_up_to
    query = select(chats.c.person_key).where(after).order_by(chats.c.person_key).limit(SLICE_SIZE)
    keys = connection.execute(query).scalars().all()
    new = [
        {
            "broadcast": ledger_number(notice.id),
            "person_key": key,
            "state": STATE_CODES[RecipientState.PENDING],
            "sent_twice": False,
            "messages": "",
        }
        for key in keys
    ]
    added = 0
    if new:
        statement = insert(connection.dialect.name, rows).on_conflict_do_nothing()
        added = connection.execute(statement.values(new)).rowcount
    reached = {"listed_up_to": keys[-1] if keys else row.listed_up_to, "complete": not keys}
    this = update(broadcasts).where(broadcasts.c.broadcast == notice.id)
    connection.execute(this.values(listed=broadcasts.c.listed + added, **reached))
