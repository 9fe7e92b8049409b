"""Updates that are being composed: what a composer must know of them, and what it decides."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, delete, select, update

from conversations.core.effects.broadcasts import ConfirmBroadcast
from conversations.model.broadcast import Audience, Broadcast, BroadcastStatus
from storage.broadcasts import audiences, broadcasts
from storage.chats.chats import decrypt_chat_id
from storage.crypto.vault import Vault
from storage.engine.dialects import advisory_lock
from storage.schema.tables import actions, subscriptions
from storage.schema.tables import broadcasts as table
from storage.schema.tables import chats as people

RETENTION = timedelta(days=7)
"""How long a draft stays that nobody goes on with."""

_UNSENT = (BroadcastStatus.DRAFT.value, BroadcastStatus.MISSED.value)
_LOCK = 0x636F_6E66_6972_6D
"""The advisory lock of those who confirm an update: “confirm” in ASCII."""

_ID = re.compile(r"[0-9a-f]{12,32}")


@dataclass(frozen=True)
class Draft:
    """An update of `person`'s, as it is kept. `approved` is the digest that was found good."""

    broadcast: Broadcast
    person: bytes
    state: BroadcastStatus
    token: str
    approved: str
    album_until: datetime | None
    chat: int
    language: str


def current_draft(connection: Connection, vault: Vault, person: bytes) -> Draft | None:
    """Return what this person composes, the latest; None where that is nothing."""
    mine = (table.c.person_key == person, table.c.state == BroadcastStatus.DRAFT.value)
    query = select(table.c.broadcast).where(*mine).order_by(table.c.changed.desc()).limit(1)
    id_ = connection.execute(query).scalar()
    return find(connection, vault, id_) if id_ else None


def find(connection: Connection, vault: Vault, id_: str) -> Draft | None:
    """Return the update whose id is `id_`, or begins so, whoever's it is and however it stands.

    None where there is none, or nobody's any more.
    """
    if not _ID.fullmatch(id_):
        return None
    query = select(table, people.c.encrypted_chat, people.c.language).join(
        people, people.c.person_key == table.c.person_key
    )
    row = connection.execute(query.where(table.c.broadcast.startswith(id_)).limit(1)).one_or_none()
    if row is None:
        return None
    return Draft(
        broadcast=broadcasts.decrypt_broadcast(vault, row),
        person=row.person_key,
        state=BroadcastStatus(row.state),
        token=row.token,
        approved=row.approved,
        album_until=row.album_until,
        chat=decrypt_chat_id(vault, row.encrypted_chat, row.person_key),
        language=row.language,
    )


def set_album_deadline(connection: Connection, id_: str, until: datetime | None) -> None:
    """Have the draft's album counted as whole at `until`, if nothing more comes before."""
    connection.execute(update(table).where(table.c.broadcast == id_).values(album_until=until))


def complete_albums(connection: Connection, vault: Vault, now: datetime) -> tuple[int, ...]:
    """Return the chats whose albums are whole."""
    due = (table.c.album_until <= now, table.c.state != BroadcastStatus.DISCARDED.value)
    ids = connection.execute(select(table.c.broadcast).where(*due)).scalars().all()
    return tuple(draft.chat for id_ in ids if (draft := find(connection, vault, id_)))


def approve(connection: Connection, id_: str, content: str) -> None:
    """Note that somebody else found the content with this digest good."""
    connection.execute(update(table).where(table.c.broadcast == id_).values(approved=content))


def confirm(connection: Connection, person: bytes, effect: ConfirmBroadcast, now: datetime) -> bool:
    """Send the update, now or at its time.

    False where it was confirmed before, or where not as many are going as the answer was made for:
    of two who confirm in the same instant neither would be told of the other.
    """
    id_, token = effect.broadcast, effect.token
    if effect.at is not None:
        schedule = partial(broadcasts.schedule, at=effect.at, expected=effect.expected)
        return schedule(connection, id_, person, token, now=now)
    advisory_lock(connection, _LOCK)
    if count_sending(connection) != effect.already_sending:
        return False
    return broadcasts.confirm(connection, id_, person, token, now, expected=effect.expected)


def erase_author(connection: Connection, person: bytes) -> None:
    """Erase what this person composes; what they sent is nobody's then."""
    unsent = (*_UNSENT, BroadcastStatus.DISCARDED.value)
    mine = table.c.person_key == person
    connection.execute(delete(table).where(mine, table.c.state.in_(unsent)))
    connection.execute(update(table).where(mine).values(person_key=b""))


def prune(connection: Connection, now: datetime) -> None:
    """Erase what was given up, and drafts that nobody went on with."""
    old = (table.c.state.in_(_UNSENT), table.c.changed < now - RETENTION)
    connection.execute(delete(table).where(*old))
    connection.execute(delete(table).where(table.c.state == BroadcastStatus.DISCARDED.value))


def count_sending(connection: Connection) -> int:
    """Return how many updates are being sent at this moment."""
    sending = select(table.c.broadcast).where(table.c.state == BroadcastStatus.SENDING.value)
    return len(connection.execute(sending).all())


def languages(connection: Connection, scope: str) -> tuple[str, ...]:
    """Return the languages that subscribers of `scope` speak."""
    query = (
        select(audiences.subscriber_language().label("language"))
        .select_from(subscriptions.join(people, people.c.person_key == subscriptions.c.person_key))
        .where(*audiences.in_audience(Audience(scope)))
    )
    return _distinct(connection.execute(query.distinct()).scalars())


def countries(connection: Connection, scope: str) -> tuple[str, ...]:
    """Return the countries that subscribers of `scope` gave."""
    query = select(actions.c.country).where(
        actions.c.person_key == subscriptions.c.person_key,
        subscriptions.c.scope.in_(audiences.scopes(scope)),
    )
    return _distinct(connection.execute(query.distinct()).scalars())


def timezone(connection: Connection, person: bytes) -> str:
    """Return the time zone that this person named, or ""."""
    query = select(people.c.zone).where(people.c.person_key == person)
    return connection.execute(query).scalar_one_or_none() or ""


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(value for value in values if value))
