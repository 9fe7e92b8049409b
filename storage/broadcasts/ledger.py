"""The ledger: what became of an update for each person, one row for each.

pending ─ claimed ─┬─▶ sent                    listed ─▶ pending     failed ─ retried ─▶ pending
   ▲               ├─▶ blocked, failed
   ├── not sent, or a further part ◀┤
   └─ once more ◀──┴─▶ uncertain: perhaps sent, or its sender died

Whoever sends holds the lease. Rows are claimed in the order of their keys, one call to Telegram a
claim, so that what a dead sender had in hand is all that is uncertain. `listing` lists recipients
in slices; a claim looks from `next_key` on, so that none reads what is done already.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, assert_never

from sqlalchemy import (
    Connection,
    Integer,
    Row,
    String,
    Update,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from conversations.core.effects.broadcasts import BroadcastAction
from conversations.model.broadcast import Broadcast, BroadcastStatus, RecipientState
from storage.broadcasts import recipients
from storage.broadcasts.audiences import scopes, subscriber_language
from storage.broadcasts.broadcasts import (
    finish,
    pause,
    recall,
    resume,
    stop,
)
from storage.engine.dialects import insert
from storage.mail.pauses import all_paused
from storage.schema.tables import broadcast_recipients as rows
from storage.schema.tables import (
    broadcasts,
    chats,
    leases,
    subscriptions,
)

LEASE_NAME = "broadcasting"

STATE_CODES = {fate: code for code, fate in enumerate(RecipientState)}
_COUNTED = (
    RecipientState.SENT,
    RecipientState.BLOCKED,
    RecipientState.FAILED,
    RecipientState.UNCERTAIN,
)
_MINE = rows.c.broadcast == bindparam("of")
_CLAIMED = rows.c.state == literal_column(str(STATE_CODES[RecipientState.CLAIMED]), Integer)
_PENDING = rows.c.state == literal_column(str(STATE_CODES[RecipientState.PENDING]), Integer)
_THIS = broadcasts.c.broadcast == bindparam("id")
_LANGUAGE = (
    select(subscriber_language())
    .where(
        subscriptions.c.person_key == rows.c.person_key,
        subscriptions.c.scope.in_(bindparam("scopes", expanding=True)),
    )
    .limit(1)
    .scalar_subquery()
)
_NEXT = (
    select(
        rows.c.person_key,
        rows.c.messages,
        rows.c.sent_twice,
        chats.c.encrypted_chat,
        chats.c.blocked,
        _LANGUAGE.label("language"),
    )
    .outerjoin(
        chats,
        and_(
            chats.c.person_key == rows.c.person_key,
            # Or a merge join of PostgreSQL's might read the chats of all who are done.
            chats.c.person_key >= bindparam("next"),
        ),
    )
    .where(_MINE, rows.c.person_key >= bindparam("next"), _PENDING)
    .order_by(rows.c.person_key)
    .limit(bindparam("limit"))
)
_HOLD = (
    update(leases)
    .where(leases.c.name == LEASE_NAME, leases.c.token == bindparam("mine"))
    .values(until=bindparam("ends"))
)
_RATE = update(broadcasts).where(_THIS).values(rate=bindparam("measured"))
_SOME = rows.c.person_key.in_(bindparam("people", expanding=True))
_DROP = delete(rows).where(_MINE, _SOME)
_CLAIM = (
    update(rows)
    .where(_MINE, rows.c.person_key.between(bindparam("first"), bindparam("last")), _PENDING)
    .values(state=STATE_CODES[RecipientState.CLAIMED])
)
_PASS = (
    update(broadcasts)
    .where(_THIS)
    .values(next_key=bindparam("next"), listed=broadcasts.c.listed - bindparam("gone"))
)
_COUNT = (
    update(broadcasts)
    .where(_THIS)
    .values({fate.value: broadcasts.c[fate.value] + bindparam(f"new_{fate}") for fate in _COUNTED})
)
_FIND = select(broadcasts).where(_THIS)


def _recording(dialect: str) -> Update:
    """Return how `people` become what they `became`, in one statement however many they are.

    `ids` has their messages, as a JSON object by their keys. With a row of parameters for each,
    SQLite's driver would let go of the interpreter's lock as often, and wait for it.
    """
    ids = bindparam("ids", type_=String)
    if dialect == "sqlite":
        messages = func.json_extract(ids, "$." + func.hex(rows.c.person_key))
    else:
        key = func.upper(func.encode(rows.c.person_key, "hex"))
        messages = cast(ids, JSONB)[key].as_string()
    became = {"state": bindparam("became"), "sent_twice": bindparam("again"), "messages": messages}
    return update(rows).where(_MINE, _SOME, _CLAIMED).values(became)


_RECORD = {dialect: _recording(dialect) for dialect in ("sqlite", "postgresql")}


@dataclass(frozen=True, slots=True)
class Claim:
    """A recipient to whom one call is to go. `messages` tells which calls went before."""

    person: bytes
    encrypted_chat: bytes
    language: str
    messages: str
    twice: bool


@dataclass(frozen=True, slots=True)
class RecipientOutcome:
    """What became of a claim. PENDING: it was not sent, or there is a further call."""

    person: bytes
    fate: RecipientState
    messages: str
    twice: bool = False


@dataclass(frozen=True, slots=True)
class ClaimedRecipient:
    """What a sender may send now; `state` may have changed meanwhile, and nothing is claimed."""

    state: BroadcastStatus
    claims: tuple[Claim, ...]


# --- the lease ------------------------------------------------------------------------------------


def take_lease(connection: Connection, token: str, now: datetime, lasts: timedelta) -> bool:
    """Become, or go on as, the one who sends; False while another one is.

    To be asked by whoever has nothing in hand: what is claimed then, nobody knows of any more.
    """
    row = {"name": LEASE_NAME, "token": token, "until": now + lasts}
    statement = insert(connection.dialect.name, leases)
    taken = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"token": token, "until": now + lasts},
        where=or_(leases.c.token == token, leases.c.until <= now),
    ).returning(leases.c.token)
    if connection.execute(taken, row).first() is None:
        return False
    _recover(connection)
    return True


def release_lease(connection: Connection, token: str) -> None:
    """Let another one send at once."""
    connection.execute(delete(leases).where(leases.c.name == LEASE_NAME, leases.c.token == token))


def release_all(connection: Connection) -> None:
    """End the lease: whoever held it in the one process that there may be is gone."""
    connection.execute(delete(leases).where(leases.c.name == LEASE_NAME))


def _holds(connection: Connection, token: str, until: datetime) -> bool:
    return connection.execute(_HOLD, {"mine": token, "ends": until}).rowcount == 1


def _recover(connection: Connection) -> None:
    """Take what nobody has in hand any more for perhaps sent."""
    lost = connection.execute(select(rows).where(_CLAIMED)).all()
    if not lost:
        return
    for id_ in connection.execute(select(broadcasts.c.broadcast)).scalars().all():
        mine = [each for each in lost if each.broadcast == recipients.ledger_number(id_)]
        doubtful = [
            RecipientOutcome(e.person_key, RecipientState.UNCERTAIN, e.messages, e.sent_twice)
            for e in mine
        ]
        record(connection, id_, doubtful)


# --- claims and outcomes --------------------------------------------------------------------------


def record_and_claim(
    connection: Connection,
    broadcast: Broadcast,
    token: str,
    outcomes: Sequence[RecipientOutcome],
    *,
    limit: int,
    now: datetime,
    until: datetime,
    idle: bool,
    rate: float | None = None,
) -> ClaimedRecipient | None:
    """Record `outcomes` and claim up to `limit` more; None where the lease has passed on.

    `idle` tells that nothing else is in hand: where nobody is left then, the broadcast is done.
    """
    if not _holds(connection, token, until):
        return None
    record(connection, broadcast.id, outcomes)
    if rate is not None:
        connection.execute(_RATE, {"id": broadcast.id, "measured": rate})
    row = connection.execute(_FIND, {"id": broadcast.id}).one()
    if row.state != BroadcastStatus.SENDING.value or limit <= 0:
        return ClaimedRecipient(BroadcastStatus(row.state), ())
    if all_paused(connection):
        return ClaimedRecipient(BroadcastStatus.PAUSED, ())
    waiting = row.listed - sum(getattr(row, fate.value) for fate in _COUNTED)
    if not row.complete and waiting < recipients.SLICE_SIZE // 2:
        recipients.list_slice(connection, broadcast, row)
    found = _next(connection, row, limit)
    if found:
        return ClaimedRecipient(BroadcastStatus.SENDING, _claim(connection, row, found))
    if not row.complete or not idle:
        return ClaimedRecipient(BroadcastStatus.SENDING, ())
    _recover(connection)
    finish(connection, broadcast.id, now)
    again = broadcast.again and retry_uncertain(connection, broadcast.id, now)
    return ClaimedRecipient(BroadcastStatus.SENDING if again else BroadcastStatus.DONE, ())


def _next(connection: Connection, row: Row[Any], limit: int) -> Sequence[Any]:
    of = recipients.ledger_number(row.broadcast)
    asked = {"of": of, "next": row.next_key, "limit": limit, "scopes": scopes(row.scope)}
    return connection.execute(_NEXT, asked).all()


def _claim(connection: Connection, row: Row[Any], found: Sequence[Any]) -> tuple[Claim, ...]:
    """Claim what was found; who has blocked the bot is passed over, who unsubscribed is dropped.

    Who unsubscribed after a part of it has it all the same.
    """
    of = recipients.ledger_number(row.broadcast)
    left = [each for each in found if each.language is None]
    gone = [each.person_key for each in left if not each.messages]
    over = [(each, RecipientState.SENT) for each in left if each.messages]
    over += [(e, RecipientState.BLOCKED) for e in found if e.language is not None and e.blocked]
    taken = [each for each in found if each.language is not None and not each.blocked]
    last = found[-1].person_key
    if gone:
        connection.execute(_DROP, {"of": of, "people": gone})
    connection.execute(_CLAIM, {"of": of, "first": found[0].person_key, "last": last})
    connection.execute(_PASS, {"id": row.broadcast, "next": last + b"\0", "gone": len(gone)})
    passed = [
        RecipientOutcome(each.person_key, fate, each.messages, each.sent_twice)
        for each, fate in over
    ]
    record(connection, row.broadcast, passed)
    return tuple(
        Claim(each.person_key, each.encrypted_chat, each.language, each.messages, each.sent_twice)
        for each in taken
    )


def record(connection: Connection, id_: str, outcomes: Sequence[RecipientOutcome]) -> None:
    """Write down what became of claims, and count it; who was forgotten meanwhile is left out."""
    if not outcomes:
        return
    counted: Counter[RecipientState] = Counter()
    alike = attrgetter("fate", "twice")
    for (fate, twice), some in groupby(sorted(outcomes, key=alike), key=alike):
        counted[fate] += _became(connection, id_, fate, [*some], twice=twice)
    if counted.total() > counted[RecipientState.PENDING]:
        new = {f"new_{fate}": counted[fate] for fate in _COUNTED}
        connection.execute(_COUNT, {"id": id_, **new})
    if counted[RecipientState.PENDING]:
        first = min(each.person for each in outcomes if each.fate is RecipientState.PENDING)
        back = update(broadcasts).where(_THIS).values(next_key=_before(first))
        connection.execute(back, {"id": id_})


def _became(
    connection: Connection,
    id_: str,
    fate: RecipientState,
    outcomes: Sequence[RecipientOutcome],
    *,
    twice: bool,
) -> int:
    """Write down what became of these; return of how many it did."""
    given = {
        "of": recipients.ledger_number(id_),
        "people": [each.person for each in outcomes],
        "ids": json.dumps({each.person.hex().upper(): each.messages for each in outcomes}),
        "became": STATE_CODES[fate],
        "again": twice,
    }
    return connection.execute(_RECORD[connection.dialect.name], given).rowcount


def _before(person: bytes) -> Any:
    return case((broadcasts.c.next_key > person, person), else_=broadcasts.c.next_key)


# --- afterwards -----------------------------------------------------------------------------------


def retry(connection: Connection, id_: str, now: datetime) -> bool:
    """Offer it once more to those to whom it could not be sent; False where there are none."""
    return _again(connection, id_, RecipientState.FAILED, now)


def retry_uncertain(connection: Connection, id_: str, now: datetime) -> bool:
    """Send it once more to those of whom nobody knows, but to nobody a third time."""
    return _again(connection, id_, RecipientState.UNCERTAIN, now)


def _again(connection: Connection, id_: str, fate: RecipientState, now: datetime) -> bool:
    done = _FIND.where(broadcasts.c.state == BroadcastStatus.DONE.value).with_for_update()
    if connection.execute(done, {"id": id_}).one_or_none() is None:
        return False
    those = [rows.c.broadcast == recipients.ledger_number(id_), rows.c.state == STATE_CODES[fate]]
    values: dict[str, Any] = {"state": STATE_CODES[RecipientState.PENDING]}
    if fate is RecipientState.UNCERTAIN:
        those.append(~rows.c.sent_twice)
        values["sent_twice"] = True
    first = connection.execute(select(func.min(rows.c.person_key)).where(*those)).scalar()
    if first is None:
        return False
    many = connection.execute(update(rows).where(*those).values(values)).rowcount
    changed = {
        "state": BroadcastStatus.SENDING.value,
        "shown": "",
        "ended": None,
        "changed": now,
        "next_key": _before(first),
        fate.value: broadcasts.c[fate.value] - many,
    }
    connection.execute(update(broadcasts).where(_THIS).values(changed), {"id": id_})
    return True


def control(connection: Connection, id_: str, deed: BroadcastAction, now: datetime) -> bool:
    """Do what a campaigner asked for; False where it is too late for it."""
    match deed:
        case BroadcastAction.PAUSE:
            return pause(connection, id_, now)
        case BroadcastAction.RESUME:
            return resume(connection, id_, now)
        case BroadcastAction.STOP:
            return stop(connection, id_, now)
        case BroadcastAction.RETRY:
            return retry(connection, id_, now)
        case BroadcastAction.RECALL:
            return recall(connection, id_, now)
        case unreachable:
            assert_never(unreachable)


def erase_recipient(connection: Connection, person: bytes) -> None:
    """Erase this person from all ledgers; what was counted stays, since it names nobody."""
    for row in connection.execute(select(broadcasts.c.broadcast)).all():
        mine = and_(
            rows.c.broadcast == recipients.ledger_number(row.broadcast), rows.c.person_key == person
        )
        fate = connection.execute(delete(rows).where(mine).returning(rows.c.state)).scalar()
        if fate is not None and fate <= STATE_CODES[RecipientState.CLAIMED]:
            fewer = update(broadcasts).where(_THIS).values(listed=broadcasts.c.listed - 1)
            connection.execute(fewer, {"id": row.broadcast})


def prune(connection: Connection, before: datetime) -> None:
    """Erase who got the updates that ended before `before`."""
    ended = select(broadcasts.c.broadcast).where(broadcasts.c.ended < before)
    for id_ in connection.execute(ended).scalars().all():
        connection.execute(delete(rows).where(rows.c.broadcast == recipients.ledger_number(id_)))
