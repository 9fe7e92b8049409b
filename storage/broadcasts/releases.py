"""Approvals and releases: the proof that people with a role want a broadcast to be sent.

Both are encrypted values, which nobody makes without the keys, and both name the digest of the
broadcast (`Broadcast.digest`). So a change of text, audience or time voids them. Write access
to the database is not enough to start a draft, to approve it, or to reach other people.

A release is valid while a document of authority says so (`storage.admin.approvals`): until the
broadcast pauses or ends, or somebody uses /panic. So no old row of a broadcast sends it once more.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select, update

from conversations.model.broadcast import NO_LIMITS, Broadcast, BroadcastStatus, ReleaseLimits
from storage.admin import approvals
from storage.broadcasts.content import decrypt_broadcast
from storage.crypto.vault import DecryptionError, Vault
from storage.engine.wake_ups import Worker, wake
from storage.schema.encryption import BROADCAST_APPROVAL, BROADCAST_RELEASE
from storage.schema.tables import broadcasts

SERVER = "server"
"""Who confirms or approves with a command on the server. It is stored, so it never changes."""


@dataclass(frozen=True)
class Approval:
    """A colleague approved a broadcast."""

    content: str
    """Digest of what was approved."""

    by: str
    """Key of the colleague, in hexadecimal digits, or SERVER."""


@dataclass(frozen=True)
class Release:
    """A broadcast was confirmed, and may be sent."""

    content: str
    """Digest of what was confirmed."""

    by: str
    """Key of the person who confirmed it, in hexadecimal digits, or SERVER."""

    approved_by: str = ""
    """Key of the colleague who approved it, or SERVER; "" if nobody did."""

    limits: ReleaseLimits = NO_LIMITS

    suspended: bool = False
    """Whether it is paused, or done."""

    def allows(self, broadcast: Broadcast, now: datetime) -> bool:
        """Whether `broadcast` is what was confirmed, and its time has come."""
        times = (self.limits.hold_until, broadcast.at)
        is_due = all(each <= now for each in times if each is not None)
        return is_due and not self.suspended and self.content == broadcast.digest


@dataclass(frozen=True)
class ReleasedBroadcast:
    """A broadcast that may be sent now."""

    broadcast: Broadcast
    most: int | None
    """How many people may get it; None: everybody in the audience."""


def approve(connection: Connection, vault: Vault, id_: str, approval: Approval) -> None:
    """Record that a colleague approved a broadcast."""
    content = orjson.dumps(vars(approval))
    encrypted = vault.encrypt(content, BROADCAST_APPROVAL, row=id_.encode())
    _save(connection, id_, encrypted_approval=encrypted)


def approval_of(vault: Vault, row: Row[Any]) -> Approval | None:
    """Return the approval in a row of `broadcasts`; None if there is none."""
    if row.encrypted_approval is None:
        return None
    id_ = row.broadcast.encode()
    try:
        saved = vault.decrypt(row.encrypted_approval, BROADCAST_APPROVAL, row=id_)
    except DecryptionError:
        return None
    return Approval(**orjson.loads(saved))


def release(
    connection: Connection,
    vault: Vault,
    id_: str,
    by: str,
    limits: ReleaseLimits = NO_LIMITS,
) -> None:
    """Release a broadcast as it is stored now. An approval of exactly that lifts the limits."""
    row = connection.execute(_by_id(id_)).one()
    broadcast = decrypt_broadcast(vault, row)
    approved_by = ""
    for each in (id_, broadcast.replaces):
        own = connection.execute(_by_id(each)).one_or_none() if each else None
        approval = approval_of(vault, own) if own else None
        if approval is not None and approval.content == broadcast.digest:
            approved_by = approval.by
    kept = NO_LIMITS if approved_by else limits
    _save_release(connection, vault, id_, Release(broadcast.digest, by, approved_by, kept))


def set_suspended(connection: Connection, vault: Vault, id_: str, *, suspended: bool) -> None:
    """Suspend the release of a broadcast that pauses or is done, or renew it as it was made."""
    made = release_of(vault, connection.execute(_by_id(id_)).one())
    if made is not None and not (suspended and made.suspended):
        _save_release(connection, vault, id_, replace(made, suspended=suspended))


def approve_now(connection: Connection, vault: Vault, id_: str, by: str) -> None:
    """Approve a broadcast as it was confirmed, and lift its limits; nothing if it was changed."""
    row = connection.execute(_by_id(id_)).one()
    made = release_of(vault, row)
    if made is None or made.content != decrypt_broadcast(vault, row).digest:
        return
    approve(connection, vault, id_, Approval(made.content, by))
    release(connection, vault, id_, made.by)


def release_of(vault: Vault, row: Row[Any]) -> Release | None:
    """Return the release in a row of `broadcasts`; None if there is none that the keys made."""
    if row.encrypted_release is None:
        return None
    id_ = row.broadcast.encode()
    try:
        saved = orjson.loads(vault.decrypt(row.encrypted_release, BROADCAST_RELEASE, row=id_))
    except DecryptionError:
        return None
    hold, most = saved["limits"]["hold_until"], saved["limits"]["most"]
    limits = ReleaseLimits(datetime.fromisoformat(hold) if hold else None, most)
    return Release(**{**saved, "limits": limits})


def find_released(
    connection: Connection, vault: Vault, now: datetime
) -> ReleasedBroadcast | str | None:
    """Return the broadcast to send now: of those being sent, the one that began first.

    The id of a broadcast that is in the state of one being sent, but that nobody released. None if
    there is none.
    """
    sending = select(broadcasts).where(broadcasts.c.state == BroadcastStatus.SENDING.value)
    row = connection.execute(sending.order_by(broadcasts.c.began).limit(1)).one_or_none()
    if row is None:
        return None
    try:
        broadcast = decrypt_broadcast(vault, row)
    except DecryptionError:
        return str(row.broadcast)
    made = release_of(vault, row)
    if made is None or not made.allows(broadcast, now):
        return str(row.broadcast)
    if not approvals.is_approved(connection, vault, row.broadcast, _dump(made)):
        return str(row.broadcast)
    return ReleasedBroadcast(broadcast, made.limits.most)


def count_unapproved(
    connection: Connection, vault: Vault, since: datetime, besides: tuple[str, ...] = ()
) -> int:
    """Return how many people get broadcasts that nobody approved: those that began after `since`,
    and scheduled ones.
    """
    waits = broadcasts.c.state == BroadcastStatus.SCHEDULED.value
    recent = select(broadcasts).where((broadcasts.c.began > since) | waits)
    rows = connection.execute(recent.where(broadcasts.c.broadcast.not_in(besides))).all()
    return sum(max(row.expected, row.listed) for row in rows if not _is_approved(vault, row))


def _is_approved(vault: Vault, row: Row[Any]) -> bool:
    made = release_of(vault, row)
    return made is not None and bool(made.approved_by)


def end_finished(connection: Connection, vault: Vault) -> None:
    """End the releases of all broadcasts that are neither sent nor going to be sent."""
    active = (BroadcastStatus.SCHEDULED, BroadcastStatus.SENDING, BroadcastStatus.PAUSED)
    waits = select(broadcasts.c.broadcast).where(broadcasts.c.state.in_(active))
    approvals.keep_only(connection, vault, connection.execute(waits).scalars().all())


def _dump(made: Release) -> bytes:
    return orjson.dumps(asdict(made))


def _by_id(id_: str) -> Any:
    return select(broadcasts).where(broadcasts.c.broadcast == id_)


def _save_release(connection: Connection, vault: Vault, id_: str, made: Release) -> None:
    content = _dump(made)
    encrypted = vault.encrypt(content, BROADCAST_RELEASE, row=id_.encode())
    held = made.limits.hold_until is not None
    _save(connection, id_, encrypted_release=encrypted, held=held)
    if made.suspended:
        approvals.revoke(connection, vault, id_)
    else:
        approvals.approve(connection, vault, id_, content)
        wake(connection, Worker.BROADCAST)


def _save(connection: Connection, id_: str, **values: Any) -> None:
    connection.execute(update(broadcasts).where(broadcasts.c.broadcast == id_).values(values))
