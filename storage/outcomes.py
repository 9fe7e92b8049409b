"""What became of attempts: recorded, taken back, decided. `sending` tells whose turn it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    delete,
    or_,
    select,
    text,
    update,
)

from conversations.delivery import FINAL, Happening, LetterState, after, before
from conversations.effects import Count, Stage
from conversations.known import AlertKind, Copy
from storage import alerts, pauses, tallies
from storage.outbox import NEXT_STATUS, MailKind
from storage.pauses import Refusal
from storage.tables import LIVE, actions, codes
from storage.tables import outbox as mails

_MINE = (mails.c.mail == bindparam("of"), mails.c.lease == bindparam("mine"))
_AFTER_SENDING = {
    happening: after(LetterState.SENDING, happening).value
    for happening in Happening
    if LetterState.SENDING in before(happening)
}
_RECOVER = (
    update(mails)
    .where(mails.c.state == LetterState.SENDING.value, mails.c.lease_until <= bindparam("now"))
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
_NUMBERED = select(actions).where(
    actions.c.action.in_(bindparam("numbered", expanding=True)), text(LIVE)
)
_NUMBER = update(actions).where(actions.c.action == bindparam("numbered"))


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
    refused = [row for row in letters if row.state == LetterState.FAILED.value and row.smtp_code]
    _refused(connection, refused, now)
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
        # Of a copy or a code it may name the supporter, without an @.
        "smtp_text": outcome.smtp_text if outcome.kind is MailKind.LETTER else "",
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


def _refused(connection: Connection, rows: Sequence[Row[Any]], now: datetime) -> None:
    """Count refusals, those of tests excepted, one campaign after the other."""
    if not rows:
        return
    found = connection.execute(_NUMBERED, {"numbered": [row.action for row in rows]})
    live = {row.action for row in found}
    refusals = [
        Refusal(row.campaign, row.smtp_code, row.smtp_text) for row in rows if row.action in live
    ]
    pauses.refused(connection, sorted(refusals, key=lambda each: each.campaign), now)


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
