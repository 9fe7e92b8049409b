"""Sending: whose turn it is with a mail of the outbox, and what became of it.

    queued ──claim──▶ sending ──finish──▶ accepted | failed | deferred (──claim──▶ sending …)
       ▲                 │  └─ broken off ──▶ unknown ──claim, once──▶ sending, a possible duplicate
       └── not begun ────┴─ lease ran out, begun ──▶ unknown

A claim is a lease with a token; whatever is recorded carries it, and is void once the lease has
passed on. The attempt and its bytes are committed before DATA, so that after a crash it is known
that the letter may have left (RFC 1047).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    text,
    update,
)

from conversations.delivery import LetterState
from conversations.effects import Count, Stage
from conversations.identity import Decided
from conversations.letter import Letter
from storage import tallies
from storage.outbox import NEXT_STATUS, CodeMail, MailKind
from storage.tables import DUE, actions
from storage.tables import outbox as mails
from storage.vault import CannotOpen, Vault

_FINAL = (LetterState.ACCEPTED, LetterState.FAILED, LetterState.CANCELLED, LetterState.BOUNCED)

_MINE = (mails.c.mail == bindparam("of"), mails.c.lease == bindparam("mine"))
_IS_SENDING = mails.c.state == LetterState.SENDING.value
_DUE = (
    select(mails.c.mail)
    .where(text(DUE), mails.c.not_before <= bindparam("now"))
    .order_by(mails.c.priority, mails.c.not_before)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(mails)
    .where(mails.c.mail.in_(bindparam("wanted", expanding=True)))
    .values(
        state=LetterState.SENDING.value,
        possible_duplicate=or_(
            mails.c.possible_duplicate, mails.c.state == LetterState.UNKNOWN.value
        ),
        status=NEXT_STATUS,
    )
    .returning(*mails.c)
)
_BEGIN = (
    update(mails)
    .where(*_MINE, mails.c.lease_until > bindparam("now"))
    .values(attempts=mails.c.attempts + 1, begun=True)
)
_RECOVER = (
    update(mails)
    .where(_IS_SENDING, mails.c.lease_until <= bindparam("now"))
    .values(
        state=case(
            (or_(mails.c.begun, mails.c.possible_duplicate), LetterState.UNKNOWN.value),
            else_=LetterState.QUEUED.value,
        ),
        possible_duplicate=and_(mails.c.possible_duplicate, mails.c.begun),
        begun=False,
        lease=None,
        lease_until=None,
        status=NEXT_STATUS,
    )
)
_RECORD = (
    update(mails)
    .where(*_MINE)
    .values(status=NEXT_STATUS)
    .returning(mails.c.state, mails.c.action, mails.c.campaign)
)
_DROP_CODE = delete(mails).where(*_MINE, mails.c.kind == MailKind.CODE.value)
_NEXT = select(
    select(func.min(mails.c.not_before)).where(text(DUE)).scalar_subquery(),
    select(func.min(mails.c.lease_until)).where(_IS_SENDING).scalar_subquery(),
)
_NUMBERED = select(actions).where(actions.c.action.in_(bindparam("numbered", expanding=True)))
_NUMBER = update(actions).where(actions.c.action == bindparam("numbered"))


@dataclass(frozen=True)
class Claimed:
    """A mail that is ours to send until the lease ends. `message` is what was tried before."""

    mail: str
    kind: MailKind
    campaign: str
    lease: str
    attempts: int
    possible_duplicate: bool
    queued: datetime
    expires: datetime
    message_id: str
    content: Letter | CodeMail
    message: bytes | None


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt. `not_before` is when a deferred mail is tried again."""

    mail: str
    kind: MailKind
    lease: str
    state: LetterState
    not_before: datetime | None = None
    smtp_code: int | None = None
    smtp_text: str = ""


def claim(
    connection: Connection,
    vault: Vault,
    *,
    now: datetime,
    lease: str,
    until: datetime,
    limit: int,
) -> tuple[Claimed, ...]:
    """Claim what is due, codes first; no two claimers ever get the same mail."""
    wanted = connection.execute(_DUE, {"now": now, "most": limit}).scalars().all()
    if not wanted:
        return ()
    values = {"lease": lease, "lease_until": until, "changed": now}
    rows = connection.execute(_CLAIM, {"wanted": wanted, **values}).all()
    order = {mail: index for index, mail in enumerate(wanted)}
    claimed: list[Claimed] = []
    for row in sorted(rows, key=lambda row: order[row.mail]):
        try:
            claimed.append(_claimed(vault, row))
        except (CannotOpen, ValueError, TypeError):
            # One damaged row must not stop all others: it can never be sent.
            outcome = Outcome(row.mail, MailKind(row.kind), lease, LetterState.FAILED)
            finish(connection, [outcome], now=now)
    return tuple(claimed)


