"""Updates to subscribers: their drafts, who gets them, and their states.

What becomes of one for each person stands in the ledger (`storage.broadcasts.ledger`).
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    Row,
    Update,
    and_,
    select,
    update,
)

from conversations.model.broadcast import (
    Audience,
    Broadcast,
    BroadcastButton,
    BroadcastStatus,
    ButtonKind,
    Media,
    Part,
)
from storage.crypto.vault import Vault
from storage.engine.dialects import insert
from storage.schema.encryption import BROADCAST_CONTENT
from storage.schema.tables import broadcasts

MAX_DELAY = timedelta(minutes=1)
"""How long after its time an update still goes by itself; later its author is asked."""

_COMPOSED = (BroadcastStatus.DRAFT, BroadcastStatus.SCHEDULED, BroadcastStatus.MISSED)
_WAITING = (BroadcastStatus.SCHEDULED, BroadcastStatus.MISSED)
_IS_TIMED = broadcasts.c.state == BroadcastStatus.SCHEDULED.value
_UNTOLD: dict[str, Any] = {"shown": "", "shown_at": None, "message": None}
_OF_AUDIENCE = ("scope", "acted", "languages", "countries", "since")


# --- drafts ---------------------------------------------------------------------------------------


def save_draft(
    connection: Connection,
    vault: Vault,
    person: bytes,
    broadcast: Broadcast,
    now: datetime,
    token: str = "",
) -> bool:
    """Keep it as this person's draft, which the button that bears `token` confirms; one that waited
    for its time becomes a draft again.

    False where it is no draft of theirs any more: nothing changes then.
    """
    row = {
        "broadcast": broadcast.id,
        "person_key": person,
        "state": BroadcastStatus.DRAFT.value,
        "scope": broadcast.audience.scope,
        "encrypted_content": _sealed(vault, broadcast),
        "token": token,
        "at": broadcast.at,
        "changed": now,
    }
    statement = insert(connection.dialect.name, broadcasts)
    changed = {name: statement.excluded[name] for name in ("scope", "encrypted_content", "token")}
    changed |= {name: statement.excluded[name] for name in ("state", "at", "changed")}
    kept = statement.on_conflict_do_update(
        index_elements=["broadcast"],
        set_=changed,
        where=and_(broadcasts.c.person_key == person, broadcasts.c.state.in_(_values(_COMPOSED))),
    )
    return connection.execute(kept.returning(broadcasts.c.broadcast), row).first() is not None


def discard(connection: Connection, id_: str, now: datetime) -> bool:
    """Give up what was not sent yet; False where there is nothing to give up."""
    return _move(connection, id_, _COMPOSED, BroadcastStatus.DISCARDED, now, token="")


def confirm(
    connection: Connection,
    id_: str,
    person: bytes,
    token: str,
    now: datetime,
    *,
    expected: int = 0,
) -> bool:
    """Send it to the `expected` people who subscribe at this moment.

    False where the token is not that of the draft, or was used before: then nothing happens.
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
    """Have it sent at `at`; False as in `confirm`."""
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
    """Let `token` send what waits, which keeps its time meanwhile; False where it waits no more."""
    waits = _moved(id_, _WAITING, {"person_key": person})
    return connection.execute(waits.values(token=token, changed=now)).rowcount == 1


def reschedule(
    connection: Connection, id_: str, person: bytes, at: datetime, now: datetime
) -> bool:
    """Have what waits sent at `at`; False where it waits no more."""
    anew = {"at": at, "token": "", **_UNTOLD}
    return _move(
        connection, id_, _WAITING, BroadcastStatus.SCHEDULED, now, person_key=person, **anew
    )


def has_due(connection: Connection, now: datetime) -> bool:
    """Whether the time of something has come, or has passed."""
    timed = select(broadcasts.c.broadcast).where(_IS_TIMED, broadcasts.c.at <= now)
    return connection.execute(timed.limit(1)).first() is not None


