"""One-time codes that prove an address. Only their keyed hashes are stored.

A code works once, in the chat that requested it, with a limited number of attempts (NIST SP
800-63B, 5.1.3.1 and 5.2.2: six digits or more). A new code replaces the former one.
"""

import hmac
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, exists, select, update

from conversations.core.effects.journey import QueueCode
from conversations.core.facts import CodeCheck, CodeVerdict
from storage import erasure_log
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import DecryptionError, Vault
from storage.engine.dialects import insert
from storage.engine.rounding import day_of
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery import outbox
from storage.mail.letters import cancellation
from storage.mail.proof import code_limits
from storage.schema.encryption import CODE_DETAILS
from storage.schema.tables import codes, disowned_addresses

CODE_LIFETIME = timedelta(minutes=30)
"""How long a code works."""

MAX_ATTEMPTS = 5
"""Number of wrong codes after which a code no longer works."""


_LAST = (
    select(codes)
    .where(codes.c.person_key == bindparam("person"), codes.c.address_key == bindparam("address"))
    .order_by(codes.c.requested.desc())
    .limit(1)
    .with_for_update()
)
_ADD = codes.insert()
_TRIED = update(codes).where(codes.c.code_id == bindparam("code"))
_REPLACED = update(codes).where(codes.c.person_key == bindparam("person"))


def check(
    connection: Connection, vault: Vault, person: bytes, address: bytes, typed: str, now: datetime
) -> CodeCheck:
    """Check a typed code. Counts the attempt, and uses the code up if it is right."""
    parameters = {"person": person, "address": address}
    row = connection.execute(_LAST, parameters).one_or_none()
    if row is None or (row.code_hash is None and row.attempts < MAX_ATTEMPTS):
        return CodeCheck(CodeVerdict.NONE)
    if row.code_hash is None:
        return CodeCheck(CodeVerdict.SPENT)
    if row.expires <= now:
        return CodeCheck(CodeVerdict.EXPIRED)
    right = hmac.compare_digest(row.code_hash, _hash(vault, row.code_id, typed))
    attempts = row.attempts + (not right)
    over = right or attempts >= MAX_ATTEMPTS
    values = {"attempts": attempts, **({"code_hash": None} if over else {})}
    connection.execute(_TRIED, {"code": row.code_id, **values})
    if over:
        cancellation.delete_codes(connection, person)
    if right:
        return CodeCheck(CodeVerdict.RIGHT)
    left = MAX_ATTEMPTS - attempts
    return CodeCheck(CodeVerdict.WRONG, left) if left else CodeCheck(CodeVerdict.SPENT)


def queue(
    connection: Connection,
    vault: Vault,
    person: PersonKeys,
    effect: QueueCode,
    now: datetime,
    turn_id: str = "",
) -> None:
    """Replace the person's code by a new one, and queue its mail."""
    connection.execute(_REPLACED, {"person": person.limits, "code_hash": None})
    cancellation.delete_codes(connection, person.limits)
    code_id, address = secrets.token_hex(16), AddressKeys.of(vault, effect.address)
    details = {
        "chat": person.chat_id,
        "mailbox": address.mailbox.hex(),
        "language": effect.language,
    }
    row = {
        "code_id": code_id,
        "person_key": person.limits,
        "address_key": address.code,
        "encrypted_details": vault.encrypt(
            orjson.dumps(details), CODE_DETAILS, row=code_id.encode()
        ),
        "domain_key": code_limits.domain_key(vault, effect.address),
        "code_hash": _hash(vault, code_id, effect.code),
        "requested": now,
        "expires": now + CODE_LIFETIME,
        "attempts": 0,
    }
    connection.execute(_ADD, row)
    outbox.queue_code(
        connection,
        vault,
        code_id,
        effect,
        now=now,
        expires=now + CODE_LIFETIME,
        turn_id=turn_id,
    )


def drop(connection: Connection, person: bytes) -> None:
    """Delete the person's code if its mail has not left. It does not count towards the limits."""
    if cancellation.delete_unsent_code(connection, person):
        own = (codes.c.person_key == person, codes.c.code_hash.is_not(None))
        connection.execute(delete(codes).where(*own))


