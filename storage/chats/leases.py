"""Leases for sending replies: one process at a time sends replies in a chat."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    Executable,
    Row,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from storage.chats.chat_ids import decrypt_chat_id, encrypt_chat_id
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.columns import UtcDateTime
from storage.engine.dialects import insert
from storage.engine.lease_ends import has_ended
from storage.engine.rounding import end_of_moment, hour_of
from storage.schema.encryption import CHAT_MESSAGES, CHAT_TOPIC
from storage.schema.tables import chats

DELETABLE_FOR = timedelta(hours=48)
"""How long a bot may delete a message (Bot API, deleteMessage)."""

MAX_SEEN_MESSAGES = 1000
"""Number of messages of a chat that are remembered, so that a flood slows nobody down."""

FAILED_REPLY_PAUSE = timedelta(seconds=5)
"""How long no replies are sent in a chat after one failed, unless Telegram asks for longer."""

SIGN_OF_LIFE_WAIT = timedelta(seconds=5)
"""How long the replies of a turn do not yet begin to count as lost that may have arrived."""

LEASE = timedelta(seconds=30)
"""How long a process that died keeps others from sending replies in a chat."""

MAX_LEASE = timedelta(minutes=2)
"""Longer than any lease or pause of a chat."""

PAUSED = "paused"
"""The lease of a chat in which sending failed: nobody sends there until it ends."""

_FOR_ANSWER, _FOR_CATCHING_UP = "a-", "c-"
"""The first part of a lease's token: what the process sends in the chat."""


_OF_PERSON = chats.c.person_key == bindparam("person")
IS_FREE = or_(
    chats.c.lease.is_(None),
    has_ended(chats.c.lease_until, bindparam("now", type_=UtcDateTime), MAX_LEASE),
)
LEASE_COLUMNS = (
    chats.c.lease,
    chats.c.turn,
    chats.c.replied_turn,
    chats.c.encrypted_messages,
    chats.c.encrypted_topic,
)
IS_SET_ASIDE = and_(
    ~has_ended(chats.c.lease_until, bindparam("now", type_=UtcDateTime), MAX_LEASE),
    chats.c.lease.not_like(f"{_FOR_ANSWER}%"),
)
"""Whether a chat is paused, or somebody catches up there: looking again finds nothing to do."""

_RECORD_REPLIES = (
    update(chats)
    .where(_OF_PERSON, chats.c.lease == bindparam("mine"))
    .values(
        replied_turn=case(
            (chats.c.replied_turn < bindparam("reached"), bindparam("reached")),
            else_=chats.c.replied_turn,
        ),
        unreplied_since=case(
            (
                chats.c.turn > bindparam("reached"),
                func.coalesce(bindparam("sign", type_=UtcDateTime), chats.c.unreplied_since),
            )
        ),
    )
)


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

    topic: int = 0
    """The topic of the person's last message (Bot API, message_thread_id); 0 outside topics."""


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

    pause: timedelta | None = None
    """For how long nothing is sent in the chat, if sending failed."""

    is_uncertain: bool = False
    """Whether the replies of the next turn may have been sent: Telegram's answer was cut off."""


def new_lease(process: str, *, catching_up: bool = False) -> str:
    """Return a token for a lease of `process`."""
    purpose = _FOR_CATCHING_UP if catching_up else _FOR_ANSWER
    return f"{purpose}{process}-{secrets.token_hex(8)}"


def claim_chat(
    connection: Connection, vault: Vault, person: PersonKeys, *, now: datetime, lease: str
) -> ChatLease | None:
    """Claim the chat for sending replies for `LEASE`; None if another process has claimed it.

    A chat whose row was deleted gets a new one.
    """
    row = {
        "person_key": person.chat,
        "encrypted_chat": encrypt_chat_id(vault, person),
        "changed": hour_of(now),
        "lease": lease,
        "lease_until": now + LEASE,
        "now": now,
    }
    saved = connection.execute(_claim(connection.dialect.name), row).one_or_none()
    return to_lease(vault, person.chat, saved) if saved else None


