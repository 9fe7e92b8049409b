"""Whom to ask whether saved details and subscriptions may stay, and that they were asked.

One process asks at a time: it holds a lease. A question is recorded after it was sent, so a crash
in between repeats that one question and loses none.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, select, text, tuple_, update

from conversations.core.buttons.persistent import Stored
from conversations.text.languages import DEFAULT
from storage.broadcasts import lease
from storage.chats import chats, consents, preferences
from storage.chats.chat_ids import decrypt_chat_id
from storage.chats.subscribers import decrypt_subscriber, decrypt_subscribers
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import DecryptionError, Vault
from storage.engine.rounding import day_of
from storage.mail.delivery.pauses import all_paused
from storage.retention.conditions import ANSWER_TIME, UNUSED_KEPT
from storage.schema.tables import UNASKED, UNASKED_DETAILS, subscriptions
from storage.schema.tables import chats as chats_table

LEASE_NAME = "asking"
"""Name of the lease in the table. It is stored, so it never changes."""

LEASE = timedelta(minutes=2)
"""How long a process that died keeps others from asking. It is renewed for each question."""

SLICE_SIZE = 200

Place = tuple[datetime, bytes]
"""A place in the order of what is asked about: since when it was not used, and the person's key."""

START: Place = (datetime(1970, 1, 1, tzinfo=UTC), b"")


@dataclass(frozen=True, slots=True)
class People:
    """A slice of the people to ask."""

    chats: tuple[int, ...]
    """Their Telegram chat ids."""

    last: Place | None
    """The place after which the next slice begins; None at the end."""


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask one person."""

    what: Stored
    language: str
    until: date
    """The last day on which an answer counts."""


def find_details(
    connection: Connection, vault: Vault, now: datetime, after: Place = START
) -> People:
    """Return people whose saved details were not used for long, from the place `after` on."""
    of = chats_table.c
    place = (of.changed, of.person_key)
    query = select(*place, of.encrypted_chat).where(_details(now), tuple_(*place) > after)
    rows = connection.execute(query.order_by(*place).limit(SLICE_SIZE)).all()
    found: list[int] = []
    for row in rows:
        with suppress(DecryptionError):  # a damaged row must not stop the others
            found.append(decrypt_chat_id(vault, row.encrypted_chat, row.person_key))
    return People(tuple(found), _last(rows))


def find_subscriptions(
    connection: Connection, vault: Vault, now: datetime, after: Place = START
) -> People:
    """Return people who confirmed a subscription long ago, from the place `after` on."""
    place = (subscriptions.c.confirmed, subscriptions.c.person_key)
    query = select(*place, subscriptions.c.encrypted_details).where(
        _subscriptions(now), tuple_(*place) > after
    )
    rows = connection.execute(query.order_by(*place).limit(SLICE_SIZE)).all()
    found = (each.person.chat_id for each in decrypt_subscribers(vault, rows))
    return People(tuple(dict.fromkeys(found)), _last(rows))


def claim(
    connection: Connection, vault: Vault, person: PersonKeys, *, now: datetime, token: str
) -> Question | None:
    """Return what to ask a person; None if there is nothing to ask, or another process asks.

    `token` is this process's. Nobody is asked while all sending is paused, or in a discreet chat,
    where nothing outlives the chat. Where the bot is blocked, the question counts as asked.
    """
    if all_paused(connection) or not lease.take(connection, token, now, LEASE, LEASE_NAME):
        return None
    chats.lock(connection, person.chat)
    own = chats_table.c.person_key == person.chat
    chat = connection.execute(select(chats_table).where(own)).one_or_none()
    if chat is not None and chat.clear_by is not None:
        return None
    if chat is not None and chat.blocked:
        _mark(connection, person, now)
        return None
    details = connection.execute(select(own).where(own, _details(now))).first() is not None
    of_person = select(subscriptions).where(
        subscriptions.c.person_key == person.subscriptions, _subscriptions(now)
    )
    updates = connection.execute(of_person).first()
    if not details and updates is None:
        return None
    both = Stored.BOTH if details else Stored.UPDATES
    what = Stored.DETAILS if updates is None else both
    language = _language(connection, vault, person, updates)
    return Question(what, language, (now + ANSWER_TIME).date())


def record(connection: Connection, person: PersonKeys, now: datetime) -> None:
    """Record that a person was asked about everything that is due."""
    chats.lock(connection, person.chat)
    _mark(connection, person, now)


def release(connection: Connection, token: str) -> None:
    """Let another process ask."""
    lease.release(connection, token, LEASE_NAME)


def _mark(connection: Connection, person: PersonKeys, now: datetime) -> None:
    for table, key, due in (
        (chats_table, person.chat, _details(now)),
        (subscriptions, person.subscriptions, _subscriptions(now)),
    ):
        own = table.c.person_key == key
        connection.execute(update(table).where(own, due).values(asked=day_of(now)))


def _details(now: datetime) -> ColumnElement[bool]:
    """Return the condition of chats to ask. People who blocked the bot can't be asked."""
    return and_(text(UNASKED_DETAILS), chats_table.c.changed < _unused_since(now))


def _subscriptions(now: datetime) -> ColumnElement[bool]:
    return and_(text(UNASKED), subscriptions.c.confirmed < _unused_since(now))


def _unused_since(now: datetime) -> datetime:
    return day_of(now - UNUSED_KEPT + ANSWER_TIME)


def _language(
    connection: Connection, vault: Vault, person: PersonKeys, subscription: Row[Any] | None
) -> str:
    """Return the language that the person chose, or used when they agreed; else English."""
    with suppress(DecryptionError):
        if chosen := preferences.find(connection, vault, person).language:
            return chosen
        if subscription is not None:
            return decrypt_subscriber(vault, subscription).language
        if agreed := consents.language_of(connection, vault, person.chat, consents.REMEMBER):
            return agreed
    return DEFAULT


def _last(rows: Sequence[Any]) -> Place | None:
    """Return the place of the last row. A person's second subscription may follow: it is asked
    about with the first.
    """
    return (rows[-1][0], rows[-1].person_key) if len(rows) == SLICE_SIZE else None
