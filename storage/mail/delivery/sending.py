"""Claiming mail in the outbox for sending. `outcomes` records the results.

`conversations.model.letters.delivery` defines the states and their transitions.

A claim is a lease with a token. All that a worker records carries the token, and is ignored once
the lease is lost. The attempt and its message are committed before DATA, so that after a crash it
is known that the letter may have left (RFC 1047).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Row,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    text,
    union_all,
    update,
)

from conversations.model.letters.delivery import DeliveryEvent, LetterState, after
from conversations.model.letters.identity import SenderDecision
from conversations.model.letters.letter import Letter
from storage.crypto.vault import DecryptionError, Vault
from storage.engine.columns import numbered
from storage.mail.delivery import letter_changes
from storage.mail.delivery.content import (
    CodeMail,
    Content,
    CopyMail,
    Forward,
    MailKind,
    OwnerMail,
)
from storage.mail.delivery.lanes import each_lane
from storage.mail.delivery.outbox import CODES_LANE, NEXT_STATUS
from storage.mail.delivery.outcomes import MailOutcome, record
from storage.mail.delivery.pauses import ALL_SENDING
from storage.schema.encryption import MAIL_CONTENT, MAIL_MESSAGE
from storage.schema.tables import DUE
from storage.schema.tables import outbox as mails
from storage.schema.tables import pauses as paused

_CONTENTS: dict[MailKind, type[Content]] = {
    MailKind.CODE: CodeMail,
    MailKind.LETTER: Letter,
    MailKind.COPY: CopyMail,
    MailKind.FORWARD: Forward,
    MailKind.OWNER: OwnerMail,
}

_HELD = (
    mails.c.mail.in_(bindparam("mails", expanding=True)),
    mails.c.lease.in_(bindparam("leases", expanding=True)),
)


_CODES = literal_column(f"'{CODES_LANE}'", String)


def _is_not_paused(lane: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether neither the campaign of the lane nor all sending, except of codes, is paused."""
    all_paused = exists().where(paused.c.campaign == ALL_SENDING)
    return and_(lane.not_in(select(paused.c.campaign)), or_(lane == _CODES, ~all_paused))


EACH_LANE = each_lane(DUE)
"""The lanes in which mail waits, and null."""

_FIRST = (
    select(func.min(mails.c.not_before))
    .where(text(DUE), mails.c.lane == EACH_LANE.c.lane)
    .correlate(EACH_LANE)
    .scalar_subquery()
)
_SCHEDULE = union_all(
    select(EACH_LANE.c.lane.label("lane"), _FIRST.label("due")).where(
        EACH_LANE.c.lane.is_not(None), _is_not_paused(EACH_LANE.c.lane)
    ),
    # The lease of a worker that is gone ends: the mail may be due again.
    select(null(), func.min(mails.c.lease_until)).where(mails.c.state == LetterState.SENDING.value),
)
_CLAIM = (
    update(mails)
    .where(mails.c.mail.in_(bindparam("wanted", expanding=True)))
    .values(
        state=after(LetterState.QUEUED, DeliveryEvent.CLAIMED).value,
        possible_duplicate=or_(
            mails.c.possible_duplicate, mails.c.state == LetterState.UNKNOWN.value
        ),
        status=NEXT_STATUS,
    )
    .returning(
        *(mails.c.mail, mails.c.kind, mails.c.campaign, mails.c.lease, mails.c.lease_until),
        *(mails.c.possible_duplicate, mails.c.queued, mails.c.expires, mails.c.message_id),
        *(mails.c.encrypted_content, mails.c.encrypted_message, mails.c.turn_id),
    )
)
_OURS = (
    select(mails.c.mail, mails.c.lease)
    .where(*_HELD, mails.c.lease_until > bindparam("now"))
    .order_by(mails.c.mail)
    .with_for_update()
)
_BEGIN = update(mails).where(mails.c.mail == bindparam("of")).values(transmitting=True)
_RENEW = (
    update(mails)
    .where(*_HELD)
    .values(lease_until=bindparam("until", type_=mails.c.lease_until.type))
    .returning(mails.c.mail, mails.c.lease)
)


@dataclass(frozen=True)
class ClaimedMail:
    """A mail that a worker has claimed."""

    mail: str
    """Id of the mail."""

    kind: MailKind
    campaign: str
    lease: str
    until: datetime
    """When the lease ends."""

    possible_duplicate: bool
    """Whether the mail may have left before."""

    queued: datetime
    expires: datetime
    """When the mail is given up."""

    message_id: str
    content: Content
    message: bytes | None
    """The signed message of an earlier attempt; None before the first."""

    deferred: bool = False
    """Whether the mail waited because an earlier attempt did not succeed."""

    turn_id: str = ""
    """Id in the logs of the answer that queued the mail."""


@dataclass(frozen=True)
class Schedule:
    """In which queues of the outbox mail waits, and when the next mail is due."""

    lanes: tuple[str, ...]
    """The names of the queues with waiting mail: of each campaign, unless it is paused."""

    next_due: datetime | None
    """When the next of these mails is due or the next lease ends; None if no mail waits."""


def schedule(connection: Connection) -> Schedule:
    """Return in which queues of the outbox mail waits, and when the next mail is due."""
    rows = connection.execute(_SCHEDULE).all()
    return Schedule(
        tuple(sorted(row.lane for row in rows if row.lane is not None)),
        min((row.due for row in rows if row.due is not None), default=None),
    )


