"""Chats: the journey of each person, and which replies were sent."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    Executable,
    Row,
    bindparam,
    case,
    delete,
    exists,
    false,
    or_,
    select,
    update,
)

from conversations.core.facts import Details
from conversations.model.journey import Journey, dump, load
from storage.crypto.vault import Vault
from storage.engine.dialects import advisory_lock, insert
from storage.schema.encryption import CHAT_DETAILS, CHAT_ID, CHAT_JOURNEY
from storage.schema.tables import (
    actions,
    broadcasts,
    chats,
    roles,
    subscriptions,
)

JOURNEY_LIFETIME = timedelta(hours=24)
"""How long an abandoned journey can be continued."""

DELETABLE_FOR = timedelta(hours=48)
"""How long a bot may delete a message (Bot API, deleteMessage)."""

MAX_SEEN_MESSAGES = 1000
"""Number of messages of a chat that are remembered, so that a flood slows nobody down."""

FAILED_REPLY_PAUSE = timedelta(seconds=5)
"""How long no replies are sent in a chat after one failed."""

LEASE = timedelta(seconds=30)
"""How long a process that died keeps others from sending replies in a chat."""


# Built once, since building a statement takes longer than running it.
_OF_PERSON = chats.c.person_key == bindparam("person")
_IS_FREE = or_(chats.c.lease.is_(None), chats.c.lease_until <= bindparam("now"))
_LEASE_COLUMNS = (
    chats.c.lease,
    chats.c.turn,
    chats.c.replied_turn,
    chats.c.prompt_message,
    chats.c.prompt_has_picture,
    chats.c.seen_messages,
)
_FIND = (
    select(
        chats.c.person_key,
        chats.c.language,
        chats.c.zone,
        chats.c.blocked,
        chats.c.turn,
        chats.c.replied_turn,
        roles.c.role,
        chats.c.encrypted_details,
        chats.c.encrypted_journey,
    )
    .outerjoin(roles, roles.c.person_key == chats.c.person_key)
    .where(_OF_PERSON)
)
_CLAIM = update(chats).where(_OF_PERSON, _IS_FREE).returning(*_LEASE_COLUMNS)
_RECORD_REPLIES = (
    update(chats)
    .where(_OF_PERSON, chats.c.lease == bindparam("mine"))
    .values(
        replied_turn=case(
            (chats.c.replied_turn < bindparam("reached"), bindparam("reached")),
            else_=chats.c.replied_turn,
        )
    )
)


@dataclass(frozen=True, slots=True)
class SavedChat:
    """A private chat as it is saved, without what was said in it."""

    person_key: bytes
    language: str
    """The language that the person chose; empty if they chose none."""

    zone: str
    """Time zone in which a campaigner types times; empty if they set none."""

    blocked: bool
    """Whether the person blocked the bot."""

    turn: int
    """Number of the latest turn."""

    replied_turn: int
    """Number of the latest turn whose replies were sent."""

    role: str | None
    """Value of the `Role` that the person accepted; those of the settings are not saved."""

    encrypted_details: bytes | None = field(repr=False)
    """Remembered details, encrypted."""

    encrypted_journey: bytes | None = field(repr=False)
    """The journey, encrypted."""


@dataclass(frozen=True)
class ChatLease:
    """The lease for sending replies in a chat, and the state of the chat."""

    lease: str
    turn: int
    """Number of the latest turn."""

    replied_turn: int
    """Number of the latest turn whose replies were sent."""

    prompt_message: int | None
    """Telegram message id of the current question."""

    prompt_has_picture: bool
    seen: tuple[tuple[int, float], ...]
    """Messages that can still be deleted: id, and time in seconds since 1970."""


@dataclass(frozen=True)
class SentReplies:
    """The replies that were sent in a chat."""

    turn: int
    """Number of the turn."""

    prompt_message: int | None
    """Telegram message id of the current question."""

    prompt_has_picture: bool
    seen: tuple[int, ...] = ()
    """Ids of messages to remember, because they can be deleted later."""

    cleared: bool = False
    """Whether all messages remembered before were deleted."""

    complete: bool = True
    """Whether all replies were sent."""


def key(vault: Vault, chat: int) -> bytes:
    """Return the key of the person in the private chat `chat`."""
    return vault.keyed_hash("person", str(chat))


def decrypt_chat_id(vault: Vault, encrypted: bytes, person: bytes) -> int:
    """Return the Telegram id of a person's chat. Raises DecryptionError."""
    return int(vault.decrypt(encrypted, CHAT_ID, row=person))


def lock(connection: Connection, person: bytes) -> None:
    """Lock this chat until the transaction ends, even if it has no row yet."""
    advisory_lock(connection, int.from_bytes(person[:8], "big", signed=True))


def find(connection: Connection, person: bytes) -> SavedChat | None:
    """Return the person's chat; None for a new person."""
    row = connection.execute(_FIND, {"person": person}).one_or_none()
    return None if row is None else SavedChat(*row)


def journey(vault: Vault, chat: SavedChat) -> Journey | None:
    """Return the saved journey; None if there is none.

    Raises NewerVersion for a journey that a newer version of the bot saved.
    """
    if chat.encrypted_journey is None:
        return None
    return load(
        orjson.loads(vault.decrypt(chat.encrypted_journey, CHAT_JOURNEY, row=chat.person_key))
    )


