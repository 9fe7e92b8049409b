"""Faults of ours: while our mail server takes nothing, mail waits, and its time stands still.

A letter is given up after five days in which the other end put it off, and only when it has had its
turn. What was never put off, or falls due while ours is the fault, is not given up.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, func, select, text, update

from conversations.core.facts import AlertKind
from conversations.model.delivery import (
    GAVE_UP_TEXT,
    WITHDRAWABLE_STATES,
    DeliveryEvent,
    LetterState,
)
from storage.admin import alerts, sightings
from storage.engine.columns import UtcDateTime
from storage.mail import outcomes
from storage.mail.content import MailKind
from storage.mail.outbox import NEXT_STATUS, OF_ACTION, RETRY_PERIOD, UNWANTED
from storage.mail.outcomes import MailOutcome
from storage.mail.sending import ClaimedMail
from storage.schema.tables import DUE
from storage.schema.tables import alerts as alerts_table
from storage.schema.tables import outbox as mails

IS_OPEN = exists().where(
    alerts_table.c.kind == AlertKind.SERVER.value,
    alerts_table.c.about == "",
    alerts_table.c.ended.is_(None),
)
"""Whether our mail server takes nothing now."""

_WAITS = (text(DUE), mails.c.state.in_(WITHDRAWABLE_STATES))
# What a chat says of when its letter leaves was not kept. Once, since `changed` is then later.
_OVERDUE = (
    update(mails)
    .where(
        *_WAITS,
        mails.c.not_before <= bindparam("now", type_=UtcDateTime),
        mails.c.changed < mails.c.not_before,
    )
    .values(status=NEXT_STATUS)
)
_OVER = (
    update(mails)
    .where(*_WAITS, mails.c.changed >= bindparam("since", type_=UtcDateTime))
    .values(status=NEXT_STATUS)
)
# On the wire, too: what is claimed now may be put off in a moment.
_LOST_TIME = update(mails).where(
    mails.c.state.in_((*WITHDRAWABLE_STATES, "sending", "unknown")),
    OF_ACTION.not_in(UNWANTED),
    mails.c.expires < bindparam("before", type_=UtcDateTime),
    mails.c.expires > bindparam("since", type_=UtcDateTime),
)
_DISOWNED = select(mails.c.mail).where(
    mails.c.mail.in_(bindparam("late", expanding=True)), OF_ACTION.in_(UNWANTED)
)
_TRY = update(alerts_table).where(
    alerts_table.c.kind == AlertKind.SERVER.value, alerts_table.c.ended.is_(None)
)
_TRIED = select(alerts_table.c.retry_requested).where(
    alerts_table.c.kind == AlertKind.SERVER.value, alerts_table.c.ended.is_(None)
)
# What was never tried waits for a time of its own.
_DUE_NOW = update(mails).where(
    mails.c.state == LetterState.QUEUED.value, func.coalesce(mails.c.smtp_text, "") != ""
)
_SPARE = update(mails).where(mails.c.mail.in_(bindparam("spared", expanding=True)))


def is_open(connection: Connection) -> bool:
    """Whether our mail server takes nothing now, whichever process has found that out."""
    return bool(connection.execute(select(IS_OPEN)).scalar_one())


def report(
    connection: Connection,
    code: int | None,
    words: str,
    *,
    host: str,
    now: datetime,
    until: datetime,
) -> None:
    """Note that our mail server takes nothing from `host`, and let chats say so whose letters are
    overdue. It counts `until` then: `host` may be gone.
    """
    sightings.report(connection, AlertKind.SERVER, "", host, until)
    alerts.raise_(connection, AlertKind.SERVER, "", now=now, smtp_code=code, smtp_text=words)
    connection.execute(_OVERDUE, {"now": now, "changed": now})


def end(connection: Connection, *, host: str, now: datetime) -> bool:
    """Note that our mail server takes mail from `host`; False where it takes none from another.

    When it takes all, what waits gets back the time that this has cost.
    """
    if not sightings.clear(connection, AlertKind.SERVER, "", host, now=now):
        return False
    since = alerts.end(connection, AlertKind.SERVER, "", now=now)
    if since is None:
        return True
    until = now + min(now - since, RETRY_PERIOD)
    connection.execute(_LOST_TIME, {"since": since, "before": until, "expires": until})
    connection.execute(_OVER, {"since": since, "changed": now})
    return True


def retry_now(connection: Connection, *, now: datetime) -> None:
    """Let every worker try the mail server at once, with what it turned back."""
    if connection.execute(_TRY, {"retry_requested": now}).rowcount:
        connection.execute(_DUE_NOW, {"not_before": now})


def retry_requested(connection: Connection) -> datetime | None:
    """Return when somebody wanted that last; None where nobody did, or nothing is wrong."""
    return connection.execute(_TRIED).scalar()


def end_late(
    connection: Connection, claimed: Sequence[ClaimedMail], *, now: datetime
) -> tuple[ClaimedMail, ...]:
    """Return what may leave of `claimed`, in the transaction of the claim; end what is too late."""
    late = [each for each in claimed if each.expires <= now]
    if not late:
        return tuple(claimed)
    asked = {"late": [each.mail for each in late]}
    unwanted = frozenset(connection.execute(_DISOWNED, asked).scalars())
    ours = is_open(connection)
    spared = [
        each.mail
        for each in late
        if each.kind is not MailKind.CODE
        and each.mail not in unwanted
        and (ours or not each.deferred)
    ]
    expires = now + RETRY_PERIOD
    if spared:
        connection.execute(_SPARE, {"spared": spared, "expires": expires})
    ended = [
        _ended(each, withdrawn=each.mail in unwanted) for each in late if each.mail not in spared
    ]
    outcomes.record(connection, ended, now=now)
    return tuple(
        replace(each, expires=expires) if each.mail in spared else each
        for each in claimed
        if each not in late or each.mail in spared
    )


def _ended(each: ClaimedMail, *, withdrawn: bool) -> MailOutcome:
    """Return what a mail is called whose time is over: never failed, where it may have left."""
    if each.possible_duplicate:
        happened = DeliveryEvent.BROKEN_OFF
    else:
        happened = DeliveryEvent.WITHDRAWN if withdrawn else DeliveryEvent.REFUSED
    return MailOutcome(each.mail, each.kind, each.lease, happened, smtp_text=GAVE_UP_TEXT)