@cache
def _claim(dialect: str) -> Executable:
    statement = insert(dialect, chats)
    taken = {name: statement.excluded[name] for name in ("lease", "lease_until")}
    upsert = statement.on_conflict_do_update(
        index_elements=["person_key"], set_=taken, where=IS_FREE
    )
    return upsert.returning(*LEASE_COLUMNS)


def record_replies(
    connection: Connection,
    vault: Vault,
    person: PersonKeys,
    lease: ChatLease,
    done: SentReplies,
    *,
    now: datetime,
) -> bool:
    """Record the replies and release the lease; False if the lease was lost.

    If sending failed, the chat is paused. If it is uncertain, the replies count as lost only after
    `SIGN_OF_LIFE_WAIT`: until then, the person's next answer or press shows that they arrived.
    """
    since = (now - DELETABLE_FOR).timestamp()
    former = () if done.cleared else (each for each in lease.seen if each[1] > since)
    seen = [*former, *((message, now.timestamp()) for message in done.seen)]
    messages = orjson.dumps(
        {
            "prompt": done.prompt_message,
            "has_picture": done.prompt_has_picture,
            "seen": seen[-MAX_SEEN_MESSAGES:],
        }
    )
    values = {
        "encrypted_messages": vault.encrypt(messages, CHAT_MESSAGES, row=person.chat),
        "lease": None if done.pause is None else PAUSED,
        "lease_until": None if done.pause is None else now + done.pause,
    }
    sign = end_of_moment(now + SIGN_OF_LIFE_WAIT) if done.is_uncertain else None
    own = {"person": person.chat, "mine": lease.lease, "reached": done.turn, "sign": sign}
    return connection.execute(_RECORD_REPLIES, own | values).rowcount == 1


def release(connection: Connection, person: bytes, lease: str) -> None:
    """Release the lease of one chat."""
    held = (chats.c.person_key == person, chats.c.lease == lease)
    connection.execute(update(chats).where(*held).values(lease=None, lease_until=None))


def release_leases(connection: Connection, process: str) -> None:
    """Release the leases that `process` holds: it stops."""
    mine = (chats.c.lease.is_not(None), chats.c.lease.like(f"%-{process}-%"))
    connection.execute(update(chats).where(*mine).values(lease=None))


def release_all_leases(connection: Connection) -> None:
    """Release all leases. Only one process may send replies, and it is new: the holder is gone."""
    connection.execute(update(chats).where(chats.c.lease.is_not(None)).values(lease=None))


def find_unreplied(
    connection: Connection, vault: Vault, *, now: datetime, before: datetime, limit: int = 100
) -> tuple[int, ...]:
    """Return up to `limit` chats whose last turn, saved before `before`, has no replies yet."""
    rows = connection.execute(
        select(chats.c.person_key, chats.c.encrypted_chat)
        .where(chats.c.unreplied_since < before, ~chats.c.blocked)
        .where(or_(chats.c.lease.is_(None), has_ended(chats.c.lease_until, now, MAX_LEASE)))
        .order_by(chats.c.unreplied_since)
        .limit(limit)
    ).all()
    return tuple(decrypt_chat_id(vault, row.encrypted_chat, row.person_key) for row in rows)


def correct_future(connection: Connection, now: datetime) -> None:
    """Correct since when replies are unsent, where a clock that was ahead has stored that."""
    of_future = chats.c.unreplied_since > end_of_moment(now)
    connection.execute(update(chats).where(of_future).values(unreplied_since=end_of_moment(now)))


def to_lease(vault: Vault, key: bytes, row: Row[Any]) -> ChatLease:
    """Return the lease of a row with `LEASE_COLUMNS`, whose person key is `key`."""
    saved: dict[str, Any] = {"prompt": None, "has_picture": False, "seen": []}
    if row.encrypted_messages is not None:
        saved = orjson.loads(vault.decrypt(row.encrypted_messages, CHAT_MESSAGES, row=key))
    topic = row.encrypted_topic and vault.decrypt(row.encrypted_topic, CHAT_TOPIC, row=key)
    return ChatLease(
        row.lease,
        row.turn,
        row.replied_turn,
        saved["prompt"],
        saved["has_picture"],
        tuple((message, at) for message, at in saved["seen"]),
        int(topic or 0),
    )
