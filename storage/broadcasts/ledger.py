"""The ledger of a broadcast: one row for each recipient.

pending ─ claimed ─┬─▶ sent                    listed ─▶ pending     failed ─ retry ─▶ pending
   ▲               ├─▶ blocked, failed
   ├── not sent, or a further part ◀┤
   └─ once more ◀──┴─▶ uncertain: perhaps sent, or its sender died

The process with the lease sends. It claims rows in the order of their keys, one Telegram call per
claim, so that after a crash only the claimed rows are uncertain. `recipients/` lists recipients in
slices; a claim starts at `next_key`, so that finished rows are not read again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Row,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    update,
)

from conversations.broadcasts.broadcast_view import UNAPPROVED
from conversations.model.broadcast import (
    Broadcast,
    BroadcastKind,
    BroadcastStatus,
    RecipientState,
)
from storage.broadcasts import lease, releases
from storage.broadcasts.broadcasts import finish, pause
from storage.broadcasts.recipients import audiences, listing, of_notices
from storage.broadcasts.recipients.audiences import scopes
from storage.broadcasts.recipients.listing import STATE_CODES
from storage.broadcasts.recipients.of_notices import NoticeRecipient
from storage.broadcasts.results import CLAIMED, COUNTED, RecipientOutcome, earlier_key, record
from storage.chats.ledger_numbers import ledger_number
from storage.chats.subscribers import Subscriber, decrypt_subscribers
from storage.crypto.vault import Vault
from storage.mail.delivery.pauses import all_paused
from storage.schema.tables import broadcast_recipients as rows
from storage.schema.tables import broadcasts, chats, subscriptions

_MINE = rows.c.broadcast == bindparam("of")
_PENDING = rows.c.state == literal_column(str(STATE_CODES[RecipientState.PENDING]), Integer)
_THIS = broadcasts.c.broadcast == bindparam("id")
_FIND = select(broadcasts).where(_THIS)
_LISTED = select(broadcasts.c.listed).where(_THIS)
_NEXT = (
    select(rows.c.person_key, rows.c.messages, rows.c.sent_twice)
    .where(_MINE, rows.c.person_key >= bindparam("next"), _PENDING)
    .order_by(rows.c.person_key)
    .limit(bindparam("limit"))
)
_SUBSCRIBED = select(subscriptions).where(
    subscriptions.c.person_key.in_(bindparam("people", expanding=True)),
    subscriptions.c.scope.in_(bindparam("scopes", expanding=True)),
)
_BLOCKED = select(chats.c.person_key).where(
    chats.c.person_key.in_(bindparam("people", expanding=True)), chats.c.blocked
)
_SET_RATE = update(broadcasts).where(_THIS).values(rate=bindparam("measured"))
_DROP = delete(rows).where(_MINE, rows.c.person_key.in_(bindparam("people", expanding=True)))
_CLAIM = (
    update(rows)
    .where(_MINE, rows.c.person_key.between(bindparam("first"), bindparam("last")), _PENDING)
    .values(state=STATE_CODES[RecipientState.CLAIMED])
)
_ADVANCE = (
    update(broadcasts)
    .where(_THIS)
    .values(next_key=bindparam("next"), listed=broadcasts.c.listed - bindparam("gone"))
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A recipient who gets the next call."""

    person: bytes
    """Key of the recipient."""

    chat: int
    """Telegram id of the recipient's chat."""

    language: str
    messages: str
    """Ids of the messages sent so far: commas within one call, semicolons between calls."""

    sent_twice: bool
    """Whether a call was repeated because the outcome of the first is unknown."""

    covered: bool = False
    """Whether a notice is shown only when it is tapped."""


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What a sender asks for: the next recipients of the broadcast that it sends."""

    token: str
    """Token of the sender's lease."""

    limit: int
    """How many recipients it takes at most."""

    now: datetime
    until: datetime
    """The new end of the lease."""

    idle: bool
    """Whether the sender has no other claims: if nobody is left then, the broadcast is done."""

    rate: float | None = None
    """The measured rate, in recipients a second."""

    most: int | None = None
    """If more people than this are in the audience, the broadcast pauses."""


