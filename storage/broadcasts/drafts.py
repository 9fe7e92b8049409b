"""Drafts of broadcasts, and what their authors need to know while they compose."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, delete, select, update

from conversations.core.effects.broadcasts import ConfirmBroadcast
from conversations.model.broadcast import Broadcast, BroadcastKind, BroadcastStatus
from storage.broadcasts import broadcasts, releases
from storage.broadcasts.content import decrypt_author, decrypt_broadcast
from storage.chats import preferences
from storage.crypto.vault import Vault
from storage.engine.dialects import advisory_lock
from storage.schema.tables import broadcasts as table

RETENTION = timedelta(days=7)
"""How long an abandoned draft is kept."""

_UNSENT = (BroadcastStatus.DRAFT.value, BroadcastStatus.MISSED.value)
_LOCK = 0x636F_6E66_6972_6D
"""Number of the advisory lock for confirming a broadcast: “confirm” in ASCII."""

_ID = re.compile(r"[0-9a-f]{12,32}")


@dataclass(frozen=True)
class Draft:
    """A broadcast with its author."""

    broadcast: Broadcast
    person: bytes
    """Key of the author."""

    state: BroadcastStatus
    token: str
    """Token of the button that confirms it; empty: no button does."""

    approved: str
    """Digest of what a colleague approved (`Broadcast.digest`); empty: nobody did."""

    album_until: datetime | None
    """When an album whose parts still arrive counts as complete."""

    held: bool
    """Whether it waits because nobody else can approve it."""

    chat: int
    """Telegram id of the author's chat."""

    language: str
    """Language that the author chose; empty: none."""


def current_draft(connection: Connection, vault: Vault, person: bytes) -> Draft | None:
    """Return this person's latest draft; None if there is none."""
    own = (table.c.person_key == person, table.c.kind == BroadcastKind.UPDATE.value)
    is_draft = table.c.state == BroadcastStatus.DRAFT.value
    query = (
        select(table.c.broadcast).where(*own, is_draft).order_by(table.c.changed.desc()).limit(1)
    )
    id_ = connection.execute(query).scalar()
    return find(connection, vault, id_) if id_ else None


def find(connection: Connection, vault: Vault, id_: str) -> Draft | None:
    """Return the broadcast whose id begins with `id_`, of any author and in any state.

    None if there is none, or if its author was erased.
    """
    if not _ID.fullmatch(id_):
        return None
    has_author = table.c.encrypted_author.is_not(None)
    query = select(table).where(table.c.broadcast.startswith(id_), has_author)
    row = connection.execute(query.limit(1)).one_or_none()
    if row is None:
        return None
    author = decrypt_author(vault, row)
    approval = releases.approval_of(vault, row)
    return Draft(
        broadcast=decrypt_broadcast(vault, row),
        person=row.person_key,
        state=BroadcastStatus(row.state),
        token=row.token,
        approved=approval.content if approval else "",
        album_until=row.album_until,
        held=row.held,
        chat=author.chat_id,
        language=preferences.find(connection, vault, author).language,
    )


def set_album_deadline(connection: Connection, id_: str, until: datetime | None) -> None:
    """Let the draft's album count as complete at `until`, if no further part arrives before."""
    connection.execute(update(table).where(table.c.broadcast == id_).values(album_until=until))


def complete_albums(connection: Connection, vault: Vault, now: datetime) -> tuple[int, ...]:
    """Return the chats whose albums are complete now."""
    due = (table.c.album_until <= now, table.c.state != BroadcastStatus.DISCARDED.value)
    ids = connection.execute(select(table.c.broadcast).where(*due)).scalars().all()
    return tuple(draft.chat for id_ in ids if (draft := find(connection, vault, id_)))


def confirm(
    connection: Connection, vault: Vault, person: bytes, effect: ConfirmBroadcast, now: datetime
) -> bool:
    """Release the broadcast, to be sent now or at its time.

    False if it was confirmed before, or if the number of broadcasts being sent has changed since
    the reply was composed: of two people who confirm at once, neither would know of the other.
    """
    id_, token = effect.broadcast, effect.token
    if effect.at is not None:
        schedule = partial(broadcasts.schedule, at=effect.at, expected=effect.expected)
        done = schedule(connection, id_, person, token, now=now)
    else:
        advisory_lock(connection, _LOCK)
        if count_sending(connection) != effect.already_sending:
            return False
        done = broadcasts.confirm(connection, id_, person, token, now, expected=effect.expected)
    if done:
        releases.release(connection, vault, id_, person.hex(), effect.limits)
    return done


def erase_author(connection: Connection, person: bytes) -> None:
    """Erase this person's drafts. Broadcasts that they sent have no author any more."""
    unsent = (*_UNSENT, BroadcastStatus.DISCARDED.value)
    own = table.c.person_key == person
    connection.execute(delete(table).where(own, table.c.state.in_(unsent)))
    connection.execute(update(table).where(own).values(person_key=b"", encrypted_author=None))


def prune(connection: Connection, now: datetime) -> None:
    """Delete discarded broadcasts, and abandoned drafts."""
    old = (table.c.state.in_(_UNSENT), table.c.changed < now - RETENTION)
    connection.execute(delete(table).where(*old))
    connection.execute(delete(table).where(table.c.state == BroadcastStatus.DISCARDED.value))


def count_sending(connection: Connection) -> int:
    """Return the number of broadcasts that are being sent now."""
    sending = select(table.c.broadcast).where(table.c.state == BroadcastStatus.SENDING.value)
    return len(connection.execute(sending).all())