def start_due(connection: Connection, now: datetime, members: Collection[bytes]) -> int:
    """Send what is scheduled for now, and ask about what is late; return how many it was.

    What somebody scheduled who is none of `members` any more waits until one of them decides.
    """
    timed = update(broadcasts).where(_IS_TIMED, broadcasts.c.at <= now)
    theirs = timed.where(broadcasts.c.person_key.not_in(members))
    rests = {
        "state": BroadcastStatus.PAUSED.value,
        "pause_reason": "author",
        "began": now,
        "changed": now,
    }
    left = connection.execute(theirs.values(rests)).rowcount
    late = timed.where(broadcasts.c.at < now - MAX_DELAY)
    asked = connection.execute(
        late.values(state=BroadcastStatus.MISSED.value, changed=now)
    ).rowcount
    begun = connection.execute(
        timed.values(state=BroadcastStatus.SENDING.value, began=now, changed=now)
    )
    return left + asked + begun.rowcount


# --- control --------------------------------------------------------------------------------------


def pause(connection: Connection, id_: str, now: datetime, why: str = "") -> bool:
    """Send nothing more of it for now."""
    return _move(
        connection, id_, (BroadcastStatus.SENDING,), BroadcastStatus.PAUSED, now, pause_reason=why
    )


def resume(connection: Connection, id_: str, now: datetime) -> bool:
    """Go on sending."""
    return _move(
        connection, id_, (BroadcastStatus.PAUSED,), BroadcastStatus.SENDING, now, pause_reason=""
    )


def stop(connection: Connection, id_: str, now: datetime) -> bool:
    """Send nothing more of it, for good."""
    return _move(
        connection,
        id_,
        (BroadcastStatus.SENDING, BroadcastStatus.PAUSED),
        BroadcastStatus.STOPPED,
        now,
        ended=now,
    )


def recall(connection: Connection, id_: str, now: datetime) -> bool:
    """Have it deleted from all chats that it reached."""
    return _move(
        connection,
        id_,
        (BroadcastStatus.DONE, BroadcastStatus.STOPPED),
        BroadcastStatus.RECALLED,
        now,
        complete=False,
    )


def finish(connection: Connection, id_: str, now: datetime) -> bool:
    """Nobody is left to send it to."""
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
    done = changed.values(state=state.value, token="", changed=now, **_UNTOLD, **values)
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
    """Return the change of one broadcast in one of `states`."""
    same = (broadcasts.c[name] == value for name, value in which.items())
    among = broadcasts.c.state.in_(_values(states))
    return update(broadcasts).where(broadcasts.c.broadcast == id_, among, *same)


def _values(states: tuple[BroadcastStatus, ...]) -> list[str]:
    return [state.value for state in states]


# --- content --------------------------------------------------------------------------------------


def decrypt_broadcast(vault: Vault, row: Row[Any]) -> Broadcast:
    """Return the broadcast of a row."""
    kept = orjson.loads(
        vault.decrypt(row.encrypted_content, BROADCAST_CONTENT, row=row.broadcast.encode())
    )
    since = kept["audience"].pop("since")
    return Broadcast(
        id=row.broadcast,
        audience=Audience(
            **{name: _tupled(kept["audience"][name]) for name in _OF_AUDIENCE[:-1]},
            since=datetime.fromisoformat(since) if since else None,
        ),
        versions={
            language: tuple(_part(each) for each in parts)
            for language, parts in kept["versions"].items()
        },
        default=kept["default"],
        buttons=tuple(
            BroadcastButton(ButtonKind(each["kind"]), each["label"], each["to"])
            for each in kept["buttons"]
        ),
        at=row.at,
        again=kept["again"],
    )


def _part(kept: dict[str, Any]) -> Part:
    return Part(**{**kept, "media": Media(kept["media"]), "entities": tuple(kept["entities"])})


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _sealed(vault: Vault, broadcast: Broadcast) -> bytes:
    content = {
        "audience": asdict(broadcast.audience),
        "versions": {
            language: [{**vars(part), "entities": [*map(dict, part.entities)]} for part in parts]
            for language, parts in broadcast.versions.items()
        },
        "default": broadcast.default,
        "buttons": [vars(button) for button in broadcast.buttons],
        "again": broadcast.again,
    }
    return vault.encrypt(orjson.dumps(content), BROADCAST_CONTENT, row=broadcast.id.encode())


def first(connection: Connection, vault: Vault, state: BroadcastStatus) -> Broadcast | None:
    """Return the broadcast that began first of those in `state` that are not finished with it."""
    going = select(broadcasts).where(broadcasts.c.state == state.value)
    if state is BroadcastStatus.RECALLED:
        going = going.where(~broadcasts.c.complete)
    row = connection.execute(going.order_by(broadcasts.c.began).limit(1)).one_or_none()
    return None if row is None else decrypt_broadcast(vault, row)