def begin(
    connection: Connection,
    vault: Vault,
    claimed: Claimed,
    message: bytes,
    *,
    decided: Decided | None = None,
    now: datetime,
) -> bool:
    """Note the attempt and its bytes, before DATA; False where the mail is not ours any more.

    `decided` comes with bytes that are new: as whom the letter goes out.
    """
    sealed = vault.seal(message, table="outbox", column="message", row=claimed.mail.encode())
    mine = {"of": claimed.mail, "mine": claimed.lease, "now": now}
    values: dict[str, Any] = {"sealed_message": sealed}
    if decided:
        values |= {"identity": decided.identity, "identity_reason": decided.reason}
    return connection.execute(_BEGIN, mine | values).rowcount == 1


def renew(connection: Connection, mail: str, lease: str, until: datetime) -> bool:
    """Hold the lease for longer; False where it has passed to another."""
    mine = (mails.c.mail == mail, mails.c.lease == lease)
    return connection.execute(update(mails).where(*mine).values(lease_until=until)).rowcount == 1


def finish(connection: Connection, outcomes: Sequence[Outcome], *, now: datetime) -> int:
    """Record what became of attempts whose leases are still held; return how many were.

    An accepted letter gets its number, the counter and the tally in the same transaction.
    """
    recorded = [row for outcome in outcomes for row in _record(connection, outcome, now)]
    accepted: dict[str, list[str]] = {}
    for row in recorded:
        if row.state == LetterState.ACCEPTED.value and row.action:
            accepted.setdefault(row.campaign, []).append(row.action)
    for campaign, numbered in sorted(accepted.items()):
        _number(connection, campaign, numbered, now)
    return len(recorded)


def recover(connection: Connection, *, now: datetime) -> int:
    """Take back the mails whose sender is gone: what was begun may have left."""
    return connection.execute(_RECOVER, {"now": now, "changed": now}).rowcount


def shown(row: Row[Any]) -> LetterState:
    """Return how the letter fares, as people are told: what may have left does not merely wait."""
    state = LetterState(row.state)
    if row.possible_duplicate and state in (LetterState.QUEUED, LetterState.DEFERRED):
        return LetterState.UNKNOWN
    return state


def next_due(connection: Connection) -> datetime | None:
    """Return when the next mail is due or the next lease ends."""
    times = connection.execute(_NEXT).one()
    return min((time for time in times if time is not None), default=None)


def _record(connection: Connection, outcome: Outcome, now: datetime) -> Sequence[Row[Any]]:
    mine = {"of": outcome.mail, "mine": outcome.lease}
    # A code's mail is done with; of a letter, the state and its history stay.
    if outcome.kind is MailKind.CODE and outcome.state in _FINAL:
        connection.execute(_DROP_CODE, mine)
        return []
    values: dict[str, Any] = {
        "state": outcome.state.value,
        "smtp_code": outcome.smtp_code,
        "smtp_text": outcome.smtp_text,
        "lease": None,
        "lease_until": None,
        "begun": False,
        "changed": now,
    }
    if outcome.not_before:
        values["not_before"] = outcome.not_before
    if outcome.state is LetterState.ACCEPTED:
        values |= {"sealed_content": None, "sealed_message": None}
    return connection.execute(_RECORD, mine | values).all()


def _number(connection: Connection, campaign: str, numbered: list[str], now: datetime) -> None:
    last = tallies.accept(connection, campaign, len(numbered))
    found = connection.execute(_NUMBERED, {"numbered": numbered}).all()
    rows = {row.action: row for row in found}
    connection.execute(
        _NUMBER,
        [
            {"numbered": action, "number": number}
            for number, action in enumerate(numbered, last - len(numbered) + 1)
        ],
    )
    counts = [
        (Count(Stage.ACCEPTED, campaign, row.language, row.source, row.country), now)
        for row in rows.values()
    ]
    tallies.add(connection, counts)


def _claimed(vault: Vault, row: Row[Any]) -> Claimed:
    place = row.mail.encode()
    content = orjson.loads(
        vault.open(row.sealed_content, table="outbox", column="content", row=place)
    )
    kind = MailKind(row.kind)
    message = None
    if row.sealed_message is not None:
        message = vault.open(row.sealed_message, table="outbox", column="message", row=place)
    return Claimed(
        mail=row.mail,
        kind=kind,
        campaign=row.campaign,
        lease=row.lease,
        attempts=row.attempts,
        possible_duplicate=row.possible_duplicate,
        queued=row.queued,
        expires=row.expires,
        message_id=row.message_id,
        content=CodeMail(**content) if kind is MailKind.CODE else Letter(**content),
        message=message,
    )