def forget_chat(connection: Connection, vault: Vault, person: bytes) -> None:
    """Delete the chat id and the language from all codes of a person, which no longer work.

    The limits need only the keyed hashes.
    """
    mine = update(codes).where(codes.c.person_key == person)
    connection.execute(mine.values(code_hash=None, bounced=False))
    own = select(codes.c.code_id, codes.c.encrypted_details).where(codes.c.person_key == person)
    for row in connection.execute(own.with_for_update()).all():
        with suppress(DecryptionError):  # a damaged value must not stop the others
            kept = {"mailbox": _details(vault, row.code_id, row.encrypted_details)["mailbox"]}
            encrypted = vault.encrypt(orjson.dumps(kept), CODE_DETAILS, row=row.code_id.encode())
            connection.execute(_TRIED, {"code": row.code_id, "encrypted_details": encrypted})


def address_of(connection: Connection, vault: Vault, code_id: str) -> AddressKeys | None:
    """Return the keys of the address to which a code was mailed; None for an unknown code."""
    query = select(codes.c.encrypted_details).where(codes.c.code_id == code_id)
    encrypted = connection.execute(query).scalar_one_or_none()
    if encrypted is None:
        return None
    return AddressKeys(vault, bytes.fromhex(_details(vault, code_id, encrypted)["mailbox"]))


def language_of(connection: Connection, vault: Vault, address: AddressKeys) -> str:
    """Return the language of the last code for an address; "" if it is no longer known."""
    query = (
        select(codes.c.code_id, codes.c.encrypted_details)
        .where(codes.c.address_key == address.code)
        .order_by(codes.c.requested.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return ""
    return str(_details(vault, row.code_id, row.encrypted_details).get("language", ""))


def chat_of(vault: Vault, code_id: str, encrypted_details: bytes) -> int:
    """Return the Telegram chat id of the person who requested a code."""
    return int(_details(vault, code_id, encrypted_details)["chat"])


def is_disowned(connection: Connection, address: AddressKeys) -> bool:
    """Whether the owner of the address said that they did not request its codes."""
    own = exists().where(disowned_addresses.c.address_key == address.disowned)
    return bool(connection.execute(select(own)).scalar_one())


def disown_address(
    connection: Connection, vault: Vault, address: AddressKeys, now: datetime
) -> None:
    """Record that the owner of an address did not request its codes.

    Nothing is mailed to the address again: its codes no longer work, and letters with it that wait
    are cancelled.
    """
    row = {"at": day_of(now)}
    note = insert(connection.dialect.name, disowned_addresses)
    note = note.on_conflict_do_update(index_elements=["address_key"], set_=row)
    connection.execute(note, {"address_key": address.disowned, **row})
    own = disowned_addresses.c.address_key == address.disowned
    saved = connection.execute(select(disowned_addresses).where(own)).one()
    acted = [address.action(key) for key in campaign_keys.find_all(connection, vault).values()]
    erasure_log.add(connection, vault, [erasure_log.disowned(saved, address.code, acted)], now)
    stop_mail(connection, address.code, acted, now=now)


def stop_mail(
    connection: Connection, address: bytes, acted: Sequence[bytes], *, now: datetime
) -> None:
    """End the codes for an address, and cancel its letters that wait.

    `address` and `acted` are the keys of the address in codes and in actions.
    """
    good = (codes.c.address_key == address, codes.c.code_hash.is_not(None))
    for person in connection.execute(select(codes.c.person_key).where(*good)).scalars().all():
        cancellation.delete_codes(connection, person)
    connection.execute(update(codes).where(*good).values(code_hash=None))
    cancellation.cancel_for_address(connection, acted, now=now)


def _details(vault: Vault, code_id: str, encrypted: bytes) -> dict[str, Any]:
    content = vault.decrypt(encrypted, CODE_DETAILS, row=code_id.encode())
    return dict(orjson.loads(content))


def _hash(vault: Vault, code_id: str, code: str) -> bytes:
    return vault.keyed_hash("code", f"{code_id}:{code}")
