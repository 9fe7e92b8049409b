"""One-time codes: kept as keyed hashes, good once, few, and only in the chat that asked.

NIST SP 800-63B, 5.1.3.1 and 5.2.2: six digits or more, single use, limited attempts. A code that is
mailed again replaces the one before.
"""

import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from conversations.core.effects.journey import QueueCode
from conversations.core.facts import CodeCheck, CodeVerdict
from conversations.text.typed_answers import Address, canonical
from storage.crypto.vault import Vault
from storage.engine.dialects import insert
from storage.mail import cancellation, outbox
from storage.schema.tables import codes, disowned_addresses

CODE_LIFETIME = timedelta(minutes=30)
MAX_ATTEMPTS = 5
RESEND_PAUSE = timedelta(seconds=60)
LIMITS = ((timedelta(hours=1), 3), (timedelta(days=1), 5))
"""At most so many codes in so long, for a person and for an address."""

RETENTION = timedelta(days=2)
"""Rows outlive their codes, and /forget, or they would limit nothing."""


_RECENT = (
    select(codes)
    .where(
        or_(
            codes.c.person_key == bindparam("person"),
            codes.c.address_key == bindparam("address"),
        )
    )
    .where(codes.c.requested > bindparam("since"))
    .order_by(codes.c.requested.desc())
)

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
    """Compare `typed` with the code that waits, count the attempt, and use the code up if right."""
    asked = {"person": person, "address": address}
    row = connection.execute(_LAST, asked).one_or_none()
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


def resend_wait(
    connection: Connection, person: bytes, address: bytes, now: datetime
) -> tuple[int, bool]:
    """Return the seconds until another code may be mailed, and whether one is still good."""
    longest = max(span for span, _ in LIMITS)
    recent = {"person": person, "address": address, "since": now - longest}
    rows = connection.execute(_RECENT, recent).all()
    by_person = [row.requested for row in rows if row.person_key == person]
    to_address = [row.requested for row in rows if row.address_key == address]
    # Who mistyped an address need not wait to mend it.
    free = [now, *(asked + RESEND_PAUSE for asked in to_address[:1])]
    for mine in (by_person, to_address):
        free += [mine[most - 1] + span for span, most in LIMITS if len(mine) >= most]
    own = [row for row in rows if (row.person_key, row.address_key) == (person, address)]
    pending = bool(own) and own[0].code_hash is not None and own[0].expires > now
    seconds = (max(free) - now).total_seconds()
    return int(seconds) + (seconds % 1 > 0), pending


def queue(
    connection: Connection,
    vault: Vault,
    person: bytes,
    effect: QueueCode,
    now: datetime,
    turn_id: str = "",
) -> None:
    """Replace the person's code by a new one, and put its mail into the outbox."""
    connection.execute(_REPLACED, {"person": person, "code_hash": None})
    cancellation.delete_codes(connection, person)
    code_id = secrets.token_hex(16)
    row = {
        "code_id": code_id,
        "person_key": person,
        "address_key": address_key(vault, effect.address),
        "code_hash": _hash(vault, code_id, effect.code),
        "requested": now,
        "expires": now + CODE_LIFETIME,
        "attempts": 0,
    }
    connection.execute(_ADD, row)
    outbox.queue_code(
        connection,
        vault,
        person,
        code_id,
        effect,
        now=now,
        expires=now + CODE_LIFETIME,
        turn_id=turn_id,
    )


def drop(connection: Connection, person: bytes) -> None:
    """Take back the person's code if its mail has not left; then it counts for no limit, either."""
    if cancellation.delete_unsent_code(connection, person):
        own = (codes.c.person_key == person, codes.c.code_hash.is_not(None))
        connection.execute(delete(codes).where(*own))


def address_of(connection: Connection, code_id: str) -> bytes | None:
    """Return the key of the address a code was mailed to; None where the code is not known."""
    query = select(codes.c.address_key).where(codes.c.code_id == code_id)
    return connection.execute(query).scalar_one_or_none()


def disown_address(connection: Connection, address: bytes, now: datetime) -> None:
    """Note that the owner of the address with that key did not ask for its codes.

    Nothing is mailed to that address again: no code to it is good any more, and letters with it
    that wait are held back. No code need be known.
    """
    note = insert(connection.dialect.name, disowned_addresses).on_conflict_do_nothing()
    connection.execute(note, {"address_key": address, "at": now})
    good = (codes.c.address_key == address, codes.c.code_hash.is_not(None))
    for person in connection.execute(select(codes.c.person_key).where(*good)).scalars().all():
        cancellation.delete_codes(connection, person)
    connection.execute(update(codes).where(*good).values(code_hash=None))
    cancellation.cancel_for_address(connection, address, now=now)


def prune(connection: Connection, now: datetime) -> int:
    """Forget the codes that limit nothing any more."""
    return connection.execute(delete(codes).where(codes.c.requested < now - RETENTION)).rowcount


def address_key(vault: Vault, address: str) -> bytes:
    """Return the key of an address, the same for all spellings that are one mailbox.

    16 bytes: as many as an envelope's token carries, and far from any collision.
    """
    local, _, domain = address.rpartition("@")
    return vault.keyed_hash("address", canonical(Address(local, domain)))[:16]


def _hash(vault: Vault, code_id: str, code: str) -> bytes:
    return vault.keyed_hash("code", f"{code_id}:{code}")
