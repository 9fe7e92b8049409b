"""Loads which records about a person are stored, for /mydata."""

from dataclasses import replace

from sqlalchemy import Column, ColumnElement, Connection, exists, select

from conversations.journey.held_records import Decision, HeldRecords
from storage import load_facts
from storage.chats import chats
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.mail import actions
from storage.mail.address_keys import address_key
from storage.schema.tables import (
    alert_messages,
    alerts,
    blocked_senders,
    consents,
    disowned_addresses,
    invitations,
)


def load(connection: Connection, vault: Vault, person: PersonKeys) -> HeldRecords:
    """Return which records about a person are stored, besides those in `Facts`."""
    blocked = select(blocked_senders.c.at).where(blocked_senders.c.person_key == person.limits)
    blocked_at = connection.execute(blocked).scalar_one_or_none()
    return replace(
        load_facts.load_records(connection, person),
        decisions=_decisions(connection, person),
        blocked_on=blocked_at.date() if blocked_at else None,
        disowned=_has_disowned(connection, vault, person),
        alerts=_is_in(connection, alert_messages.c.person_key, person.staff)
        or _is_in(connection, alerts.c.holder_key, person.staff),
        invited=_is_in(connection, invitations.c.by_key, person.staff),
    )


def _decisions(connection: Connection, person: PersonKeys) -> tuple[Decision, ...]:
    """Return the yes and no answers of the person, the oldest first."""
    place = (consents.c.kind, consents.c.scope, consents.c.given, consents.c.at)
    own = consents.c.person_key.in_({person.chat, person.subscriptions})
    rows = connection.execute(select(*place).where(own).order_by(consents.c.at, consents.c.kind))
    return tuple(Decision(kind, scope, given, at.date()) for kind, scope, given, at in rows)


def _has_disowned(connection: Connection, vault: Vault, person: PersonKeys) -> bool:
    """Return whether an address that is stored for the person was disowned by its owner."""
    chat = chats.find(connection, person)
    details = chats.details(vault, chat) if chat else None
    given = [each.details.address for each in actions.find_all(connection, vault, person.chat)]
    addresses = {*given, *([details.address] if details else [])}
    keys = [address_key(vault, address) for address in addresses]
    return _holds(connection, disowned_addresses.c.address_key.in_(keys))


def _is_in(connection: Connection, column: Column[bytes], key: bytes) -> bool:
    return _holds(connection, column == key)


def _holds(connection: Connection, condition: ColumnElement[bool]) -> bool:
    return bool(connection.execute(select(exists().where(condition))).scalar_one())
