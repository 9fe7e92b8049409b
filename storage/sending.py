"""Sending: whose turn it is with a mail of the outbox, and what became of it.

The states, and what leads from one to another, stand in `conversations.delivery`.

A claim is a lease with a token; whatever is recorded carries it, and is void once the lease has
passed on. The attempt and its bytes are committed before DATA, so that after a crash it is known
that the letter may have left (RFC 1047).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    Boolean,
    Connection,
    Executable,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    text,
    union_all,
    update,
)

from conversations.delivery import FINAL, Happening, LetterState, after, before
from conversations.effects import Count, Stage
from conversations.identity import Decided
from conversations.known import AlertKind, Copy
from conversations.letter import Letter
from storage import alerts, pauses, tallies
from storage.outbox import CODES, NEXT_STATUS, CodeMail, Content, CopyMail, Forward, MailKind
from storage.pauses import Refusal
from storage.tables import DUE, LIVE, actions, codes
from storage.tables import outbox as mails
from storage.tables import pauses as paused
from storage.vault import CannotOpen, Vault

_CONTENTS: dict[MailKind, type[Content]] = {
    MailKind.CODE: CodeMail,
    MailKind.LETTER: Letter,
    MailKind.COPY: CopyMail,
    MailKind.FORWARD: Forward,
}

_MINE = (mails.c.mail == bindparam("of"), mails.c.lease == bindparam("mine"))
_IS_SENDING = mails.c.state == LetterState.SENDING.value
_AFTER_SENDING = {
    happening: after(LetterState.SENDING, happening).value
    for happening in Happening
    if LetterState.SENDING in before(happening)
}
_PAUSED = select(paused.c.campaign)
_FIRST_LANE = (
    select(func.min(mails.c.lane).label("lane")).where(text(DUE)).cte("lanes", recursive=True)
)
# Each step looks for the next name: what lies between is not read.
_EACH_LANE = _FIRST_LANE.union_all(
    select(
        select(func.min(mails.c.lane))
        .where(text(DUE), mails.c.lane > _FIRST_LANE.c.lane)
        .scalar_subquery()
    ).where(_FIRST_LANE.c.lane.is_not(None))
)
_LANES = (
    select(_EACH_LANE.c.lane)
    .where(_EACH_LANE.c.lane.is_not(None), _EACH_LANE.c.lane.not_in(_PAUSED))
    .order_by(_EACH_LANE.c.lane)
)
_CLAIM = (
    update(mails)
    .where(mails.c.mail.in_(bindparam("wanted", expanding=True)))
    .values(
        state=after(LetterState.QUEUED, Happening.CLAIMED).value,
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
            (or_(mails.c.begun, mails.c.possible_duplicate), _AFTER_SENDING[Happening.BROKEN_OFF]),
            else_=_AFTER_SENDING[Happening.NOT_SENT],
        ),
        possible_duplicate=and_(mails.c.possible_duplicate, mails.c.begun),
        held=and_(
            bindparam("hold", type_=Boolean),
            mails.c.begun,
            ~mails.c.possible_duplicate,
            mails.c.action.is_not(None),
        ),
        begun=False,
        lease=None,
        lease_until=None,
        status=NEXT_STATUS,
    )
    .returning(mails.c.campaign, mails.c.held)
)
_DECIDE = (
    update(mails)
    .where(mails.c.campaign == bindparam("of"), mails.c.held)
    .values(held=False, status=NEXT_STATUS)
)
_RECORD = (
    update(mails)
    .where(*_MINE)
    .values(status=NEXT_STATUS)
    .returning(
        mails.c.state,
        mails.c.action,
        mails.c.about,
        mails.c.campaign,
        mails.c.held,
        mails.c.smtp_code,
        mails.c.smtp_text,
    )
)
_DROP_CODE = (
    delete(mails).where(*_MINE, mails.c.kind == MailKind.CODE.value).returning(mails.c.person_key)
)
_CODE_REFUSED = (
    update(codes)
    .where(codes.c.person_key == bindparam("person"), codes.c.code_hash.is_not(None))
    .values(returned=True, code_hash=None)
)
_COPY_REFUSED = (
    update(actions)
    .where(actions.c.action == bindparam("about"), actions.c.copied == Copy.ASKED.value)
    .values(copied=Copy.RETURNED.value)
)
_NEXT = select(func.min(mails.c.not_before)).where(text(DUE), mails.c.lane == bindparam("in"))
_NEXT_LEASE = select(func.min(mails.c.lease_until)).where(_IS_SENDING)
_NUMBERED = select(actions).where(
    actions.c.action.in_(bindparam("numbered", expanding=True)), text(LIVE)
)
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
    content: Content
    message: bytes | None


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt. `not_before` is when it is tried again, where it is.

    `held` tells that an admin decides whether it is.
    """

    mail: str
    kind: MailKind
    lease: str
    happened: Happening
    not_before: datetime | None = None
    smtp_code: int | None = None
    smtp_text: str = ""
    held: bool = False


def lanes(connection: Connection) -> tuple[str, ...]:
    """Return the lanes in which mail waits and that are not paused, that of codes first."""
    return tuple(connection.execute(_LANES).scalars())


