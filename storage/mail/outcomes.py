"""What became of attempts: recorded, taken back, decided. `sending` tells whose turn it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Row,
    Select,
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

from conversations.core.facts import AlertKind, CopyState
from conversations.model.delivery import (
    FINAL_STATES,
    DeliveryEvent,
    LetterState,
    after,
    states_before,
)
from storage.admin import alerts
from storage.mail import pauses
from storage.mail.outbox import NEXT_STATUS, MailKind
from storage.mail.pauses import Refusal
from storage.schema.tables import LIVE, actions, codes
from storage.schema.tables import outbox as mails
from storage.schema.tally import Tally
from storage.stats import tallies

_AFTER_SENDING = {
    happening: after(LetterState.SENDING, happening).value
    for happening in DeliveryEvent
    if LetterState.SENDING in states_before(happening)
}
_RECOVER = (
    update(mails)
    .where(mails.c.state == LetterState.SENDING.value, mails.c.lease_until <= bindparam("now"))
    .values(
        state=case(
            (
                or_(mails.c.transmitting, mails.c.possible_duplicate),
                _AFTER_SENDING[DeliveryEvent.BROKEN_OFF],
            ),
            else_=_AFTER_SENDING[DeliveryEvent.NOT_SENT],
        ),
        possible_duplicate=and_(mails.c.possible_duplicate, mails.c.transmitting),
        held=and_(
            bindparam("hold", type_=Boolean),
            mails.c.transmitting,
            ~mails.c.possible_duplicate,
            mails.c.action.is_not(None),
        ),
        transmitting=False,
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
_ASKED = mails.c.mail.in_(bindparam("asked", expanding=True))
_OURS = (
    select(
        mails.c.mail,
        mails.c.lease,
        mails.c.action,
        mails.c.about,
        mails.c.campaign,
        mails.c.person_key,
        mails.c.possible_duplicate,
    )
    .where(_ASKED, mails.c.lease.is_not(None))
    .order_by(mails.c.mail)
    .with_for_update()
)
_RECORD = (
    update(mails)
    .where(mails.c.mail == bindparam("of"))
    .values(
        smtp_code=bindparam("code"),
        not_before=func.coalesce(
            bindparam("again", type_=mails.c.not_before.type), mails.c.not_before
        ),
        lease=None,
        lease_until=None,
        transmitting=False,
        status=NEXT_STATUS,
    )
)
_NEVER_AGAIN = (LetterState.ACCEPTED, LetterState.CANCELLED)
_RECORD_OVER = _RECORD.values(encrypted_content=None, encrypted_message=None)
_DROP = delete(mails).where(_ASKED)
_CODE_REFUSED = (
    update(codes)
    .where(codes.c.person_key == bindparam("person"), codes.c.code_hash.is_not(None))
    .values(bounced=True, code_hash=None)
)
_COPY_REFUSED = (
    update(actions)
    .where(actions.c.action == bindparam("about"), actions.c.copy_state == CopyState.ASKED.value)
    .values(copy_state=CopyState.RETURNED.value)
)
_LIVE: Select[Any] = select(actions.c.action, actions.c.campaign, actions.c.at).where(
    actions.c.action.in_(bindparam("letters", expanding=True)), text(LIVE)
)
_LOST = (
    select(mails.c.action)
    .where(
        mails.c.state == LetterState.SENDING.value,
        mails.c.lease_until <= bindparam("now"),
        mails.c.action.is_not(None),
        mails.c.transmitting,
        ~mails.c.possible_duplicate,
    )
    # By `mail` alone, SQLite would read all that ever left, in that order.
    .order_by(mails.c.lease_until, mails.c.mail)
    .with_for_update()
)
_NUMBER = update(actions).where(actions.c.action == bindparam("numbered"))


@dataclass(frozen=True)
class MailOutcome:
    """What became of an attempt. `not_before` is when it is tried again, where it is.

    `held` tells that an admin decides whether it is.
    """

    mail: str
    kind: MailKind
    lease: str
    happened: DeliveryEvent
    not_before: datetime | None = None
    smtp_code: int | None = None
    smtp_text: str = ""
    held: bool = False


def record(connection: Connection, outcomes: Sequence[MailOutcome], *, now: datetime) -> int:
    """Record what became of attempts whose leases are still held; return how many were.

    An accepted letter gets its number, the counter and the tally in the same transaction; letters
    that are refused again and again pause their campaign.
    """
    asked = {"asked": [outcome.mail for outcome in outcomes]}
    rows = {(row.mail, row.lease): row for row in connection.execute(_OURS, asked)}
    ours = [
        _Recorded(outcome, rows.pop((outcome.mail, outcome.lease)))
        for outcome in outcomes
        if (outcome.mail, outcome.lease) in rows
    ]
    _record(connection, ours, now)
    _take_no_mail(connection, [each for each in ours if each.is_refused])
    letters = [each for each in ours if each.row.action]
    counted = _live(connection, [each.row.action for each in letters if each.fate != each.before])
    live = [each for each in letters if each.row.action in counted]
    accepted: dict[str, list[str]] = {}
    for each in live:
        if each.state is LetterState.ACCEPTED:
            accepted.setdefault(each.row.campaign, []).append(each.row.action)
    for campaign, numbered in sorted(accepted.items()):
        _number(connection, campaign, numbered)
    _refused(connection, [each for each in live if each.is_refused], now)
    _alert_of_held(connection, {each.row.campaign for each in letters if each.outcome.held}, now)
    fared = (each.fared(counted[each.row.action].at) for each in live)
    tallies.add(connection, [tally for each in fared for tally in each])
    return len(ours)


def recover_lost(connection: Connection, *, now: datetime, hold: bool = False) -> int:
    """Take back the mails whose sender is gone: what was begun may have left.

    `hold` leaves it to an admin whether that is sent once more.
    """
    lost = connection.execute(_LOST, {"now": now}).scalars().all()
    rows = connection.execute(_RECOVER, {"now": now, "changed": now, "hold": hold}).all()
    _alert_of_held(connection, {row.campaign for row in rows if row.held}, now)
    unknown = LetterState.UNKNOWN
    live = _live(connection, lost).values()
    tallies.add(
        connection,
        [each for row in live for each in tallies.count_state(row.campaign, row.at, unknown)],
    )
    return len(rows)


def resolve_held(connection: Connection, campaign: str, *, again: bool, now: datetime) -> None:
    """Send the letters of unknown fate that are held once more, or never again."""
    values = {"not_before": now, "possible_duplicate": not again, "changed": now}
    connection.execute(_DECIDE, {"of": campaign, **values})
    alerts.end(connection, AlertKind.DOUBTFUL, campaign, now=now)


def _alert_of_held(connection: Connection, campaigns: set[str], now: datetime) -> None:
    for campaign in sorted(campaigns):
        alerts.raise_(connection, AlertKind.DOUBTFUL, campaign, now=now)


def shown_state(row: Row[Any]) -> LetterState:
    """Return how the letter fares, as people are told: what may have left does not merely wait."""
    state = LetterState(row.state)
    if row.possible_duplicate and state in (LetterState.QUEUED, LetterState.DEFERRED):
        return LetterState.UNKNOWN
    return state


@dataclass(frozen=True)
class _Recorded:
    """What became of a mail whose lease was held, and its row as it was."""

    outcome: MailOutcome
    row: Row[*tuple[Any, ...]]

    @property
    def state(self) -> LetterState:
        return after(LetterState.SENDING, self.outcome.happened)

    @property
    def before(self) -> LetterState | None:
        """As what the letter counted while it was being sent."""
        return tallies.counted_state(LetterState.SENDING, doubted=self.row.possible_duplicate)

    @property
    def fate(self) -> LetterState | None:
        """As what it counts now."""
        return tallies.counted_state(self.state, doubted=self.row.possible_duplicate)

    def fared(self, at: datetime) -> list[Tally]:
        """Return the changes that count this; the letter was sent `at` that time."""
        return tallies.count_state(self.row.campaign, at, self.fate, before=self.before)

    @property
    def is_done_with(self) -> bool:
        """Whether nothing of it stays: of a letter, the state and its history do."""
        return self.outcome.kind is MailKind.CODE and self.state in FINAL_STATES

    @property
    def is_refused(self) -> bool:
        """Whether a server refused for good: its address takes no mail, as after a bounce."""
        return self.outcome.happened is DeliveryEvent.REFUSED and self.outcome.smtp_code is not None


def _record(connection: Connection, ours: Sequence[_Recorded], now: datetime) -> None:
    kept = [each for each in ours if not each.is_done_with]
    dropped = [each.row.mail for each in ours if each.is_done_with]
    over = [_values(each, now) for each in kept if each.state in _NEVER_AGAIN]
    others = [_values(each, now) for each in kept if each.state not in _NEVER_AGAIN]
    if dropped:
        connection.execute(_DROP, {"asked": dropped})
    for record, values in ((_RECORD_OVER, over), (_RECORD, others)):
        if values:
            connection.execute(record, values)


def _values(recorded: _Recorded, now: datetime) -> dict[str, Any]:
    outcome = recorded.outcome
    return {
        "of": outcome.mail,
        "state": recorded.state.value,
        "code": outcome.smtp_code,
        # Of a copy or a code it may name the supporter, without an @.
        "smtp_text": outcome.smtp_text if outcome.kind is MailKind.LETTER else "",
        "again": outcome.not_before,
        "held": outcome.held,
        "changed": now,
    }


def _take_no_mail(connection: Connection, refused: Sequence[_Recorded]) -> None:
    """Note that the addresses of these codes and copies take no mail."""
    for each in refused:
        if each.outcome.kind is MailKind.CODE:
            connection.execute(_CODE_REFUSED, {"person": each.row.person_key})
        elif each.outcome.kind is MailKind.COPY:
            connection.execute(_COPY_REFUSED, {"about": each.row.about})


def _refused(connection: Connection, letters: Sequence[_Recorded], now: datetime) -> None:
    """Count refusals, one campaign after the other."""
    refusals = [
        Refusal(each.row.campaign, each.outcome.smtp_code, each.outcome.smtp_text)
        for each in letters
    ]
    pauses.count_refusals(connection, sorted(refusals, key=lambda each: each.campaign), now)


def _live(connection: Connection, letters: Sequence[str]) -> dict[str, Row[Any]]:
    """Return the actions of `letters` that count: tests do not."""
    rows = connection.execute(_LIVE, {"letters": letters}) if letters else ()
    return {row.action: row for row in rows}


def _number(connection: Connection, campaign: str, numbered: list[str]) -> None:
    """Give accepted letters their numbers."""
    last = tallies.add_accepted(connection, campaign, len(numbered))
    connection.execute(
        _NUMBER,
        [
            {"numbered": action, "number": number}
            for number, action in enumerate(numbered, last - len(numbered) + 1)
        ],
    )
