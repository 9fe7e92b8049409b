"""Broadcasts to subscribers: their drafts, schedule and states.

The outcome for each recipient is in the ledger (`storage.broadcasts.ledger`).
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Update,
    and_,
    select,
    update,
)

from conversations.model.broadcast import (
    Broadcast,
    BroadcastStatus,
)
from storage.broadcasts.content import decrypt_broadcast, encrypt_author, encrypt_broadcast
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.dialects import insert
from storage.schema.tables import broadcasts

MAX_DELAY = timedelta(minutes=1)
"""How late a scheduled broadcast is still sent without asking its author."""

_COMPOSED = (BroadcastStatus.DRAFT, BroadcastStatus.SCHEDULED, BroadcastStatus.MISSED)
_SCHEDULED = (BroadcastStatus.SCHEDULED, BroadcastStatus.MISSED)
_IS_TIMED = broadcasts.c.state == BroadcastStatus.SCHEDULED.value
_NOT_SHOWN: dict[str, Any] = {"shown": "", "shown_at": None, "message": None}


def save_draft(
    connection: Connection,
    vault: Vault,
    person: PersonKeys,
    broadcast: Broadcast,
    now: datetime,
    token: str = "",
) -> bool:
    """Save a broadcast as this person's draft, which the button with `token` confirms.

    False if it is no longer a draft of this person: then nothing changes.
    """
    row = {
        "broadcast": broadcast.id,
        "person_key": person.staff,
        "encrypted_author": encrypt_author(vault, broadcast.id, person),
        "state": BroadcastStatus.DRAFT.value,
        "kind": broadcast.kind.value,
        "scope": broadcast.audience.scope,
        "encrypted_content": encrypt_broadcast(vault, broadcast),
        "token": token,
        "at": broadcast.at,
        "changed": now,
    }
    statement = insert(connection.dialect.name, broadcasts)
    changed = {name: statement.excluded[name] for name in ("scope", "encrypted_content", "token")}
    changed |= {name: statement.excluded[name] for name in ("at", "changed")}
    kept = statement.on_conflict_do_update(
        index_elements=["broadcast"],
        set_=changed,
        where=and_(
            broadcasts.c.person_key == person.staff,
            broadcasts.c.state == BroadcastStatus.DRAFT.value,
        ),
    )
    return connection.execute(kept.returning(broadcasts.c.broadcast), row).first() is not None


def discard(connection: Connection, id_: str, now: datetime) -> bool:
    """Discard a broadcast that was not sent yet; False if its state does not allow it."""
    return _move(
        connection,
        id_,
        _COMPOSED,
        BroadcastStatus.DISCARDED,
        now,
        token="",
        encrypted_release=None,
    )


def replace(connection: Connection, id_: str, person: bytes, now: datetime) -> bool:
    """Discard this person's scheduled or missed broadcast; False if it is neither any more."""
    return _move(
        connection,
        id_,
        _SCHEDULED,
        BroadcastStatus.DISCARDED,
        now,
        person_key=person,
        token="",
        encrypted_release=None,
    )


def confirm(
    connection: Connection,
    id_: str,
    person: bytes,
    token: str,
    now: datetime,
    *,
    expected: int = 0,
) -> bool:
    """Send a broadcast now, to `expected` subscribers.

    False if `token` is not the draft's, or was used before: then nothing changes.
    """
    values = {"began": now, "at": None, "expected": expected}
    return _once(connection, id_, person, token, _COMPOSED, BroadcastStatus.SENDING, now, **values)


def schedule(
    connection: Connection,
    id_: str,
    person: bytes,
    token: str,
    at: datetime,
    now: datetime,
    *,
    expected: int = 0,
) -> bool:
    """Schedule a broadcast; False as in `confirm`."""
    values = {"at": at, "expected": expected}
    return _once(
        connection,
        id_,
        person,
        token,
        (BroadcastStatus.DRAFT,),
        BroadcastStatus.SCHEDULED,
        now,
        **values,
    )


def offer(connection: Connection, id_: str, person: bytes, token: str, now: datetime) -> bool:
    """Let `token` send a scheduled or missed broadcast now; False if it is neither any more."""
    waits = _moved(id_, _SCHEDULED, {"person_key": person})
    return connection.execute(waits.values(token=token, changed=now)).rowcount == 1


def reschedule(
    connection: Connection, id_: str, person: bytes, at: datetime, now: datetime
) -> bool:
    """Change the time of a scheduled or missed broadcast; False if it is neither any more."""
    changed = {"at": at, "token": "", **_NOT_SHOWN}
    return _move(
        connection, id_, _SCHEDULED, BroadcastStatus.SCHEDULED, now, person_key=person, **changed
    )


def has_due(connection: Connection, now: datetime) -> bool:
    """Return whether the time of a scheduled broadcast has come."""
    timed = select(broadcasts.c.broadcast).where(_IS_TIMED, broadcasts.c.at <= now)
    return connection.execute(timed.limit(1)).first() is not None