def claim(
    connection: Connection,
    vault: Vault,
    *,
    lanes: Sequence[str],
    now: datetime,
    lease: str,
    until: datetime,
    limit: int,
) -> tuple[Claimed, ...]:
    """Claim what is due in `lanes`, codes first; no two claimers ever get the same mail."""
    if not lanes:
        return ()
    asked = {f"lane_{index}": lane for index, lane in enumerate(lanes)}
    due = connection.execute(_due(len(lanes)), {**asked, "now": now, "most": limit}).all()
    due = sorted(due, key=lambda row: (row.lane != CODES, row.not_before))[:limit]
    order = {row.mail: index for index, row in enumerate(due)}
    if not order:
        return ()
    values = {"lease": lease, "lease_until": until, "changed": now}
    rows = connection.execute(_CLAIM, {"wanted": [*order], **values}).all()
    claimed: list[Claimed] = []
    for row in sorted(rows, key=lambda row: order[row.mail]):
        try:
            claimed.append(_claimed(vault, row))
        except (CannotOpen, ValueError, TypeError):
            # One damaged row must not stop all others: it can never be sent.
            outcome = Outcome(row.mail, MailKind(row.kind), lease, Happening.REFUSED)
            finish(connection, [outcome], now=now)
    return tuple(claimed)


@cache
def _due(count: int) -> Executable:
    """Return what asks for the mail that is due first in each of `count` lanes."""
    of_each = [
        select(mails.c.mail, mails.c.lane, mails.c.not_before)
        .where(
            text(DUE),
            mails.c.lane == bindparam(f"lane_{index}"),
            mails.c.not_before <= bindparam("now"),
            mails.c.lane.not_in(_PAUSED),
        )
        .order_by(mails.c.not_before)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
        .subquery()
        for index in range(count)
    ]
    return union_all(*(select(lane) for lane in of_each))


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

    An accepted letter gets its number, the counter and the tally in the same transaction; letters
    that are refused again and again pause their campaign.
    """
    recorded = [row for outcome in outcomes for row in _record(connection, outcome, now)]
    letters = [row for row in recorded if row.action]
    accepted: dict[str, list[str]] = {}
    for row in letters:
        if row.state == LetterState.ACCEPTED.value:
            accepted.setdefault(row.campaign, []).append(row.action)
    for campaign, numbered in sorted(accepted.items()):
        _number(connection, campaign, numbered, now)
    refusals = [
        Refusal(row.campaign, row.smtp_code, row.smtp_text)
        for row in letters
        if row.state == LetterState.FAILED.value and row.smtp_code
    ]
    pauses.refused(connection, refusals, now)
    _alert_of_held(connection, letters, now)
    return len(recorded)


def recover(connection: Connection, *, now: datetime, hold: bool = False) -> int:
    """Take back the mails whose sender is gone: what was begun may have left.

    `hold` leaves it to an admin whether that is sent once more.
    """
    rows = connection.execute(_RECOVER, {"now": now, "changed": now, "hold": hold}).all()
    _alert_of_held(connection, rows, now)
    return len(rows)


def decide(connection: Connection, campaign: str, *, again: bool, now: datetime) -> None:
    """Send the letters of unknown fate that are held once more, or never again."""
    values = {"not_before": now, "possible_duplicate": not again, "changed": now}
    connection.execute(_DECIDE, {"of": campaign, **values})
    alerts.end(connection, AlertKind.DOUBTFUL, campaign, now=now)


def _alert_of_held(connection: Connection, rows: Sequence[Row[Any]], now: datetime) -> None:
    for campaign in sorted({row.campaign for row in rows if row.held}):
        alerts.raise_(connection, AlertKind.DOUBTFUL, campaign, now=now)


def shown(row: Row[Any]) -> LetterState:
    """Return how the letter fares, as people are told: what may have left does not merely wait."""
    state = LetterState(row.state)
    if row.possible_duplicate and state in (LetterState.QUEUED, LetterState.DEFERRED):
        return LetterState.UNKNOWN
    return state


def next_due(connection: Connection) -> datetime | None:
    """Return when the next mail is due or the next lease ends."""
    times = [connection.execute(_NEXT_LEASE).scalar()]
    times += [connection.execute(_NEXT, {"in": lane}).scalar() for lane in lanes(connection)]
    return min((time for time in times if time is not None), default=None)


def _record(connection: Connection, outcome: Outcome, now: datetime) -> Sequence[Row[Any]]:
    mine = {"of": outcome.mail, "mine": outcome.lease}
    state = after(LetterState.SENDING, outcome.happened)
    # A code's mail is done with; of a letter, the state and its history stay.
    if outcome.kind is MailKind.CODE and state in FINAL:
        dropped = connection.execute(_DROP_CODE, mine).scalars().all()
        for person in dropped if _is_refused(outcome) else ():
            connection.execute(_CODE_REFUSED, {"person": person})
        return []
    values: dict[str, Any] = {
        "state": state.value,
        "smtp_code": outcome.smtp_code,
        "smtp_text": outcome.smtp_text,
        "lease": None,
        "lease_until": None,
        "begun": False,
        "held": outcome.held,
        "changed": now,
    }
    if outcome.not_before:
        values["not_before"] = outcome.not_before
    if state is LetterState.ACCEPTED:
        values |= {"sealed_content": None, "sealed_message": None}
    recorded = connection.execute(_RECORD, mine | values).all()
    if outcome.kind is MailKind.COPY and _is_refused(outcome):
        for row in recorded:
            connection.execute(_COPY_REFUSED, {"about": row.about})
    return recorded


def _is_refused(outcome: Outcome) -> bool:
    """Whether a server refused for good: its address takes no mail, as after a bounce."""
    return outcome.happened is Happening.REFUSED and outcome.smtp_code is not None


def _number(connection: Connection, campaign: str, numbered: list[str], now: datetime) -> None:
    found = connection.execute(_NUMBERED, {"numbered": numbered}).all()
    rows = {row.action: row for row in found}
    numbered = [action for action in numbered if action in rows]
    if not numbered:
        return  # all of them tests, which count for nothing
    last = tallies.accept(connection, campaign, len(numbered))
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
        content=_CONTENTS[kind](**content),
        message=message,
    )