@dataclass(frozen=True, slots=True)
class ClaimedBatch:
    """What a sender may send now."""

    state: BroadcastStatus
    """Current state of the broadcast. Nothing is claimed if it is not being sent."""

    claims: tuple[Claim, ...]


def take_lease(
    connection: Connection,
    token: str,
    now: datetime,
    duration: timedelta,
    *,
    take_over: bool = True,
) -> bool:
    """Take or renew the lease for sending; False if another sender holds it.

    `take_over`: also take a lease that has ended. The caller has no claims: rows that are still
    claimed become uncertain.
    """
    if not lease.take(connection, token, now, duration, take_over=take_over):
        return False
    _recover_claimed(connection)
    return True


def record_and_claim(
    connection: Connection,
    vault: Vault,
    broadcast: Broadcast,
    outcomes: Sequence[RecipientOutcome],
    request: BatchRequest,
) -> ClaimedBatch | None:
    """Record `outcomes` and claim the recipients of `request`; None if the lease was lost."""
    limit, now = request.limit, request.now
    if not lease.renew(connection, request.token, request.until):
        return None
    record(connection, broadcast.id, outcomes)
    if request.rate is not None:
        connection.execute(_SET_RATE, {"id": broadcast.id, "measured": request.rate})
    row = connection.execute(_FIND, {"id": broadcast.id}).one()
    if row.state != BroadcastStatus.SENDING.value or limit <= 0:
        return ClaimedBatch(BroadcastStatus(row.state), ())
    if all_paused(connection):
        return ClaimedBatch(BroadcastStatus.PAUSED, ())
    if not row.complete and broadcast.kind is BroadcastKind.NOTICE:
        of_notices.list_slice(connection, vault, broadcast, row)
        return ClaimedBatch(BroadcastStatus.SENDING, ())
    listed = _list_more(connection, vault, broadcast, row)
    if request.most is not None and listed > request.most:
        pause(connection, broadcast.id, now, UNAPPROVED)
        releases.set_suspended(connection, vault, broadcast.id, suspended=True)
        return ClaimedBatch(BroadcastStatus.PAUSED, ())
    found = _find_next(connection, row, limit)
    if found:
        return ClaimedBatch(BroadcastStatus.SENDING, _claim(connection, vault, broadcast, found))
    if not row.complete or not request.idle:
        return ClaimedBatch(BroadcastStatus.SENDING, ())
    return ClaimedBatch(_finish(connection, vault, broadcast, now), ())


def _list_more(connection: Connection, vault: Vault, broadcast: Broadcast, row: Row[Any]) -> int:
    """List the next recipients if few of those listed are left; return how many are listed."""
    waiting = row.listed - sum(getattr(row, state.value) for state in COUNTED)
    if not row.complete and waiting < audiences.SLICE_SIZE // 2:
        listing.list_slice(connection, vault, broadcast, row)
    return int(connection.execute(_LISTED, {"id": broadcast.id}).scalar_one())


def _finish(
    connection: Connection, vault: Vault, broadcast: Broadcast, now: datetime
) -> BroadcastStatus:
    """Finish a broadcast, or send it again to uncertain recipients if its author wanted that."""
    _recover_claimed(connection)
    finish(connection, broadcast.id, now)
    again = broadcast.again and retry_uncertain(connection, broadcast.id, now)
    if again:
        return BroadcastStatus.SENDING
    releases.set_suspended(connection, vault, broadcast.id, suspended=True)
    return BroadcastStatus.DONE


def _find_next(connection: Connection, row: Row[Any], limit: int) -> Sequence[Any]:
    parameters = {"of": ledger_number(row.broadcast), "next": row.next_key, "limit": limit}
    return connection.execute(_NEXT, parameters).all()