def find_orphans(
    connection: Connection, now: datetime, members: Collection[bytes]
) -> tuple[str, ...]:
    """Return the scheduled broadcasts that are due, of people who are no longer `members`."""
    theirs = select(broadcasts.c.broadcast).where(_IS_TIMED, broadcasts.c.at <= now)
    return tuple(
        connection.execute(theirs.where(broadcasts.c.person_key.not_in(members))).scalars()
    )


def start_due(connection: Connection, now: datetime, members: Collection[bytes]) -> int:
    """Start the broadcasts whose time has come, and return how many changed.

    Late ones become missed, and their authors are asked. Those of people who are no longer
    `members` are paused until a member decides.
    """
    timed = update(broadcasts).where(_IS_TIMED, broadcasts.c.at <= now)
    theirs = timed.where(broadcasts.c.person_key.not_in(members))
    paused = {
        "state": BroadcastStatus.PAUSED.value,
        "pause_reason": "author",
        "began": now,
        "changed": now,
    }
    left = connection.execute(theirs.values(paused)).rowcount
    late = timed.where(broadcasts.c.at < now - MAX_DELAY)
    asked = connection.execute(
        late.values(state=BroadcastStatus.MISSED.value, changed=now)
    ).rowcount
    begun = connection.execute(
        timed.values(state=BroadcastStatus.SENDING.value, began=now, changed=now)
    )
    return left + asked + begun.rowcount


def pause(connection: Connection, id_: str, now: datetime, why: str = "") -> bool:
    """Pause sending; False if the broadcast is not being sent."""
    return _move(
        connection, id_, (BroadcastStatus.SENDING,), BroadcastStatus.PAUSED, now, pause_reason=why
    )


def resume(connection: Connection, id_: str, now: datetime) -> bool:
    """Resume sending; False if the broadcast is not paused."""
    return _move(
        connection, id_, (BroadcastStatus.PAUSED,), BroadcastStatus.SENDING, now, pause_reason=""
    )


def stop(connection: Connection, id_: str, now: datetime) -> bool:
    """Stop sending for good; False if the broadcast is not being sent."""
    return _move(
        connection,
        id_,
        (BroadcastStatus.SENDING, BroadcastStatus.PAUSED),
        BroadcastStatus.STOPPED,
        now,
        ended=now,
        encrypted_release=None,
    )


def recall(connection: Connection, id_: str, now: datetime) -> bool:
    """Delete a finished broadcast from all chats that it reached; False if it is not finished."""
    return _move(
        connection,
        id_,
        (BroadcastStatus.DONE, BroadcastStatus.STOPPED),
        BroadcastStatus.RECALLED,
        now,
        complete=False,
    )


def finish(connection: Connection, id_: str, now: datetime) -> bool:
    """Finish a broadcast that has no pending recipients; False if it is not being sent."""
    return _move(connection, id_, (BroadcastStatus.SENDING,), BroadcastStatus.DONE, now, ended=now)


def _once(
    connection: Connection,
    id_: str,
    person: bytes,
    token: str,
    states: tuple[BroadcastStatus, ...],
    state: BroadcastStatus,
    now: datetime,
    **values: Any,
) -> bool:
    if not token:
        return False
    which = {"person_key": person}
    changed = _moved(id_, states, which).where(broadcasts.c.token == token)
    done = changed.values(state=state.value, token="", changed=now, **_NOT_SHOWN, **values)
    return connection.execute(done).rowcount == 1


def _move(
    connection: Connection,
    id_: str,
    states: tuple[BroadcastStatus, ...],
    state: BroadcastStatus,
    now: datetime,
    *,
    person_key: bytes | None = None,
    **values: Any,
) -> bool:
    which = {} if person_key is None else {"person_key": person_key}
    changed = _moved(id_, states, which).values(state=state.value, changed=now, **values)
    return connection.execute(changed).rowcount == 1


def _moved(id_: str, states: tuple[BroadcastStatus, ...], which: Mapping[str, Any]) -> Update:
    """Return the UPDATE of one broadcast, if it is in one of `states` and has these values."""
    same = (broadcasts.c[name] == value for name, value in which.items())
    among = broadcasts.c.state.in_(_values(states))
    return update(broadcasts).where(broadcasts.c.broadcast == id_, among, *same)


def _values(states: tuple[BroadcastStatus, ...]) -> list[str]:
    return [state.value for state in states]


def first_recalled(connection: Connection, vault: Vault) -> Broadcast | None:
    """Return the recalled broadcast to delete now: of the unfinished ones, the first that began."""
    recalled = broadcasts.c.state == BroadcastStatus.RECALLED.value
    going = select(broadcasts).where(recalled, ~broadcasts.c.complete)
    row = connection.execute(going.order_by(broadcasts.c.began).limit(1)).one_or_none()
    return None if row is None else decrypt_broadcast(vault, row)
