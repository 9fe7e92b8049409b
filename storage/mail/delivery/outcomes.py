"""Outcomes of attempts to send mail: recorded and counted, if the worker's lease still holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Row,
    bindparam,
    case,
    delete,
    func,
    literal,
    select,
    update,
)

from conversations.core.facts import CopyState
from conversations.model.letters.delivery import (
    FINAL_STATES,
    DeliveryEvent,
    LetterState,
    after,
)
from conversations.model.letters.server_reply import NO_REPLY, ServerReply
from storage.crypto.vault import Vault
from storage.engine.wake_ups import Worker, wake
from storage.mail.delivery import pauses
from storage.mail.delivery.content import MailKind
from storage.mail.delivery.outbox import NEXT_STATUS
from storage.mail.delivery.pauses import Refusal
from storage.mail.delivery.uncertain import alert_of_held, counted_actions
from storage.mail.letters import submissions
from storage.schema.encryption import ACTION_NUMBER
from storage.schema.server_replies import reply_values
from storage.schema.tables import actions, codes
from storage.schema.tables import outbox as mails
from storage.schema.tally import Tally
from storage.stats import tallies

_ASKED = mails.c.mail.in_(bindparam("asked", expanding=True))
_OURS = (
    select(
        mails.c.mail,
        mails.c.lease,
        mails.c.action,
        mails.c.about,
        mails.c.campaign,
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
        not_before=func.coalesce(
            bindparam("again", type_=mails.c.not_before.type), mails.c.not_before
        ),
        lease=None,
        lease_until=None,
        transmitting=False,
        status=NEXT_STATUS,
        # It would lead from a line of the log to the letter.
        turn_id=case((bindparam("is_final", type_=Boolean), literal("")), else_=mails.c.turn_id),
    )
)
_NEVER_RETRIED = (LetterState.ACCEPTED, LetterState.CANCELLED)
_RECORD_FINAL = _RECORD.values(encrypted_content=None, encrypted_message=None)
_DROP = delete(mails).where(_ASKED)
_CODE_REFUSED = (
    update(codes)
    .where(codes.c.code_id == bindparam("code"), codes.c.code_hash.is_not(None))
    .values(bounced=True, code_hash=None)
)
_COPY_REFUSED = (
    update(actions)
    .where(actions.c.action == bindparam("about"), actions.c.copy_state == CopyState.ASKED.value)
    .values(copy_state=CopyState.RETURNED.value)
)
_NUMBER = update(actions).where(actions.c.action == bindparam("numbered"))


@dataclass(frozen=True)
class MailOutcome:
    """The outcome of an attempt to send a mail."""

    mail: str
    """Id of the mail."""

    kind: MailKind
    lease: str
    """Lease under which the worker claimed the mail."""

    event: DeliveryEvent
    not_before: datetime | None = None
    """When the mail is tried again; None: not later than before, or never."""

    reply: ServerReply = NO_REPLY
    """The mail server's reply without its words, or why there was none."""

    held: bool = False
    """Whether an admin decides if the letter is sent again."""


def record(
    connection: Connection, vault: Vault, outcomes: Sequence[MailOutcome], *, now: datetime
) -> int:
    """Record the outcomes of attempts whose leases still hold; return how many these were.

    Accepted letters get their numbers, and counters and tallies change, in the same transaction.
    Many refusals in a row pause their campaign.
    """
    parameters = {"asked": [outcome.mail for outcome in outcomes]}
    rows = {(row.mail, row.lease): row for row in connection.execute(_OURS, parameters)}
    ours = [
        _Recorded(outcome, rows.pop((outcome.mail, outcome.lease)))
        for outcome in outcomes
        if (outcome.mail, outcome.lease) in rows
    ]
    if ours:
        wake(connection, Worker.REPLIES)
    _record(connection, ours, now)
    _record_unreachable(connection, [each for each in ours if each.is_refused])
    letters = [each for each in ours if each.row.action]
    counted = counted_actions(
        connection, [each.row.action for each in letters if each.counted != each.before]
    )
    live = [each for each in letters if each.row.action in counted]
    accepted: dict[str, list[str]] = {}
    for each in live:
        if each.state is LetterState.ACCEPTED:
            accepted.setdefault(each.row.campaign, []).append(each.row.action)
    for campaign, numbered in sorted(accepted.items()):
        _number(connection, vault, campaign, numbered)
    _refused(connection, [each for each in live if each.is_refused], now)
    alert_of_held(connection, {each.row.campaign for each in letters if each.outcome.held}, now)
    took = [counted[each.row.action] for each in live if each.state is LetterState.ACCEPTED]
    leading = submissions.lead_accepted(connection, took)
    changes = (
        each.tallies(counted[each.row.action].at, leads=each.row.action in leading) for each in live
    )
    tallies.add(connection, [tally for each in changes for tally in each])
    return len(ours)