def _claim(
    connection: Connection, vault: Vault, broadcast: Broadcast, found: Sequence[Any]
) -> tuple[Claim, ...]:
    """Claim the recipients found. Those who blocked the bot are skipped.

    Those who unsubscribed are dropped; if they got a part already, the broadcast counts as sent.
    """
    of, scope = ledger_number(broadcast.id), broadcast.audience.scope
    people: Mapping[bytes, Subscriber | NoticeRecipient]
    if broadcast.kind is BroadcastKind.NOTICE:
        people = of_notices.find_people(connection, vault, of, found)
    else:
        people = _subscribers(connection, vault, scope, [each.person_key for each in found])
    blocked = _who_blocked(connection, people.values())
    claims: list[Claim] = []
    gone: list[bytes] = []
    skipped: list[RecipientOutcome] = []
    for key, messages, twice in found:
        subscriber = people.get(key)
        if subscriber is None and not messages:
            gone.append(key)
        elif subscriber is None:
            skipped.append(RecipientOutcome(key, RecipientState.SENT, messages, twice))
        elif subscriber.person.chat in blocked:
            skipped.append(RecipientOutcome(key, RecipientState.BLOCKED, messages, twice))
        else:
            chat, language = subscriber.person.chat_id, subscriber.language
            covered = isinstance(subscriber, NoticeRecipient) and subscriber.covered
            claims.append(Claim(key, chat, language, messages, twice, covered))
    first, last = found[0].person_key, found[-1].person_key
    if gone:
        connection.execute(_DROP, {"of": of, "people": gone})
    connection.execute(_CLAIM, {"of": of, "first": first, "last": last})
    connection.execute(_ADVANCE, {"id": broadcast.id, "next": last + b"\0", "gone": len(gone)})
    record(connection, broadcast.id, skipped)
    return tuple(claims)


def _subscribers(
    connection: Connection, vault: Vault, scope: str, people: Sequence[bytes]
) -> dict[bytes, Subscriber]:
    """Return those of `people` who are subscribed to `scope` now, by key.

    One whose details cannot be decrypted counts as unsubscribed, and does not stop the others.
    """
    subscribed = connection.execute(_SUBSCRIBED, {"people": people, "scopes": scopes(scope)})
    return {each.key: each for each in decrypt_subscribers(vault, subscribed)}


def _who_blocked(
    connection: Connection, people: Iterable[Subscriber | NoticeRecipient]
) -> frozenset[bytes]:
    """Return the chat keys of those who blocked the bot."""
    keys = [each.person.chat for each in people]
    return frozenset(connection.execute(_BLOCKED, {"people": keys}).scalars())


def _recover_claimed(connection: Connection) -> None:
    """Make claimed rows uncertain: their sender is gone."""
    lost = connection.execute(select(rows).where(CLAIMED)).all()
    if not lost:
        return
    for id_ in connection.execute(select(broadcasts.c.broadcast)).scalars().all():
        uncertain = [
            RecipientOutcome(
                each.person_key, RecipientState.UNCERTAIN, each.messages, each.sent_twice
            )
            for each in lost
            if each.broadcast == ledger_number(id_)
        ]
        record(connection, id_, uncertain)


def retry(connection: Connection, id_: str, now: datetime) -> bool:
    """Send a finished broadcast again to recipients who failed; False if there are none."""
    return _send_again(connection, id_, RecipientState.FAILED, now)


def retry_uncertain(connection: Connection, id_: str, now: datetime) -> bool:
    """Send a finished broadcast again to uncertain recipients, never to anybody a third time."""
    return _send_again(connection, id_, RecipientState.UNCERTAIN, now)


def _send_again(connection: Connection, id_: str, state: RecipientState, now: datetime) -> bool:
    done = _FIND.where(broadcasts.c.state == BroadcastStatus.DONE.value).with_for_update()
    if connection.execute(done, {"id": id_}).one_or_none() is None:
        return False
    conditions = [rows.c.broadcast == ledger_number(id_), rows.c.state == STATE_CODES[state]]
    values: dict[str, Any] = {"state": STATE_CODES[RecipientState.PENDING]}
    if state is RecipientState.UNCERTAIN:
        conditions.append(~rows.c.sent_twice)
        values["sent_twice"] = True
    first = connection.execute(select(func.min(rows.c.person_key)).where(*conditions)).scalar()
    if first is None:
        return False
    count = connection.execute(update(rows).where(*conditions).values(values)).rowcount
    changed = {
        "state": BroadcastStatus.SENDING.value,
        "shown": "",
        "ended": None,
        "changed": now,
        "next_key": earlier_key(first),
        state.value: broadcasts.c[state.value] - count,
    }
    connection.execute(update(broadcasts).where(_THIS).values(changed), {"id": id_})
    return True
