"""The log of erasures: what must be erased again after a backup is restored.

An entry is written in the transaction that erases. Each machine copies new entries to a file beside
its key file (`storage.erasure_file`), because the table is lost together with the database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, func, select

from storage.crypto.vault import Vault
from storage.engine.dialects import advisory_lock
from storage.schema.encryption import ERASURE_ENTRY
from storage.schema.tables import erasures

_LOCK = 0x6572_6173_7572_6573
"""Advisory lock under which entries are numbered: “erasures” in ASCII."""


# Kinds of entries. They are stored, so they never change.
ERASED = "erased"
UNSUBSCRIBED = "unsubscribed"
DETAILS_FORGOTTEN = "details forgotten"
WITHDRAWN = "withdrawn"
LETTER_ERASED = "letter erased"
CLEARED = "cleared"
LETTERS_CANCELLED = "letters cancelled"
BLOCKED = "blocked"
UNBLOCKED = "unblocked"
DISOWNED = "disowned"
OWNED = "disowning undone"
OPT_IN_ENDED = "opt-in ended"
UNSCHEDULED = "unscheduled"
ASKED = "asked"


@dataclass(frozen=True)
class Erasure:
    """What was erased, or came to protect somebody."""

    kind: str

    values: Mapping[str, Any]
    """What identifies the rows: keyed hashes, in hexadecimal digits."""


@dataclass(frozen=True)
class LoggedErasure:
    """An entry of the log, still encrypted."""

    number: int
    day: str
    encrypted: bytes

    def read(self, vault: Vault) -> Erasure:
        """Return what was erased. Raises DecryptionError."""
        content = vault.decrypt(self.encrypted, ERASURE_ENTRY, row=_row(self.number))
        return Erasure(**orjson.loads(content))


def add(connection: Connection, vault: Vault, entries: Iterable[Erasure], now: datetime) -> None:
    """Add entries in the transaction that erases. Their numbers follow in the order of commits."""
    written = [orjson.dumps({"kind": each.kind, "values": dict(each.values)}) for each in entries]
    if not written:
        return
    advisory_lock(connection, _LOCK)
    first, day = last_number(connection) + 1, now.date().isoformat()
    rows = [
        {
            "number": number,
            "day": day,
            "encrypted_entry": vault.encrypt(content, ERASURE_ENTRY, row=_row(number)),
        }
        for number, content in enumerate(written, first)
    ]
    connection.execute(erasures.insert(), rows)


def last_number(connection: Connection) -> int:
    """Return the number of the last entry; 0 if there is none. The last one is never purged."""
    return connection.execute(select(func.max(erasures.c.number))).scalar() or 0


def first_number(connection: Connection) -> int | None:
    """Return the number of the first entry that is stored; None if there is none."""
    return connection.execute(select(func.min(erasures.c.number))).scalar()


def after(connection: Connection, number: int, limit: int = 1000) -> tuple[LoggedErasure, ...]:
    """Return up to `limit` entries that follow the one with this number."""
    query = select(erasures).where(erasures.c.number > number).order_by(erasures.c.number)
    rows = connection.execute(query.limit(limit)).all()
    return tuple(LoggedErasure(row.number, row.day, row.encrypted_entry) for row in rows)


def replace_all(connection: Connection, entries: Sequence[LoggedErasure]) -> None:
    """Replace the log by these entries."""
    connection.execute(erasures.delete())
    rows = [
        {"number": each.number, "day": each.day, "encrypted_entry": each.encrypted}
        for each in entries
    ]
    if rows:
        connection.execute(erasures.insert(), rows)


def _row(number: int) -> bytes:
    return str(number).encode()


# --- entries --------------------------------------------------------------------------------------


def person_erased(keys: Mapping[str, Any]) -> Erasure:
    """Return the entry for a person who was erased; `keys` are those of `ErasedKeys.as_json`."""
    return Erasure(ERASED, keys)


def unsubscribed(person: bytes, scope: str = "") -> Erasure:
    """Return the entry for a subscription that ended; without `scope`, for all of a person."""
    return Erasure(UNSUBSCRIBED, {"person": person.hex(), "scope": scope})


def unscheduled(person: bytes) -> Erasure:
    """Return the entry for messages that a person had asked for and no longer wants."""
    return Erasure(UNSCHEDULED, {"person": person.hex()})


def asked(message: str, now: datetime) -> Erasure:
    """Return the entry for a question whether a letter was answered: it is asked only once."""
    return Erasure(ASKED, {"message": message, "at": {"at": now.isoformat()}})


def details_forgotten(person: bytes) -> Erasure:
    """Return the entry for saved details that were deleted."""
    return Erasure(DETAILS_FORGOTTEN, {"person": person.hex()})


def opt_in_ended(person: bytes, campaign: str, question: str) -> Erasure:
    """Return the entry for a consent that was taken back, other than that to the letter."""
    values = {"person": person.hex(), "campaign": campaign, "question": question}
    return Erasure(OPT_IN_ENDED, values)


def withdrawn(action: str) -> Erasure:
    """Return the entry for a letter that was withdrawn."""
    return Erasure(WITHDRAWN, {"action": action})


def letter_erased(action: Row[Any]) -> Erasure:
    """Return the entry for a letter that was erased after it had left: the row of its action."""
    own = {
        "action": action.action,
        "person": action.person_key.hex(),
        "test": action.test,
        "round": action.round,
    }
    return Erasure(LETTER_ERASED, own)


def cleared(keys: Mapping[str, Any]) -> Erasure:
    """Return the entry for a discreet chat that was cleared; `keys`: `ClearedKeys.as_json`."""
    return Erasure(CLEARED, keys)


def letters_cancelled(campaign: str, now: datetime, target: str = "") -> Erasure:
    """Return the entry for a campaign that was closed, or a target that is exempt now, and whose
    waiting letters were cancelled.
    """
    values = {"campaign": campaign, "at": {"at": now.isoformat()}, "target": target}
    return Erasure(LETTERS_CANCELLED, values)


def blocked(row: Row[Any], actions: Sequence[bytes]) -> Erasure:
    """Return the entry for a sender who was blocked, with the keys of their actions."""
    return Erasure(BLOCKED, {**_dump(row), "actions": _all_hex(actions)})


def unblocked(person: bytes) -> Erasure:
    """Return the entry for a sender who may write again."""
    return Erasure(UNBLOCKED, {"person": person.hex()})


def disowned(row: Row[Any], code: bytes, actions: Sequence[bytes]) -> Erasure:
    """Return the entry for an address whose owner said “this wasn't me”.

    `code` and `actions` are the keys of the address in codes, and in all campaigns' actions.
    """
    own = {**_dump(row), "code": code.hex(), "actions": _all_hex(actions)}
    return Erasure(DISOWNED, own)


def owned(address: bytes) -> Erasure:
    """Return the entry for an address that is no longer disowned."""
    return Erasure(OWNED, {"address": address.hex()})


def _all_hex(keys: Sequence[bytes]) -> list[str]:
    return [each.hex() for each in keys]


def _dump(row: Row[Any]) -> dict[str, Any]:
    """Return the columns of a row as JSON has them: bytes in hexadecimal digits."""
    return {
        str(name): {"hex": value.hex()}
        if isinstance(value, bytes)
        else {"at": value.isoformat()}
        if isinstance(value, datetime)
        else value
        for name, value in row._mapping.items()
    }