def shown_state(row: Row[Any]) -> LetterState:
    """Return the state of a letter that people see: one that may have left is uncertain."""
    state = LetterState(row.state)
    if row.possible_duplicate and state in (LetterState.QUEUED, LetterState.DEFERRED):
        return LetterState.UNKNOWN
    return state


@dataclass(frozen=True)
class _Recorded:
    """The outcome of a mail, and its row as it was before."""

    outcome: MailOutcome
    row: Row[*tuple[Any, ...]]

    @property
    def state(self) -> LetterState:
        return after(LetterState.SENDING, self.outcome.event)

    @property
    def before(self) -> LetterState | None:
        """The state under which the letter was counted while it was being sent; None: it waited."""
        return tallies.counted_state(LetterState.SENDING, doubted=self.row.possible_duplicate)

    @property
    def counted(self) -> LetterState | None:
        """The state under which the letter is counted now; None: it waits."""
        return tallies.counted_state(self.state, doubted=self.row.possible_duplicate)

    def tallies(self, at: datetime, *, leads: bool) -> list[Tally]:
        """Return the changes that count the outcome of a letter sent `at` that time.

        `leads`: it is accepted, and counts its person.
        """
        campaign, before = self.row.campaign, self.before
        return tallies.count_state(campaign, at, self.counted, before=before, leads=leads)

    @property
    def is_final(self) -> bool:
        """Whether the mail is not sent again."""
        given_up = self.state is LetterState.UNKNOWN and self.row.possible_duplicate
        return given_up or self.state in FINAL_STATES

    @property
    def is_deletable(self) -> bool:
        """Whether its row is deleted. Rows of letters stay, for their states and history."""
        is_short_lived = self.outcome.kind in (MailKind.CODE, MailKind.OWNER)
        return is_short_lived and self.state in FINAL_STATES

    @property
    def is_refused(self) -> bool:
        """Whether a server refused the mail for good: the address takes no mail."""
        return self.outcome.event is DeliveryEvent.REFUSED and self.outcome.reply.code is not None


def _record(connection: Connection, ours: Sequence[_Recorded], now: datetime) -> None:
    kept = [each for each in ours if not each.is_deletable]
    dropped = [each.row.mail for each in ours if each.is_deletable]
    over = [_values(each, now) for each in kept if each.state in _NEVER_RETRIED]
    others = [_values(each, now) for each in kept if each.state not in _NEVER_RETRIED]
    if dropped:
        connection.execute(_DROP, {"asked": dropped})
    for record, values in ((_RECORD_FINAL, over), (_RECORD, others)):
        if values:
            connection.execute(record, values)


def _values(recorded: _Recorded, now: datetime) -> dict[str, Any]:
    outcome = recorded.outcome
    return {
        "of": outcome.mail,
        "state": recorded.state.value,
        **reply_values(outcome.reply),
        "again": outcome.not_before,
        "is_final": recorded.is_final,
        "held": outcome.held,
        "changed": now,
    }


def _record_unreachable(connection: Connection, refused: Sequence[_Recorded]) -> None:
    """Record that these codes and copies did not reach their addresses."""
    for each in refused:
        wake(connection, Worker.BOUNCES)
        if each.outcome.kind is MailKind.CODE:
            connection.execute(_CODE_REFUSED, {"code": each.row.about})
        elif each.outcome.kind is MailKind.COPY:
            connection.execute(_COPY_REFUSED, {"about": each.row.about})


def _refused(connection: Connection, letters: Sequence[_Recorded], now: datetime) -> None:
    """Count refused letters, campaign by campaign."""
    refusals = [Refusal(each.row.campaign, each.outcome.reply) for each in letters]
    pauses.count_refusals(connection, sorted(refusals, key=lambda each: each.campaign), now)


def _number(connection: Connection, vault: Vault, campaign: str, numbered: list[str]) -> None:
    """Give accepted letters their numbers."""
    last = tallies.add_accepted(connection, campaign, len(numbered))
    connection.execute(
        _NUMBER,
        [
            {"numbered": action, "encrypted_number": _encrypted_number(vault, action, number)}
            for number, action in enumerate(numbered, last - len(numbered) + 1)
        ],
    )


def _encrypted_number(vault: Vault, action: str, number: int) -> bytes:
    return vault.encrypt(str(number).encode(), ACTION_NUMBER, row=action.encode())
