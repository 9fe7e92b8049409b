"""Correct the address of letters that were sent, after another one was proved."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from conversations.core.facts import Details
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.mail.address_keys import AddressKeys
from storage.mail.letters import actions as record
from storage.mail.letters.actions import DuplicateAction
from storage.schema.encryption import CHAT_DETAILS
from storage.schema.tables import actions, chats
from storage.schema.tables import outbox as mails
from storage.stats.action_details import decrypt_details, encrypt_details

_CORRECT = update(actions).where(actions.c.action == bindparam("of"))


def correct_address(
    connection: Connection, vault: Vault, person: PersonKeys, sent: str, address: str
) -> None:
    """Replace the address of what was sent by one that was proved, also in remembered details.

    Raises DuplicateAction if another action has the address.
    """
    found = record.find_sent(connection, vault, person, sent)
    rows = [row for row in found if row.encrypted_details is not None]
    if not rows:
        return
    saved = decrypt_details(vault, rows[0].action, rows[0].encrypted_details)
    details = replace(saved.person, address=address, proved=True)
    campaign_key = campaign_keys.find_or_create(connection, vault, rows[0].campaign)
    keys, targets = AddressKeys.of(vault, address), _targets(connection, rows)
    values = [
        {
            "of": row.action,
            "encrypted_details": encrypt_details(vault, row.action, replace(saved, person=details)),
            "address_key": keys.action(campaign_key),
            "address_target_key": keys.target(campaign_key, targets[row.action], row.round),
        }
        for row in rows
    ]
    try:
        connection.execute(_CORRECT, values)
    except IntegrityError:
        raise DuplicateAction from None
    _correct_saved_details(connection, vault, person.chat, saved.person, details)


def _targets(connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, str]:
    """Return the id of each letter's target, by action."""
    own = mails.c.action.in_([row.action for row in rows])
    return {row.action: row.target for row in connection.execute(select(mails).where(own))}


def _correct_saved_details(
    connection: Connection, vault: Vault, person: bytes, former: Details, details: Details
) -> None:
    query = select(chats.c.encrypted_details).where(chats.c.person_key == person)
    kept = connection.execute(query).scalar_one_or_none()
    if (
        kept is None
        or Details(**orjson.loads(vault.decrypt(kept, CHAT_DETAILS, row=person))) != former
    ):
        return
    fresh = vault.encrypt(orjson.dumps(asdict(details)), CHAT_DETAILS, row=person)
    remembered = update(chats).where(chats.c.person_key == person)
    connection.execute(remembered.values(encrypted_details=fresh))
