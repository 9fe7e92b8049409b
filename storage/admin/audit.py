"""The audit log: what people with a role did. Entries are never changed or deleted.

Triggers in the database enforce that (see the migrations). Only the names may be updated, because
key rotation encrypts them again.
"""

import secrets
from datetime import datetime

import orjson
from sqlalchemy import Connection, func, select

from conversations.admin.audit_log import (
    ENTRIES_PER_PAGE,
    AuditEntry,
    AuditPage,
)
from conversations.core.effects.base import AuditedAction
from storage.crypto.vault import Vault
from storage.schema.encryption import AUDIT_NAMES
from storage.schema.tables import audit


def add(
    connection: Connection,
    vault: Vault,
    person: bytes,
    who: str,
    noted: AuditedAction,
    now: datetime,
) -> None:
    """Add an entry. `who` is the name of the person in Telegram."""
    entry = secrets.token_hex(16)
    names = orjson.dumps([who, noted.whom])
    row = {
        "entry": entry,
        "at": now,
        "person_key": person,
        "action": noted.action,
        "about": noted.about,
        "encrypted_names": vault.encrypt(names, AUDIT_NAMES, row=entry.encode()),
    }
    connection.execute(audit.insert(), row)


def last_name(connection: Connection, vault: Vault, person: bytes) -> str:
    """Return the Telegram name of a person when they last did something; "" if they never did."""
    own = select(audit).where(audit.c.person_key == person).order_by(audit.c.at.desc()).limit(1)
    row = connection.execute(own).one_or_none()
    if row is None:
        return ""
    encrypted, entry = row.encrypted_names, row.entry
    who, _ = orjson.loads(vault.decrypt(encrypted, AUDIT_NAMES, row=entry.encode()))
    return str(who).rpartition(" (")[0]


def page(connection: Connection, vault: Vault, number: int) -> AuditPage:
    """Return page `number`, counted from 1, or the last page if there are fewer."""
    count = connection.execute(select(func.count()).select_from(audit)).scalar_one()
    pages = max(1, -(-count // ENTRIES_PER_PAGE))
    number = min(max(number, 1), pages)
    latest = select(audit).order_by(audit.c.at.desc(), audit.c.entry)
    rows = connection.execute(
        latest.offset((number - 1) * ENTRIES_PER_PAGE).limit(ENTRIES_PER_PAGE)
    ).all()
    entries = []
    for row in rows:
        who, whom = orjson.loads(
            vault.decrypt(row.encrypted_names, AUDIT_NAMES, row=row.entry.encode())
        )
        entries.append(AuditEntry(row.at, who, AuditedAction(row.action, row.about, whom)))
    return AuditPage(number, pages, tuple(entries))
