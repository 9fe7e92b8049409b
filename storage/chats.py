"""A chat's one row: its journey, and what was told of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    Executable,
    Row,
    bindparam,
    delete,
    exists,
    or_,
    select,
    text,
    update,
)

from conversations.journey import Journey, dump, load
from storage.dialects import insert
from storage.tables import actions, chats, subscriptions
from storage.vault import Vault

FORGOTTEN_AFTER = timedelta(hours=24)
"""How long an abandoned journey can be resumed."""

DELETABLE = timedelta(hours=48)
"""How long a bot may delete a message (Bot API, deleteMessage)."""


# Built once: to put a statement together takes longer than to run it.
_OF_PERSON = chats.c.person_key == bindparam("person")
_MINE = (_OF_PERSON, chats.c.lease == bindparam("mine"))
_FIND = select(chats).where(_OF_PERSON)
_CLAIM = (
    update(chats)
    .where(
        _OF_PERSON,
        or_(
            chats.c.lease.is_(None),
            chats.c.lease_until <= bindparam("now"),
            chats.c.lease == bindparam("mine"),
        ),
    )
    .returning(*chats.c)
)
_SEEN = select(chats.c.seen_messages, chats.c.told).where(*_MINE)
_TELL = update(chats).where(*_MINE)


@dataclass(frozen=True)
class Saved:
    """A chat as it was kept. `prompt_message` is the id of the open prompt's message."""

    chat: int
    journey: Journey | None
    turn: int
    told: int
    prompt_message: int | None
    prompt_has_picture: bool
    seen: tuple[int, ...]


@dataclass(frozen=True)
class Told:
    """What a sender did in a chat: the turn that is told, the prompt, and messages to remember."""

    turn: int
    prompt_message: int | None
    prompt_has_picture: bool
    seen: tuple[int, ...] = ()
    cleared: bool = False


def key(vault: Vault, chat: int) -> bytes:
    """Return the key of the person in the private chat `chat`."""
    return vault.fingerprint("person", str(chat))


def lock(connection: Connection, person: bytes) -> None:
    """Hold this chat until the transaction ends, also where it has no row yet.

    SQLite has one writer, so there is nothing to lock.
    """
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(person[:8], "big", signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def find(connection: Connection, person: bytes) -> Row[Any] | None:
    """Return the chat's row as it stands."""
    return connection.execute(_FIND, {"person": person}).one_or_none()


def opened(vault: Vault, row: Row[Any]) -> Saved:
    """Return what `row` holds. Raises FromTheFuture for a newer version's journey."""
    person = row.person_key
    journey = None
    if row.sealed_journey is not None:
        sealed = vault.open(row.sealed_journey, table="chats", column="journey", row=person)
        journey = load(orjson.loads(sealed))
    chat = vault.open(row.sealed_chat, table="chats", column="chat", row=person)
    return Saved(
        chat=int(chat),
        journey=journey,
        turn=row.turn,
        told=row.told,
        prompt_message=row.prompt_message,
        prompt_has_picture=row.prompt_has_picture,
        seen=tuple(message for message, _ in orjson.loads(row.seen_messages)),
    )


def save(
    connection: Connection, vault: Vault, person: bytes, chat: int, journey: Journey, now: datetime
) -> None:
    """Keep the chat's journey."""
    content = orjson.dumps(dump(journey))
    row = {
        "person_key": person,
        "sealed_chat": vault.seal(str(chat).encode(), table="chats", column="chat", row=person),
        "sealed_journey": vault.seal(content, table="chats", column="journey", row=person),
        "turn": journey.turn,
        "touched": now,
    }
    connection.execute(_save(connection.dialect.name), row)


@cache
def _save(dialect: str) -> Executable:
    statement = insert(dialect, chats)
    changed = {name: statement.excluded[name] for name in ("sealed_journey", "turn", "touched")}
    return statement.on_conflict_do_update(index_elements=["person_key"], set_=changed)


def claim_telling(
    connection: Connection,
    vault: Vault,
    person: bytes,
    *,
    now: datetime,
    lease: str,
    until: datetime,
) -> Saved | None:
    """Become the one who speaks in this chat until `until`; None where another one does."""
    values = {"lease": lease, "lease_until": until}
    asked = {"person": person, "now": now, "mine": lease}
    claimed = connection.execute(_CLAIM, asked | values).one_or_none()
    return opened(vault, claimed) if claimed else None


def told(
    connection: Connection, person: bytes, lease: str, done: Told, *, now: datetime, keep: bool
) -> bool:
    """Note what was said; False where the lease has passed to another. `keep` keeps the lease."""
    mine = {"person": person, "mine": lease}
    row = connection.execute(_SEEN, mine).one_or_none()
    if row is None:
        return False
    since = (now - DELETABLE).timestamp()
    former = [] if done.cleared else orjson.loads(row.seen_messages)
    seen = [[message, at] for message, at in former if at > since]
    seen += [[message, now.timestamp()] for message in done.seen]
    values: dict[str, Any] = {
        "told": max(row.told, done.turn),
        "prompt_message": done.prompt_message,
        "prompt_has_picture": done.prompt_has_picture,
        "seen_messages": orjson.dumps(seen).decode(),
    }
    if not keep:
        values |= {"lease": None, "lease_until": None}
    connection.execute(_TELL, mine | values)
    return True


def untold(
    connection: Connection, vault: Vault, *, now: datetime, before: datetime, limit: int = 100
) -> tuple[int, ...]:
    """Return the chats whose last turn, answered before `before`, nobody has told."""
    rows = connection.execute(
        select(chats.c.person_key, chats.c.sealed_chat)
        .where(chats.c.told < chats.c.turn, chats.c.touched < before, ~chats.c.blocked)
        .where(or_(chats.c.lease.is_(None), chats.c.lease_until <= now))
        .order_by(chats.c.touched)
        .limit(limit)
    ).all()
    place = {"table": "chats", "column": "chat"}
    return tuple(int(vault.open(row.sealed_chat, **place, row=row.person_key)) for row in rows)


def expire(connection: Connection, now: datetime) -> int:
    """Forget the journeys that nobody went on with, and the rows that hold nothing else."""
    old = chats.c.touched < now - FORGOTTEN_AFTER
    emptied = connection.execute(
        update(chats)
        .where(old, or_(chats.c.sealed_journey.is_not(None), chats.c.seen_messages != "[]"))
        .values(
            sealed_journey=None,
            turn=0,
            told=0,
            prompt_message=None,
            prompt_has_picture=False,
            seen_messages="[]",
        )
    ).rowcount
    holds = (
        exists().where(actions.c.person_key == chats.c.person_key),
        exists().where(subscriptions.c.person_key == chats.c.person_key),
    )
    connection.execute(
        delete(chats).where(
            old, chats.c.sealed_details.is_(None), chats.c.language == "", ~holds[0], ~holds[1]
        )
    )
    return emptied
