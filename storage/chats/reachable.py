"""Chats in which something must be shown, among rows that have encrypted chat ids of their own."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, or_, select

from storage.chats.leases import IS_SET_ASIDE
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.schema.tables import chats

_PAGE_SIZE = 200
"""Number of rows that are read at once."""

_AMONG = chats.c.person_key.in_(bindparam("keys", expanding=True))
_BLOCKED = select(chats.c.person_key).where(_AMONG, chats.c.blocked)
_UNREACHABLE = select(chats.c.person_key).where(
    _AMONG, or_(chats.c.blocked, chats.c.lease.is_not(None) & IS_SET_ASIDE)
)


def find(
    connection: Connection,
    vault: Vault,
    query: Select[Any],
    chat_of: Callable[[Row[Any]], int],
    *,
    limit: int,
    now: datetime | None = None,
) -> tuple[int, ...]:
    """Return up to `limit` chats of the rows of `query`, in its order, each once.

    `chat_of` decrypts the chat id of a row. Chats that have blocked the bot are left out; with
    `now`, so are those that are paused or in which a process catches up. However many these are,
    the others are found.
    """
    found: dict[int, None] = {}
    for page in count(0, _PAGE_SIZE):
        rows = connection.execute(query.limit(_PAGE_SIZE).offset(page)).all()
        people = {PersonKeys(vault, chat).chat: chat for chat in map(chat_of, rows)}
        unreachable = _UNREACHABLE if now is not None else _BLOCKED
        parameters = {"keys": [*people], **({} if now is None else {"now": now})}
        left_out = set(connection.execute(unreachable, parameters).scalars()) if people else set()
        found |= dict.fromkeys(chat for key, chat in people.items() if key not in left_out)
        if len(rows) < _PAGE_SIZE or len(found) >= limit:
            break
    return tuple(found)[:limit]