def claim(
    connection: Connection,
    vault: Vault,
    *,
    lanes: Sequence[str],
    now: datetime,
    lease: str,
    until: datetime,
    limit: int,
) -> tuple[ClaimedMail, ...]:
    """Claim up to `limit` mails due in `lanes`, codes first. No two workers get the same mail."""
    if not lanes:
        return ()
    due = _find_due(connection, lanes, now, limit)
    if due and (changes := letter_changes.pending(connection)):
        letter_changes.apply(connection, changes, due)
        changed = {row.mail for row in due}
        again = _find_due(connection, lanes, now, limit)
        # Others would have to be changed first: the next claim finds them.
        due = [row for row in again if row.mail in changed]
    order = {row.mail: index for index, row in enumerate(due)}
    deferred = {row.mail for row in due if row.state != LetterState.QUEUED.value}
    if not order:
        return ()
    values = {"lease": lease, "lease_until": until, "changed": now}
    rows = connection.execute(_CLAIM, {"wanted": [*order], **values}).all()
    claimed: list[ClaimedMail] = []
    for row in sorted(rows, key=lambda row: order[row.mail]):
        try:
            claimed.append(_claimed(vault, row, deferred=row.mail in deferred))
        except (DecryptionError, ValueError, TypeError):
            # A damaged row can never be sent, and must not stop the others.
            outcome = MailOutcome(row.mail, MailKind(row.kind), lease, DeliveryEvent.REFUSED)
            record(connection, vault, [outcome], now=now)
    return tuple(claimed)


def _find_due(
    connection: Connection, lanes: Sequence[str], now: datetime, limit: int
) -> Sequence[Row[Any]]:
    """Return up to `limit` mails due in `lanes`, codes first."""
    parameters = numbered("lane", lanes)
    due = connection.execute(_due(len(lanes)), {**parameters, "now": now, "most": limit}).all()
    return sorted(due, key=lambda row: (row.lane != CODES_LANE, row.not_before))[:limit]


@cache
def _due(count: int) -> Executable:
    """Return the statement that finds the mail that is due first in each of `count` lanes."""
    of_each = [
        select(
            *(mails.c.mail, mails.c.lane, mails.c.not_before, mails.c.state),
            *(mails.c.action, mails.c.campaign, mails.c.target, mails.c.queued),
        )
        .where(
            text(DUE),
            mails.c.lane == bindparam(f"lane_{index}"),
            mails.c.not_before <= bindparam("now"),
            _is_not_paused(mails.c.lane),
        )
        .order_by(mails.c.not_before)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
        .subquery()
        for index in range(count)
    ]
    return union_all(*(select(lane) for lane in of_each))


@dataclass(frozen=True)
class Beginning:
    """A mail whose transmission is about to start."""

    claimed: ClaimedMail
    message: bytes
    """The signed message."""

    decided: SenderDecision | None = None
    """Identity as which the mail leaves; None if the message of an earlier attempt is reused."""


def begin(
    connection: Connection, vault: Vault, beginnings: Sequence[Beginning], *, now: datetime
) -> list[bool]:
    """Record attempts and their messages, before DATA; False for each mail whose lease was lost."""
    parameters = _held((each.claimed.mail, each.claimed.lease) for each in beginnings)
    ours = {(row.mail, row.lease) for row in connection.execute(_OURS, parameters | {"now": now})}
    held = [(each.claimed.mail, each.claimed.lease) in ours for each in beginnings]
    new: list[dict[str, Any]] = []
    old: list[dict[str, Any]] = []
    for each in (each for each, is_ours in zip(beginnings, held, strict=True) if is_ours):
        mail, decided = each.claimed.mail, each.decided
        encrypted = vault.encrypt(each.message, MAIL_MESSAGE, row=mail.encode())
        row = {"of": mail, "encrypted_message": encrypted}
        if decided:
            row |= {"identity": decided.identity, "identity_reason": decided.reason}
        (new if decided else old).append(row)
    for rows in (new, old):
        if rows:
            connection.execute(_BEGIN, rows)
    return held


def renew(
    connection: Connection, held: Collection[tuple[str, str]], until: datetime
) -> set[tuple[str, str]]:
    """Renew leases, given as (mail, lease); return those that were not lost."""
    rows = connection.execute(_RENEW, _held(held) | {"until": until})
    return {(row.mail, row.lease) for row in rows}


def _held(held: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the parameters that find these pairs. Each lease belongs to one claim."""
    pairs = list(held)
    return {"mails": [mail for mail, _ in pairs], "leases": list({lease for _, lease in pairs})}


def identities(connection: Connection) -> list[dict[str, str | int]]:
    """Count the identities as which letters left, and why these differ from the campaign's.

    Returns dictionaries with campaign, identity, identity_reason and count. Letters that were
    erased or settled are not counted.
    """
    place = (mails.c.campaign, mails.c.identity, mails.c.identity_reason)
    kept = (mails.c.action.is_not(None), mails.c.identity.is_not(None))
    query = select(*place, func.count().label("count")).where(*kept).group_by(*place)
    return [dict(row._mapping) for row in connection.execute(query.order_by(*place))]


def _claimed(vault: Vault, row: Row[Any], *, deferred: bool) -> ClaimedMail:
    place = row.mail.encode()
    content = orjson.loads(vault.decrypt(row.encrypted_content, MAIL_CONTENT, row=place))
    kind = MailKind(row.kind)
    message = None
    if row.encrypted_message is not None:
        message = vault.decrypt(row.encrypted_message, MAIL_MESSAGE, row=place)
    return ClaimedMail(
        mail=row.mail,
        kind=kind,
        campaign=row.campaign,
        lease=row.lease,
        until=row.lease_until,
        possible_duplicate=row.possible_duplicate,
        queued=row.queued,
        expires=row.expires,
        message_id=row.message_id,
        content=_CONTENTS[kind](**content),
        message=message,
        deferred=deferred,
        turn_id=row.turn_id,
    )
