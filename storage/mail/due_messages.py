"""Scheduled messages that are due: which ones, and claiming one before it is sent."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select, text, update

from conversations.model.letters.delivery import LetterState
from conversations.model.scheduled import AnswerKind, ScheduledKind, ScheduledMessage
from storage import erasure_log
from storage.admin import campaign_modes
from storage.chats import chats, scheduled_messages
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import DecryptionError, Vault
from storage.engine.rounding import day_of, quarter_after
from storage.mail.delivery.pauses import all_paused
from storage.schema.tables import UNASKED
from storage.schema.tables import chats as chats_table
from storage.schema.tables import outbox as mails
from storage.schema.tables import scheduled_messages as table
from storage.stats import answers, tallies

MAX_FOUND = 200
"""Number of messages that are found at once."""

_WAITING = (LetterState.QUEUED, LetterState.DEFERRED, LetterState.SENDING)
_NOT_ARRIVED = (LetterState.FAILED, LetterState.BOUNCED, LetterState.CANCELLED)

MAX_REMINDER_DELAY = timedelta(hours=3)
"""A reminder that could not be sent for so long is no longer sent: its answers may be gone."""

_CLOSED_DELAY = timedelta(minutes=10)
"""After at least so long, a message about a campaign that is not open is tried again."""


def find_due(connection: Connection, now: datetime) -> Sequence[str]:
    """Return the ids of messages that are due, first those that wait longest."""
    waiting = select(table.c.message).where(text(UNASKED), table.c.due <= now)
    ordered = waiting.order_by(table.c.due, table.c.message).limit(MAX_FOUND)
    return connection.execute(ordered).scalars().all()


def claim(
    connection: Connection,
    vault: Vault,
    id_: str,
    now: datetime,
    unserved: Collection[str] = (),
) -> ScheduledMessage | None:
    """Return a message that must be sent now; None if there is nothing to send.

    The caller sends it after the commit: nobody else gets it, and after a crash nobody sends it.
    Nothing is sent while all sending is paused, to a person who blocked the bot, or in a discreet
    chat. What is about one of the `unserved` campaigns waits until the campaign is served again;
    so do reminders of a campaign that an admin closed, until it is open again.
    """
    if all_paused(connection):
        return None
    due = (table.c.message == id_, table.c.due <= now, table.c.asked.is_(None))
    row = connection.execute(select(table).where(*due)).one_or_none()
    found = None if row is None else _read(vault, row)
    if found is not None:  # answers in the chat lock it first, too
        chats.lock(connection, PersonKeys(vault, found.chat).chat)
    row = connection.execute(select(table).where(*due).with_for_update()).one_or_none()
    if row is None:
        return None
    if found is None or not _can_be_sent(connection, vault, found, now):
        _delete(connection, id_)
        return None
    if found.campaign in unserved or _is_closed(connection, vault, found):
        _delay(connection, vault, found, quarter_after(now + _CLOSED_DELAY))
        return None
    if found.kind is ScheduledKind.REMINDER:
        _delete(connection, id_)
        return found
    if not _is_asked(connection, vault, row, found, now):
        return None
    erasure_log.add(connection, vault, [erasure_log.asked(id_, now)], now)
    return found


def _is_closed(connection: Connection, vault: Vault, message: ScheduledMessage) -> bool:
    """Whether a message reminds of a campaign that an admin closed."""
    if message.kind is not ScheduledKind.REMINDER:
        return False
    return campaign_modes.load(connection, vault).of(message.campaign).closed


def _is_asked(
    connection: Connection, vault: Vault, row: Row[Any], message: ScheduledMessage, now: datetime
) -> bool:
    """Whether a question about an answer is asked now; record what becomes of it.

    A letter that waits is asked about a day later, and one that didn't arrive not at all. What the
    bot knows is counted without a question.
    """
    state = _state_of(connection, scheduled_messages.read(vault, row)["mail"])
    mine = update(table).where(table.c.message == message.id)
    if state in _WAITING:
        connection.execute(mine.values(due=row.due + timedelta(days=1)))
        return False
    if state is None or state in _NOT_ARRIVED:
        _delete(connection, message.id)
        return False
    if row.heard is not None:
        _delete(connection, message.id)
        heard = AnswerKind(row.heard)
        counted = answers.record(connection, message.campaign, message.target, heard, now)
        tallies.add(connection, counted)
        return False
    connection.execute(mine.values(asked=day_of(now)))
    return True


def _state_of(connection: Connection, mail: str) -> LetterState | None:
    """Return the state of a letter; None if it was withdrawn or erased."""
    query = select(mails.c.state).where(mails.c.mail == mail)
    state = connection.execute(query).scalar_one_or_none()
    return None if state is None else LetterState(state)


def _delete(connection: Connection, id_: str) -> None:
    connection.execute(delete(table).where(table.c.message == id_))


def put_back(
    connection: Connection, vault: Vault, message: ScheduledMessage, *, due: datetime
) -> None:
    """Schedule a message again that was claimed and certainly not sent."""
    if message.kind is ScheduledKind.ANSWER:
        mine = update(table).where(table.c.message == message.id)
        connection.execute(mine.values(asked=None, due=due))
        return
    person = PersonKeys(vault, message.chat)
    content = {"campaign": message.campaign, "language": message.language, "until": message.until}
    scheduled_messages.add(connection, vault, person, message.kind, content, due=due)


def _delay(connection: Connection, vault: Vault, message: ScheduledMessage, due: datetime) -> None:
    """Let a message wait that was not claimed. A reminder is still sent before its end only."""
    if message.kind is ScheduledKind.REMINDER:
        _delete(connection, message.id)
    put_back(connection, vault, message, due=due)


def _read(vault: Vault, row: Row[Any]) -> ScheduledMessage | None:
    """Return the message of a row; None if its content is damaged, which must not stop others."""
    try:
        content = scheduled_messages.read(vault, row)
    except DecryptionError:
        return None
    kind, sent_on = ScheduledKind(row.kind), content.get("sent_on")
    return ScheduledMessage(
        id=row.message,
        kind=kind,
        chat=content["chat"],
        language=content["language"],
        campaign=content["campaign"],
        target=content.get("target", ""),
        names_target=content.get("names_target", False),
        sent_on=date.fromisoformat(sent_on) if sent_on else None,
        until=_end_of(row, content) if kind is ScheduledKind.REMINDER else None,
    )


def _end_of(row: Row[Any], content: Mapping[str, Any]) -> datetime:
    """Return the time after which a reminder is no longer sent, also if it was delayed."""
    if until := content.get("until"):
        return datetime.fromisoformat(until)
    due: datetime = row.due
    return due + MAX_REMINDER_DELAY


def _can_be_sent(
    connection: Connection, vault: Vault, message: ScheduledMessage, now: datetime
) -> bool:
    """Whether the person can be written to, and it isn't too late."""
    if message.until is not None and now > message.until:
        return False
    key = PersonKeys(vault, message.chat).chat
    query = select(chats_table.c.blocked, chats_table.c.clear_by)
    chat = connection.execute(query.where(chats_table.c.person_key == key)).one_or_none()
    return chat is None or (not chat.blocked and chat.clear_by is None)
