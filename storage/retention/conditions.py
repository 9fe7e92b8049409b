"""The periods of retention, and the SQL conditions of the rows that are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, delete, exists, func, or_, select, text, update

from conversations.model.broadcast import BroadcastStatus
from conversations.model.letters.delivery import LetterState
from storage.admin import audit_chain
from storage.chats.chats import JOURNEY_LIFETIME
from storage.chats.consents import recheck
from storage.chats.ledger_numbers import ledger_number, numbers_in_use
from storage.engine.rounding import day_of, hour_of
from storage.erasure import settling
from storage.retention.rule import Condition, Moment
from storage.schema import tables as t

LANGUAGE_KEPT = timedelta(days=30)
"""How long a chat is kept that holds nothing but a language."""

UNUSED_KEPT = timedelta(days=365)
"""How long saved details and subscriptions are kept after their last use."""

ANSWER_TIME = timedelta(days=30)
"""How long before that end a person is asked whether they may stay, and has time to answer."""

SENT_TEXT_KEPT = timedelta(days=28)
"""How long the text of a finished letter is kept. WriteToThem keeps sent text as long."""

EVIDENCE_KEPT = timedelta(days=365)
"""How long a choice is kept as evidence after what it allowed has ended (GDPR, article 7.1)."""

BLOCK_KEPT = timedelta(days=730)
AUDIT_KEPT = timedelta(days=730)
CODES_KEPT = timedelta(days=2)
UPDATES_KEPT = timedelta(hours=48)
DRAFT_KEPT = timedelta(days=7)
CAMPAIGN_DRAFT_KEPT = timedelta(days=90)
BROADCAST_KEPT = timedelta(days=365)

_FINISHED = ("accepted", "failed", "bounced", "cancelled")
_UNSENT = (BroadcastStatus.DRAFT.value, BroadcastStatus.MISSED.value)


def older(column: Column[Any], period: timedelta) -> Condition:
    """Return the condition of rows whose `column` is further back than a period."""
    return lambda at: column < at.now - period


def older_day(column: Column[Any], period: timedelta) -> Condition:
    """Return the condition of rows whose day, in `column`, is further back than a period."""
    return lambda at: column < _day(at, period)


def journeys(at: Moment) -> ColumnElement[bool]:
    """Return the condition of abandoned journeys. Discreet chats are cleared instead.

    `changed` is the beginning of an hour, so none lasts longer than JOURNEY_LIFETIME.
    """
    chats, holds = t.chats.c, text(t.HAS_JOURNEY)
    return and_(holds, chats.changed <= _hour(at, JOURNEY_LIFETIME), chats.clear_by.is_(None))


def details(at: Moment) -> ColumnElement[bool]:
    """Return the condition of saved details that were not used, and whose owner did not answer."""
    chats = t.chats.c
    unanswered = chats.asked < _day(at, ANSWER_TIME)
    unused = chats.changed < _day(at, UNUSED_KEPT)
    return and_(chats.encrypted_details.is_not(None), unused, or_(unanswered, chats.blocked))


def chats(at: Moment) -> ColumnElement[bool]:
    """Return the condition of chats that hold nothing but a language.

    A block is remembered as long as a language: the next message would find it again.
    """
    chats = t.chats.c
    old = chats.changed < _day(at, LANGUAGE_KEPT)
    return and_(text(t.WITHOUT_DETAILS), old, chats.clear_by.is_(None))


def empty_chats(at: Moment) -> ColumnElement[bool]:
    """Return the condition of chats that hold nothing else."""
    chats = t.chats.c
    old = chats.changed <= _hour(at, JOURNEY_LIFETIME)
    return and_(text(t.EMPTY), old, chats.clear_by.is_(None))


def subscriptions(at: Moment) -> ColumnElement[bool]:
    """Return the condition of subscriptions that nobody confirmed when asked."""
    of = t.subscriptions.c
    return and_(of.confirmed < _day(at, UNUSED_KEPT), of.asked < _day(at, ANSWER_TIME))


def consents_to_send(at: Moment) -> ColumnElement[bool]:
    """Return the condition of consents given with letters that are gone, or were never sent."""
    consents, actions = t.consents.c, t.actions.c
    acted = exists().where(
        actions.person_key == consents.person_key, actions.campaign == consents.scope
    )
    return and_(old_consents_to_send(at), ~acted)


def old_consents_to_send(at: Moment) -> ColumnElement[bool]:
    """Return the condition of old ones, of which `check_consents` leaves those that are due."""
    return and_(text(t.UNCHECKED_OF_LETTERS), t.consents.c.at < _day(at, SENT_TEXT_KEPT))


def other_consents(at: Moment) -> ColumnElement[bool]:
    """Return the condition of choices whose subscription, or saved details, are gone."""
    consents = t.consents.c
    subscribed = exists().where(t.subscriptions.c.person_key == consents.person_key)
    remembered = exists().where(
        t.chats.c.person_key == consents.person_key, t.chats.c.encrypted_details.is_not(None)
    )
    # A consent to a question about an answer ends with the question, long before the evidence.
    goes_on = or_(
        and_(consents.kind == "updates", subscribed), and_(consents.kind == "remember", remembered)
    )
    return and_(other_old_consents(at), ~goes_on)


def other_old_consents(at: Moment) -> ColumnElement[bool]:
    """Return the condition of old ones, of which `check_consents` leaves those that are due."""
    return and_(text(t.OTHER_UNCHECKED), t.consents.c.at < _day(at, EVIDENCE_KEPT))


@dataclass(frozen=True)
class ConsentRule:
    """Which consents may be due, and which are."""

    old: Condition
    """Those of an age at which they are due, unless what they allow goes on."""

    due: Condition


CONSENT_RULES = (
    ConsentRule(old_consents_to_send, consents_to_send),
    ConsentRule(other_old_consents, other_consents),
)
"""Consents given with letters, and others."""


def scheduled_messages(at: Moment) -> ColumnElement[bool]:
    """Return the condition of messages that were not sent in time, or not answered."""
    return t.scheduled_messages.c.due < at.now - SENT_TEXT_KEPT


def notices(at: Moment) -> ColumnElement[bool]:
    """Return the condition of privacy notices of campaigns without any consent."""
    agreed = exists().where(t.consents.c.kind == "send", t.consents.c.scope == t.notices.c.campaign)
    return and_(t.notices.c.since < _day(at, SENT_TEXT_KEPT), ~agreed)


def texts(at: Moment) -> ColumnElement[bool]:
    """Return the condition of letters that are finished, and whose text is still stored."""
    mails = t.outbox.c
    given_up = and_(mails.state == LetterState.UNKNOWN.value, mails.possible_duplicate)
    finished = or_(mails.state.in_(_FINISHED), given_up)
    return and_(text(t.FINISHED_TEXT), finished, mails.changed < at.now - SENT_TEXT_KEPT)


def settled(at: Moment) -> ColumnElement[bool]:
    """Return the condition of letters that were settled long ago."""
    return and_(t.outbox.c.settled, t.outbox.c.changed < _day(at, settling.KEPT_FOR))


def code_mails(at: Moment) -> ColumnElement[bool]:
    """Return the condition of mails with expired codes, and of other mails to owners."""
    return and_(text(t.SHORT_LIVED), t.outbox.c.expires < at.now)


def other_mails(at: Moment) -> ColumnElement[bool]:
    """Return the condition of copies and forwarded answers."""
    return and_(t.outbox.c.about.is_not(None), t.outbox.c.queued < at.now - SENT_TEXT_KEPT)


def texts_for_copies(at: Moment) -> ColumnElement[bool]:
    """Return the condition of actions with a text for copies."""
    actions = t.actions.c
    return and_(actions.at < at.now - SENT_TEXT_KEPT, actions.encrypted_letter.is_not(None))


def unsent_broadcasts(at: Moment) -> ColumnElement[bool]:
    """Return the condition of abandoned and discarded drafts."""
    of = t.broadcasts.c
    abandoned = and_(of.state.in_(_UNSENT), of.changed < at.now - DRAFT_KEPT)
    return or_(abandoned, of.state == BroadcastStatus.DISCARDED.value)


def recipients(at: Moment) -> ColumnElement[bool]:
    """Return the condition of recipients of broadcasts that ended long ago."""
    ids = select(t.broadcasts.c.broadcast)
    lasting = ids.where(
        or_(t.broadcasts.c.ended.is_(None), t.broadcasts.c.ended >= at.now - SENT_TEXT_KEPT)
    )
    lasts = {ledger_number(id_) for id_ in at.connection.execute(lasting).scalars()}
    ended = [number for number in numbers_in_use(at.connection) if number not in lasts]
    return t.broadcast_recipients.c.broadcast.in_(ended)


def erasures(at: Moment) -> ColumnElement[bool]:
    """Return the condition of erasures that no backup needs which the keys can still open.

    The last entry stays, so that numbers go on.
    """
    log = t.erasures.c
    last = select(func.max(log.number)).scalar_subquery()
    return and_(log.day < at.vault.first_day.isoformat(), log.number < last)


def orphaned_alert_messages(at: Moment) -> ColumnElement[bool]:
    """Return the condition of messages about alerts that are gone."""
    return ~exists().where(t.alerts.c.alert == t.alert_messages.c.alert)


def _hour(at: Moment, period: timedelta) -> datetime:
    return hour_of(at.now - period)


def _day(at: Moment, period: timedelta) -> datetime:
    return day_of(at.now - period)


def end_subscriptions(at: Moment, which: ColumnElement[bool]) -> int:
    """End these subscriptions; return how many there were."""
    key = t.subscriptions.c.person_key
    ended = delete(t.subscriptions).where(which).returning(key)
    return _rechecked(at, at.connection.execute(ended).scalars().all())


def forget_details(at: Moment, which: ColumnElement[bool]) -> int:
    """Delete the details saved in these chats; return how many chats there were."""
    forgotten = update(t.chats).where(which).values(encrypted_details=None)
    keys = at.connection.execute(forgotten.returning(t.chats.c.person_key)).scalars().all()
    return _rechecked(at, keys)


def _rechecked(at: Moment, keys: Sequence[bytes]) -> int:
    recheck(at.connection, keys)
    return len(keys)


def erase_log(at: Moment, _: ColumnElement[bool]) -> int:
    """Erase old entries of the audit log; the log says where it begins now."""
    return audit_chain.purge(at.connection, at.vault, at.now - AUDIT_KEPT)
