"""A chat's one row: its journey, and what was told of it."""

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
"""How long an abandoned journey can be resumed."""

DELETABLE_FOR = timedelta(hours=48)
"""How long a bot may delete a message (Bot API, deleteMessage)."""

MAX_SEEN_MESSAGES = 1000
"""How many messages of a chat are remembered; who floods it must not slow others down."""

FAILED_REPLY_PAUSE = timedelta(seconds=5)
"""How long a chat rests in which something could not be said."""

LEASE = timedelta(seconds=30)
"""How long a sender that fell silent keeps a chat from others."""


# Built once: to put a statement together takes longer than to run it.
_OF_PERSON = chats.c.person_key == bindparam("person")
_IS_FREE = or_(chats.c.lease.is_(None), chats.c.lease_until <= bindparam("now"))
_FLOOR = (
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
_TAKE_FLOOR = update(chats).where(_OF_PERSON, _IS_FREE).returning(*_FLOOR)
_TOLD = (
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
    """A chat that is ours to speak in until the lease ends, and what stands in it.

    `seen` are messages that may still be deleted, each with its time in seconds since 1970.
    """

    lease: str
    turn: int
    told: int
    prompt_message: int | None
    prompt_has_picture: bool
    seen: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class SentReplies:
    """What a sender did in a chat: the turn that is told, the prompt, and messages to remember."""

    turn: int
    prompt_message: int | None
    prompt_has_picture: bool
    seen: tuple[int, ...] = ()
    cleared: bool = False
    whole: bool = True


def key(vault: Vault, chat: int) -> bytes:
    """Return the key of the person in the private chat `chat`."""
    return vault.keyed_hash("person", str(chat))


def decrypt_chat_id(vault: Vault, encrypted: bytes, person: bytes) -> int:
    """Return the Telegram id of a person's chat. Raises DecryptionError."""
    return int(vault.decrypt(encrypted, CHAT_ID, row=person))


def lock(connection: Connection, person: bytes) -> None:
    """Hold this chat until the transaction ends, also where it has no row yet."""
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
    """Keep the chat's journey; return the floor, where `lease` asks for it and nobody has it."""
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
    stands = connection.execute(_save(connection.dialect.name), row | {"now": now}).one()
    return _floor(stands) if lease and stands.lease == lease else None


@cache
def _save(dialect: str) -> Executable:
    statement = insert(dialect, chats)
    changed: dict[str, Any] = {
        name: statement.excluded[name] for name in ("encrypted_journey", "turn", "changed")
    }
    for name in ("lease", "lease_until"):
        changed[name] = case((_IS_FREE, statement.excluded[name]), else_=chats.c[name])
    changed["blocked"] = false()  # whoever writes to us has let us in
    upsert = statement.on_conflict_do_update(index_elements=["person_key"], set_=changed)
    return upsert.returning(*_FLOOR)


def claim_chat(
    connection: Connection, person: bytes, *, now: datetime, lease: str
) -> ChatLease | None:
    """Become the one who speaks in this chat for `SPEAKING`; None where another one does."""
    values = {"lease": lease, "lease_until": now + LEASE}
    taken = connection.execute(_TAKE_FLOOR, {"person": person, "now": now, **values})
    stands = taken.one_or_none()
    return _floor(stands) if stands else None


def record_replies(
    connection: Connection, person: bytes, floor: ChatLease, done: SentReplies, *, now: datetime
) -> bool:
    """Note what was said and leave the floor; False where it has passed to another.

    Where not everything could be said, the floor stays taken for `BREATH`: nobody tries at once.
    """
    since = (now - DELETABLE_FOR).timestamp()
    former = () if done.cleared else (each for each in floor.seen if each[1] > since)
    seen = [*former, *((message, now.timestamp()) for message in done.seen)]
    values = {
        "prompt_message": done.prompt_message,
        "prompt_has_picture": done.prompt_has_picture,
        "seen_messages": orjson.dumps(seen[-MAX_SEEN_MESSAGES:]).decode(),
        "lease": None if done.whole else floor.lease,
        "lease_until": None if done.whole else now + FAILED_REPLY_PAUSE,
    }
    mine = {"person": person, "mine": floor.lease, "reached": done.turn}
    return connection.execute(_TOLD, mine | values).rowcount == 1


def release_all_leases(connection: Connection) -> None:
    """End all leases: whoever held one in the one process that there may be is gone."""
    connection.execute(update(chats).where(chats.c.lease.is_not(None)).values(lease=None))


def _floor(row: Row[Any]) -> ChatLease:
    seen = tuple((message, at) for message, at in orjson.loads(row.seen_messages))
    return ChatLease(
        row.lease, row.turn, row.replied_turn, row.prompt_message, row.prompt_has_picture, seen
    )


def find_unreplied(
    connection: Connection, vault: Vault, *, now: datetime, before: datetime, limit: int = 100
) -> tuple[int, ...]:
    """Return the chats whose last turn, answered before `before`, nobody has told."""
    rows = connection.execute(
        select(chats.c.person_key, chats.c.encrypted_chat)
        .where(chats.c.replied_turn < chats.c.turn, chats.c.changed < before, ~chats.c.blocked)
        .where(or_(chats.c.lease.is_(None), chats.c.lease_until <= now))
        .order_by(chats.c.changed)
        .limit(limit)
    ).all()
    return tuple(decrypt_chat_id(vault, row.encrypted_chat, row.person_key) for row in rows)


def prune(connection: Connection, now: datetime) -> int:
    """Forget the journeys that nobody went on with, and the rows that hold nothing else."""
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
