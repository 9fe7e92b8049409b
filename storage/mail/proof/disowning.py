"""“This wasn't me”: owners of addresses who did not ask for a code, and how that is undone.

Nothing is mailed to a disowned address, so it is disowned only on purpose: by clear words, or by an
answer to one mail that asks.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from storage import erasure_log
from storage.crypto.vault import Vault
from storage.engine.dialects import insert
from storage.engine.rounding import day_of
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery import outbox
from storage.mail.delivery.content import OwnerMail
from storage.mail.proof import codes
from storage.schema.tables import disown_requests, disowned_addresses

DISOWNED_FOR = timedelta(days=365)
"""How long nothing is mailed to a disowned address."""

ASKED_AGAIN_AFTER = timedelta(days=30)
"""How long after an owner was asked they may be asked again."""

ANSWERED_WITHIN = timedelta(days=365)
"""How long an answer to that mail counts."""

_MAIL_LIFETIME = timedelta(days=1)
"""How long a mail to an owner is tried."""


def ask(
    connection: Connection,
    vault: Vault,
    address: AddressKeys,
    words: str,
    mail: OwnerMail,
    *,
    now: datetime,
) -> None:
    """Ask the owner once whether the reply with these words means “this wasn't me”.

    Nothing happens if they were asked lately, or if the address is disowned already.
    """
    asked = select(disown_requests.c.at).where(disown_requests.c.address_key == address.disowned)
    last = connection.execute(asked).scalar_one_or_none()
    if codes.is_disowned(connection, address) or (last and last > now - ASKED_AGAIN_AFTER):
        return
    row = {"words_key": _words_key(vault, words), "at": day_of(now)}
    note = insert(connection.dialect.name, disown_requests)
    note = note.on_conflict_do_update(index_elements=["address_key"], set_=row)
    connection.execute(note, {"address_key": address.disowned, **row})
    outbox.queue_owner_mail(connection, vault, mail, now=now, expires=now + _MAIL_LIFETIME)


def confirm(
    connection: Connection,
    vault: Vault,
    address: AddressKeys,
    words: str,
    mail: OwnerMail | None,
    *,
    now: datetime,
) -> None:
    """Disown an address, since its owner answered the mail that asks.

    Words that came before don't count: a program repeats itself. `mail` tells the owner.
    """
    asked = select(disown_requests.c.words_key).where(
        disown_requests.c.address_key == address.disowned,
        disown_requests.c.at > now - ANSWERED_WITHIN,
    )
    before = connection.execute(asked).scalar_one_or_none()
    if before is not None and before != _words_key(vault, words):
        disown(connection, vault, address, mail, now=now)


def disown(
    connection: Connection,
    vault: Vault,
    address: AddressKeys,
    mail: OwnerMail | None,
    *,
    now: datetime,
) -> None:
    """Disown an address for `DISOWNED_FOR`; `mail` tells the owner, once."""
    is_new = not codes.is_disowned(connection, address)
    codes.disown_address(connection, vault, address, now)
    connection.execute(
        delete(disown_requests).where(disown_requests.c.address_key == address.disowned)
    )
    if is_new and mail is not None:
        outbox.queue_owner_mail(connection, vault, mail, now=now, expires=now + _MAIL_LIFETIME)


def restore(connection: Connection, vault: Vault, address: AddressKeys, now: datetime) -> bool:
    """Let codes be mailed to an address again; False if it was not disowned."""
    own = disowned_addresses.c.address_key == address.disowned
    if not connection.execute(delete(disowned_addresses).where(own)).rowcount:
        return False
    erasure_log.add(connection, vault, [erasure_log.owned(address.disowned)], now)
    return True


def disowned_since(connection: Connection, address: AddressKeys) -> datetime | None:
    """Return the day on which an address was disowned; None if it is not."""
    query = select(disowned_addresses.c.at).where(
        disowned_addresses.c.address_key == address.disowned
    )
    return connection.execute(query).scalar_one_or_none()


def _words_key(vault: Vault, words: str) -> bytes:
    """Return a keyed hash of the letters of `words`, which numbers and dates don't change."""
    return vault.keyed_hash("owner's words", "".join(filter(str.isalpha, words.casefold())))
