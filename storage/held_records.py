"""Loads which records about a person are stored, for /mydata."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Column, ColumnElement, Connection, exists, select

from conversations.journey.personal_data.held_records import Decision, HeldRecords
from conversations.model.scheduled import ScheduledKind
from storage import load_facts
from storage.admin import roles
from storage.chats import chats, scheduled_messages
from storage.chats import consents as consents_
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.mail import answers
from storage.mail.address_keys import AddressKeys
from storage.mail.letters import actions
from storage.schema.tables import (
    alert_messages,
    alerts,
    blocked_senders,
    consents,
    disown_requests,
    disowned_addresses,
)


def load(connection: Connection, vault: Vault, person: PersonKeys) -> HeldRecords:
    """Return which records about a person are stored, besides those in `Facts`."""
    keys = campaign_keys.keys_of_person(connection, vault, person)
    blocked = select(blocked_senders.c.at).where(blocked_senders.c.person_key == person.blocked)
    addresses = _addresses(connection, vault, person, keys)
    blocked_at = connection.execute(blocked).scalar_one_or_none()
    return replace(
        load_facts.load_records(connection, vault, person),
        decisions=_decisions(connection, vault, [*keys, person.subscriptions, person.chat]),
        blocked_on=blocked_at.date() if blocked_at else None,
        disowned=_holds(connection, disowned_addresses.c.address_key.in_(addresses)),
        asked=_holds(connection, disown_requests.c.address_key.in_(addresses)),
        alerts=_is_in(connection, alert_messages.c.person_key, person.staff)
        or _is_in(connection, alerts.c.holder_key, person.staff),
        answer_questions=answers.campaigns_asked_about(connection, vault, person),
        reminder=scheduled_messages.has(connection, person.scheduled, ScheduledKind.REMINDER),
        invited=roles.has_invited(connection, vault, person.chat_id),
    )


def _decisions(connection: Connection, vault: Vault, keys: Sequence[bytes]) -> tuple[Decision, ...]:
    """Return the yes and no answers under these keys of the person, the oldest first."""
    rows = connection.execute(select(consents).where(consents.c.person_key.in_(keys))).all()
    dated = sorted(
        (consents_.decided_at(vault, row), row.kind, row.scope, row.given, row) for row in rows
    )
    return tuple(
        Decision(kind, scope, given, at.date(), row.consent_id, consents_.question_of(vault, row))
        for at, kind, scope, given, row in dated
    )


def _addresses(
    connection: Connection, vault: Vault, person: PersonKeys, keys: Sequence[bytes]
) -> list[bytes]:
    """Return the keys, as disowned addresses have them, of addresses stored for the person."""
    chat = chats.find(connection, vault, person)
    details = chats.details(vault, chat) if chat else None
    acted = (each.details for each in actions.find_all(connection, vault, keys))
    addresses = {each.address for each in (*acted, details) if each}
    return [AddressKeys.of(vault, address).disowned for address in addresses]


def _is_in(connection: Connection, column: Column[bytes], key: bytes) -> bool:
    return _holds(connection, column == key)


def _holds(connection: Connection, condition: ColumnElement[bool]) -> bool:
    return bool(connection.execute(select(exists().where(condition))).scalar_one())
