"""The audit log: what people with a role did, and commands on the server.

Its entries form a chain (`storage.admin.audit_chain`), so nobody without the keys can change it
unseen. Entries in the database stay as they are, but for the encryption of their names.
"""

import secrets
from datetime import datetime

import orjson
from sqlalchemy import Connection, Row, select

from conversations.admin.audit_log import (
    ENTRIES_PER_PAGE,
    AuditEntry,
    AuditPage,
)
from conversations.core.effects.base import AuditedAction
from storage.admin import audit_chain
from storage.admin.audit_chain import Entry
from storage.crypto.trusted_state import LogHead
from storage.crypto.vault import DecryptionError, Vault
from storage.engine.wake_ups import Worker, wake
from storage.schema.encryption import AUDIT_NAMES
from storage.schema.tables import audit

COMMAND = "command"
"""The action of a command on the server. It is stored, so it never changes."""


def add(
    connection: Connection,
    vault: Vault,
    staff: bytes | None,
    who: str,
    noted: AuditedAction,
    now: datetime,
) -> None:
    """Add an entry. `who` is the name of the person in Telegram; None and "" for a command."""
    audit_chain.lock(connection)
    before = audit_chain.last(connection, vault)
    entry = Entry(
        secrets.token_hex(16),
        before.position + 1,
        now,
        staff,
        noted.action,
        noted.about,
        who,
        noted.whom,
    )
    names = orjson.dumps([entry.who, entry.whom])
    row = {
        "entry": entry.id,
        "position": entry.position,
        "digest": entry.digest(vault, before.digest),
        "at": entry.at,
        "staff_key": entry.staff,
        "action": entry.action,
        "about": entry.about,
        "encrypted_names": vault.encrypt(names, AUDIT_NAMES, row=entry.id.encode()),
    }
    connection.execute(audit.insert(), row)
    wake(connection, Worker.AUTHORITY)


def add_command(
    connection: Connection, vault: Vault, command: str, now: datetime, about: str = ""
) -> None:
    """Add an entry for a command on the server, such as “purge”; `about` is what it was for."""
    add(connection, vault, None, "", AuditedAction(COMMAND, command, about), now)


def last_name(connection: Connection, vault: Vault, staff: bytes) -> str:
    """Return the Telegram name of a person when they last did something; "" if they never did."""
    own = select(audit).where(audit.c.staff_key == staff).order_by(audit.c.position.desc()).limit(1)
    row = connection.execute(own).one_or_none()
    return "" if row is None else audit_chain.entry_of(vault, row).who.rpartition(" (")[0]


def page(connection: Connection, vault: Vault, number: int) -> AuditPage:
    """Return page `number`, counted from 1, or the last page if there are fewer.

    The page says whether its entries are genuine, and whether the end of the log is there.
    """
    begin, head = audit_chain.start(connection, vault), audit_chain.last(connection, vault)
    kept = select(audit).where(audit.c.position > begin.position)
    rows = connection.execute(
        kept.order_by(audit.c.position.desc())
        .offset((max(number, 1) - 1) * ENTRIES_PER_PAGE)
        .limit(ENTRIES_PER_PAGE + 1)
    ).all()
    count = audit_chain.count(connection, begin)
    pages = max(1, -(-count // ENTRIES_PER_PAGE))
    if number > pages:
        return page(connection, vault, pages)
    shown = rows[:ENTRIES_PER_PAGE]
    return AuditPage(
        max(number, 1),
        pages,
        tuple(each for row in shown if (each := _entry(vault, row)) is not None),
        describe(head),
        audit_chain.is_genuine(connection, vault, rows),
    )


def describe(head: LogHead) -> str:
    """Return the head of the log, to be compared by eye: its position and its first digits."""
    digits = head.digest.hex()[:16]
    return f"{head.position}: {' '.join(digits[i : i + 4] for i in range(0, len(digits), 4))}"


def _entry(vault: Vault, row: Row[tuple[object, ...]]) -> AuditEntry | None:
    """Return an entry; None for one that was forged."""
    try:
        entry = audit_chain.entry_of(vault, row)
    except DecryptionError:
        return None
    noted = AuditedAction(entry.action, entry.about, entry.whom)
    return AuditEntry(entry.at, entry.who, noted)