def details(vault: Vault, chat: SavedChat) -> Details | None:
    """Return the details that are remembered for the next letter; None if there are none."""
    if chat.encrypted_details is None:
        return None
    return Details(
        **orjson.loads(vault.decrypt(chat.encrypted_details, CHAT_DETAILS, row=chat.person_key))
    )


def save(
    connection: Connection,
    vault: Vault,
    person: bytes,
    chat: int,
    journey: Journey,
    now: datetime,
    *,
    lease: str | None = None,
) -> ChatLease | None:
    """Save the journey. Return the lease for sending replies, if `lease` is given and free."""
    content = orjson.dumps(dump(journey))
    row = {
        "person_key": person,
        "encrypted_chat": vault.encrypt(str(chat).encode(), CHAT_ID, row=person),
        "encrypted_journey": vault.encrypt(content, CHAT_JOURNEY, row=person),
        "turn": journey.turn,
        "changed": now,
        "lease": lease,
        "lease_until": now + LEASE if lease else None,
    }
    saved = connection.execute(_save(connection.dialect.name), row | {"now": now}).one()
    return _lease(saved) if lease and saved.lease == lease else None


@cache
def _save(dialect: str) -> Executable:
    statement = insert(dialect, chats)
    changed: dict[str, Any] = {
        name: statement.excluded[name] for name in ("encrypted_journey", "turn", "changed")
    }
    for name in ("lease", "lease_until"):
        changed[name] = case((_IS_FREE, statement.excluded[name]), else_=chats.c[name])
    changed["blocked"] = false()  # a person who writes has not blocked the bot
    upsert = statement.on_conflict_do_update(index_elements=["person_key"], set_=changed)
    return upsert.returning(*_LEASE_COLUMNS)


def claim_chat(
    connection: Connection, person: bytes, *, now: datetime, lease: str
) -> ChatLease | None:
    """Claim the chat for sending replies for `LEASE`; None if another process has claimed it."""
    values = {"lease": lease, "lease_until": now + LEASE}
    taken = connection.execute(_CLAIM, {"person": person, "now": now, **values})
    saved = taken.one_or_none()
    return _lease(saved) if saved else None


def record_replies(
    connection: Connection, person: bytes, lease: ChatLease, done: SentReplies, *, now: datetime
) -> bool:
    """Record the replies and release the lease; False if the lease was lost.

    If not all replies were sent, the lease stays taken for `FAILED_REPLY_PAUSE`.
    """
    since = (now - DELETABLE_FOR).timestamp()
    former = () if done.cleared else (each for each in lease.seen if each[1] > since)
    seen = [*former, *((message, now.timestamp()) for message in done.seen)]
    values = {
        "prompt_message": done.prompt_message,
        "prompt_has_picture": done.prompt_has_picture,
        "seen_messages": orjson.dumps(seen[-MAX_SEEN_MESSAGES:]).decode(),
        "lease": None if done.complete else lease.lease,
        "lease_until": None if done.complete else now + FAILED_REPLY_PAUSE,
    }
    mine = {"person": person, "mine": lease.lease, "reached": done.turn}
    return connection.execute(_RECORD_REPLIES, mine | values).rowcount == 1


def release_all_leases(connection: Connection) -> None:
    """Release all leases. Only one process may exist, and it is new: their holder is gone."""
    connection.execute(update(chats).where(chats.c.lease.is_not(None)).values(lease=None))


def _lease(row: Row[Any]) -> ChatLease:
    seen = tuple((message, at) for message, at in orjson.loads(row.seen_messages))
    return ChatLease(
        row.lease, row.turn, row.replied_turn, row.prompt_message, row.prompt_has_picture, seen
    )


def find_unreplied(
    connection: Connection, vault: Vault, *, now: datetime, before: datetime, limit: int = 100
) -> tuple[int, ...]:
    """Return up to `limit` chats whose last turn, saved before `before`, has no replies yet."""
    rows = connection.execute(
        select(chats.c.person_key, chats.c.encrypted_chat)
        .where(chats.c.replied_turn < chats.c.turn, chats.c.changed < before, ~chats.c.blocked)
        .where(or_(chats.c.lease.is_(None), chats.c.lease_until <= now))
        .order_by(chats.c.changed)
        .limit(limit)
    ).all()
    return tuple(decrypt_chat_id(vault, row.encrypted_chat, row.person_key) for row in rows)


def prune(connection: Connection, now: datetime) -> int:
    """Erase abandoned journeys, and rows that hold nothing else. Return the number of journeys."""
    old = chats.c.changed < now - JOURNEY_LIFETIME
    emptied = connection.execute(
        update(chats)
        .where(old, or_(chats.c.encrypted_journey.is_not(None), chats.c.seen_messages != "[]"))
        .values(
            encrypted_journey=None,
            turn=0,
            replied_turn=0,
            prompt_message=None,
            prompt_has_picture=False,
            seen_messages="[]",
        )
    ).rowcount
    holds = or_(
        *(
            exists().where(table.c.person_key == chats.c.person_key)
            for table in (actions, broadcasts, subscriptions, roles)
        )
    )
    connection.execute(
        delete(chats).where(
            old,
            chats.c.encrypted_details.is_(None),
            chats.c.language == "",
            ~chats.c.has_role_menu,
            ~holds,
        )
    )
    return emptied
