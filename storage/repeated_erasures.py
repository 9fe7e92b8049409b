"""Erase again what the log of erasures says, after a backup is restored.

The same functions erase now and after a restore.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, update

from storage import erasure, erasure_log
from storage.crypto.vault import Vault
from storage.engine.dialects import insert
from storage.erasure import ErasedKeys
from storage.erasure_log import Erasure
from storage.mail import actions
from storage.schema.tables import blocked_senders, chats, disowned_addresses, subscriptions
from storage.schema.tally import Tally
from storage.stats import tallies


def repeat(connection: Connection, vault: Vault, entries: Sequence[Erasure]) -> None:
    """Do all that the entries say, in order, in a database that was restored."""
    for entry in entries:
        tallies.add(connection, _REPEAT[entry.kind](connection, vault, entry.values))


def _erase_person(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    keys = ErasedKeys.from_json(values)
    counted = erasure.erase(connection, vault, keys)
    erasure.empty_chat(connection, keys.chat)
    return counted


def _unsubscribe(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    own = [subscriptions.c.person_key == bytes.fromhex(values["person"])]
    if values["scope"]:
        own.append(subscriptions.c.scope == values["scope"])
    connection.execute(delete(subscriptions).where(*own))
    return []


def _forget_details(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    own = update(chats).where(chats.c.person_key == bytes.fromhex(values["person"]))
    connection.execute(own.values(encrypted_details=None))
    return []


def _withdraw(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    withdrawn = actions.delete_action(connection, vault, values["action"])
    return withdrawn.tallies if withdrawn else []


def _block(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    _insert(connection, blocked_senders, values)
    return []


def _unblock(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    own = blocked_senders.c.person_key == bytes.fromhex(values["person"])
    connection.execute(delete(blocked_senders).where(own))
    return []


def _disown(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    _insert(connection, disowned_addresses, values)
    return []


def _own(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    own = disowned_addresses.c.address_key == bytes.fromhex(values["address"])
    connection.execute(delete(disowned_addresses).where(own))
    return []


_REPEAT: Mapping[str, Callable[[Connection, Vault, Mapping[str, Any]], list[Tally]]] = {
    erasure_log.ERASED: _erase_person,
    erasure_log.UNSUBSCRIBED: _unsubscribe,
    erasure_log.DETAILS_FORGOTTEN: _forget_details,
    erasure_log.WITHDRAWN: _withdraw,
    erasure_log.BLOCKED: _block,
    erasure_log.UNBLOCKED: _unblock,
    erasure_log.DISOWNED: _disown,
    erasure_log.OWNED: _own,
}


def _insert(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert a row that `_dump` wrote, unless there is one with its key."""
    row = {name: _value(value) for name, value in values.items() if name in table.columns}
    connection.execute(insert(connection.dialect.name, table).on_conflict_do_nothing(), row)


def _value(saved: Any) -> Any:
    match saved:
        case {"hex": str(digits)}:
            return bytes.fromhex(digits)
        case {"at": str(time)}:
            return datetime.fromisoformat(time)
        case _:
            return saved
