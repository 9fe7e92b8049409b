"""Erase again what the log of erasures says, after a backup is restored.

The same functions erase now and after a restore.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, or_, update

from storage import erasure_log
from storage.chats import consents, scheduled_messages
from storage.crypto.vault import Vault
from storage.engine.dialects import insert
from storage.engine.rounding import day_of
from storage.erasure import clearing, people
from storage.erasure.clearing import ClearedKeys
from storage.erasure.people import ErasedKeys
from storage.erasure_log import Erasure
from storage.mail import opt_ins
from storage.mail.delivery import letter_changes
from storage.mail.letters import actions, cancellation, letter_erasure
from storage.mail.proof import codes
from storage.schema.tables import actions as actions_table
from storage.schema.tables import blocked_senders, chats, disowned_addresses, subscriptions
from storage.schema.tables import scheduled_messages as scheduled
from storage.schema.tally import Tally
from storage.stats import tallies


def repeat(connection: Connection, vault: Vault, entries: Sequence[Erasure]) -> None:
    """Do all that the entries say, in order, in a database that was restored."""
    for entry in entries:
        tallies.add(connection, _REPEAT[entry.kind](connection, vault, entry.values))


def _erase_person(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    keys = ErasedKeys.from_json(values)
    counted = people.erase(connection, vault, keys)
    people.empty_chat(connection, keys.chat)
    return counted


def _unsubscribe(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    own = [subscriptions.c.person_key == bytes.fromhex(values["person"])]
    if values["scope"]:
        own.append(subscriptions.c.scope == values["scope"])
    connection.execute(delete(subscriptions).where(*own))
    consents.recheck(connection, [bytes.fromhex(values["person"])])
    return []


def _unschedule(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    scheduled_messages.drop(connection, bytes.fromhex(values["person"]))
    return []


def _ask(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    own = update(scheduled).where(scheduled.c.message == values["message"])
    connection.execute(own.values(asked=day_of(_day(values))))
    return []


def _forget_details(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    own = update(chats).where(chats.c.person_key == bytes.fromhex(values["person"]))
    connection.execute(own.values(encrypted_details=None))
    consents.recheck(connection, [bytes.fromhex(values["person"])])
    return []


def _withdraw(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    withdrawn = actions.delete_action(connection, vault, values["action"])
    return withdrawn.tallies if withdrawn else []


def _erase_letter(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    # Settling gives an action a new id, so the letter is also found by its campaign and person.
    of_person = actions_table.c.person_key == bytes.fromhex(values["person"])
    is_round = actions_table.c.round == values.get("round", 1)
    alike = and_(of_person, is_round, actions_table.c.test == values["test"])
    this = or_(actions_table.c.action == values["action"], alike)
    return letter_erasure.erase_actions(connection, vault, this)


def _end_opt_in(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    own = (bytes.fromhex(values["person"]), values["campaign"], values["question"])
    consents.take_out(connection, vault, *own)
    return opt_ins.forget(connection, vault, *own)


def _clear(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    clearing.cut_off(connection, ClearedKeys.from_json(values))
    return []


def _cancel_letters(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    campaign, target = values["campaign"], values.get("target") or ""
    letter_changes.withdraw(connection, campaign, target, now=_day(values))
    letter_changes.finish(connection)
    return []


def _block(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    _insert(connection, blocked_senders, values)
    cancellation.cancel_sender(connection, _all_bytes(values["actions"]), now=_day(values))
    return []


def _unblock(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    own = blocked_senders.c.person_key == bytes.fromhex(values["person"])
    connection.execute(delete(blocked_senders).where(own))
    return []


def _disown(connection: Connection, vault: Vault, values: Mapping[str, Any]) -> list[Tally]:
    _insert(connection, disowned_addresses, values)
    code, acted = bytes.fromhex(values["code"]), _all_bytes(values["actions"])
    codes.stop_mail(connection, code, acted, now=_day(values))
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
    erasure_log.LETTER_ERASED: _erase_letter,
    erasure_log.CLEARED: _clear,
    erasure_log.LETTERS_CANCELLED: _cancel_letters,
    erasure_log.BLOCKED: _block,
    erasure_log.UNBLOCKED: _unblock,
    erasure_log.DISOWNED: _disown,
    erasure_log.OWNED: _own,
    erasure_log.OPT_IN_ENDED: _end_opt_in,
    erasure_log.UNSCHEDULED: _unschedule,
    erasure_log.ASKED: _ask,
}

KINDS = frozenset(_REPEAT)
"""The kinds of entries that are repeated: all of them."""


def _all_bytes(digits: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in digits]


def _day(values: Mapping[str, Any]) -> datetime:
    """Return when it happened: a day, or a time."""
    return datetime.fromisoformat(values["at"]["at"])


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
