"""Outages of our mail server: while it accepts no mail, mail waits and does not expire.

A letter is given up after five days of temporary refusals, and only after an attempt. Mail that was
never refused, or is due during an outage of our own server, is not given up.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, select, text, update

from conversations.core.alerts import AlertKind
from conversations.model.letters.delivery import DeliveryEvent
from conversations.model.letters.server_reply import ReplyMeaning, ServerReply
from storage.admin import alerts, sightings
from storage.crypto.vault import Vault
from storage.engine.columns import UtcDateTime
from storage.engine.wake_ups import Worker, wake
from storage.mail.delivery import letter_changes, outcomes
from storage.mail.delivery.content import MailKind
from storage.mail.delivery.letter_changes import SLICE_SIZE, ChangeKind, LetterChange
from storage.mail.delivery.outbox import (
    NEXT_STATUS,
    RETRY_PERIOD,
)
from storage.mail.delivery.outcomes import MailOutcome
from storage.mail.delivery.sending import ClaimedMail
from storage.schema.tables import OVERDUE
from storage.schema.tables import alerts as alerts_table
from storage.schema.tables import outbox as mails

IS_OPEN = exists().where(
    alerts_table.c.kind == AlertKind.SERVER.value,
    alerts_table.c.about == "",
    alerts_table.c.ended.is_(None),
)
"""SQL condition: there is an outage now."""

# Chats whose letter did not leave when they said. Once for each, since `changed` is later then.
_OVERDUE = (
    select(mails.c.mail)
    .where(text(OVERDUE), mails.c.not_before <= bindparam("now", type_=UtcDateTime))
    .order_by(mails.c.not_before)
    .limit(SLICE_SIZE)
)
_SHOW = (
    update(mails)
    .where(mails.c.mail.in_(bindparam("of", expanding=True)), text(OVERDUE))
    .values(status=NEXT_STATUS)
)
_UNWANTED = select(mails.c.mail).where(
    mails.c.mail.in_(bindparam("late", expanding=True)), mails.c.unwanted
)
_TRY = update(alerts_table).where(
    alerts_table.c.kind == AlertKind.SERVER.value, alerts_table.c.ended.is_(None)
)
_TRIED = select(alerts_table.c.retry_requested).where(
    alerts_table.c.kind == AlertKind.SERVER.value, alerts_table.c.ended.is_(None)
)
_EXTEND = update(mails).where(mails.c.mail.in_(bindparam("extended", expanding=True)))


def is_open(connection: Connection) -> bool:
    """Return whether there is an outage now. Any process may have reported it."""
    return bool(connection.execute(select(IS_OPEN)).scalar_one())


def report(
    connection: Connection,
    reply: ServerReply,
    *,
    host: str,
    now: datetime,
    until: datetime,
) -> None:
    """Record that our mail server accepts no mail from `host`, until `until`: `host` may be gone.

    `reply` is the server's. Chats of overdue letters are updated.
    """
    sightings.report(connection, AlertKind.SERVER, "", host, until)
    alerts.raise_(connection, AlertKind.SERVER, "", now=now, reply=reply)
    show_overdue(connection, now)


def show_overdue(connection: Connection, now: datetime) -> bool:
    """Update the next chats of letters that did not leave in time; return whether there were any.

    Does nothing unless there is an outage.
    """
    if not is_open(connection):
        return False
    letters = connection.execute(_OVERDUE, {"now": now}).scalars().all()
    if letters:
        connection.execute(_SHOW, {"of": letters, "changed": now})
        wake(connection, Worker.REPLIES)
    return bool(letters)


def end(connection: Connection, *, host: str, now: datetime) -> bool:
    """Record that our mail server accepts mail from `host`; False if it refuses another host's.

    When the outage is over, mail that waits gets back the time that it lost.
    """
    if not sightings.clear(connection, AlertKind.SERVER, "", host, now=now):
        return False
    since = alerts.end(connection, AlertKind.SERVER, "", now=now)
    if since is None:
        return True
    letter_changes.begin(connection, LetterChange(ChangeKind.OUTAGE_OVER, now, since=since))
    return True


def retry_now(connection: Connection, *, now: datetime) -> None:
    """Make every worker try the mail server at once, with mail that it refused."""
    if connection.execute(_TRY, {"retry_requested": now}).rowcount:
        letter_changes.begin(connection, LetterChange(ChangeKind.RETRY, now))
        wake(connection, Worker.MAIL)


def retry_requested(connection: Connection) -> datetime | None:
    """Return when an admin last requested that in this outage; None if none did."""
    return connection.execute(_TRIED).scalar()


def end_late(
    connection: Connection, vault: Vault, claimed: Sequence[ClaimedMail], *, now: datetime
) -> tuple[ClaimedMail, ...]:
    """Return the claimed mail that may leave. Expired mail is ended, or gets more time.

    Runs in the transaction of the claim.
    """
    late = [each for each in claimed if each.expires <= now]
    if not late:
        return tuple(claimed)
    parameters = {"late": [each.mail for each in late]}
    unwanted = frozenset(connection.execute(_UNWANTED, parameters).scalars())
    ours = is_open(connection)
    extended = [
        each.mail
        for each in late
        if each.kind is not MailKind.CODE
        and each.mail not in unwanted
        and (ours or not each.deferred)
    ]
    expires = now + RETRY_PERIOD
    if extended:
        connection.execute(_EXTEND, {"extended": extended, "expires": expires})
    ended = [
        _ended(each, withdrawn=each.mail in unwanted) for each in late if each.mail not in extended
    ]
    outcomes.record(connection, vault, ended, now=now)
    return tuple(
        replace(each, expires=expires) if each.mail in extended else each
        for each in claimed
        if each not in late or each.mail in extended
    )


def _ended(each: ClaimedMail, *, withdrawn: bool) -> MailOutcome:
    """Return the outcome of an expired mail: never a failure if it may have left."""
    if each.possible_duplicate:
        happened = DeliveryEvent.BROKEN_OFF
    else:
        happened = DeliveryEvent.WITHDRAWN if withdrawn else DeliveryEvent.REFUSED
    reply = ServerReply(meaning=ReplyMeaning.EXPIRED)
    return MailOutcome(each.mail, each.kind, each.lease, happened, reply=reply)
