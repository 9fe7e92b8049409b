"""Approval by a command on the server, where no colleague can approve a broadcast."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from conversations.broadcasts.broadcast_view import UNAPPROVED
from conversations.core.effects.broadcasts import BroadcastAction
from conversations.model.broadcast import Broadcast, BroadcastKind, BroadcastStatus
from storage.broadcasts import controls, notices, releases
from storage.broadcasts.content import decrypt_broadcast
from storage.broadcasts.releases import SERVER, Approval
from storage.crypto.vault import Vault
from storage.schema.tables import broadcasts


@dataclass(frozen=True)
class WaitingBroadcast:
    """A broadcast that can be approved."""

    broadcast: Broadcast
    state: BroadcastStatus
    """A draft, one that is held, or one that paused since its audience has grown."""

    people: int
    """How many people get it, as far as they were counted; 0 for a draft."""

    @property
    def words(self) -> dict[str, str]:
        """The texts, by language."""
        return {
            language: "\n".join(part.text or f"({part.media})" for part in parts)
            for language, parts in self.broadcast.versions.items()
        }


def find_waiting(
    connection: Connection, vault: Vault, id_: str = ""
) -> tuple[WaitingBroadcast, ...]:
    """Return the broadcasts that can be approved and whose id begins with `id_`, newest first."""
    state = broadcasts.c.state
    query = select(broadcasts).where(
        broadcasts.c.broadcast.startswith(id_, autoescape=True),
        or_(
            state == BroadcastStatus.DRAFT.value,
            (state == BroadcastStatus.SCHEDULED.value) & broadcasts.c.held,
            (state == BroadcastStatus.PAUSED.value) & (broadcasts.c.pause_reason == UNAPPROVED),
        ),
    )
    rows = connection.execute(query.order_by(broadcasts.c.changed.desc())).all()
    waiting = (_waiting(vault, row) for row in rows)
    return tuple(each for each in waiting if each.broadcast.versions)


def approve(connection: Connection, vault: Vault, waits: WaitingBroadcast, now: datetime) -> bool:
    """Approve a broadcast as it was shown; False if it has changed since.

    A draft can be confirmed by its author then, a notice goes out, and so does one that is held or
    paused.
    """
    id_ = waits.broadcast.id
    query = select(broadcasts).where(broadcasts.c.broadcast == id_).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None or _waiting(vault, row) != waits:
        return False
    approval = Approval(waits.broadcast.digest, SERVER)
    if waits.state is BroadcastStatus.PAUSED:
        controls.control(connection, vault, id_, BroadcastAction.RESUME, now)
        releases.approve_now(connection, vault, id_, SERVER)
    elif waits.state is BroadcastStatus.SCHEDULED:
        return _send_held(connection, vault, row, now)
    elif waits.broadcast.kind is BroadcastKind.NOTICE:
        return notices.send(connection, vault, id_, approval, now)
    else:
        releases.approve(connection, vault, id_, approval)
    return True


def _send_held(connection: Connection, vault: Vault, row: Row[Any], now: datetime) -> bool:
    """Send a held broadcast now; False if its record is not what was confirmed."""
    held = releases.release_of(vault, row)
    if held is None or held.content != decrypt_broadcast(vault, row).digest:
        return False
    begins = {"state": BroadcastStatus.SENDING.value, "at": None, "began": now, "changed": now}
    this = update(broadcasts).where(broadcasts.c.broadcast == row.broadcast)
    connection.execute(this.values(begins))
    sent = connection.execute(
        select(broadcasts).where(broadcasts.c.broadcast == row.broadcast)
    ).one()
    approval = Approval(decrypt_broadcast(vault, sent).digest, SERVER)
    releases.approve(connection, vault, row.broadcast, approval)
    releases.release(connection, vault, row.broadcast, held.by)
    return True


def _waiting(vault: Vault, row: Row[Any]) -> WaitingBroadcast:
    people = max(row.expected, row.listed)
    return WaitingBroadcast(decrypt_broadcast(vault, row), BroadcastStatus(row.state), people)
