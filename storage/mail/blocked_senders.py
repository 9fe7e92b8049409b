"""People whom an admin blocked from sending letters."""

from datetime import datetime

from sqlalchemy import Connection, delete, exists, select

from conversations.admin.block_sender import Sender
from conversations.core.effects.admin import BlockSender
from storage.chats import chats
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.dialects import insert
from storage.engine.rounding import day_of, end_of_moment
from storage.mail.delivery.outbox import decrypt_chat
from storage.mail.letters import cancellation
from storage.schema.tables import blocked_senders
from storage.schema.tables import outbox as mails

_LETTER = "blocked sender: letter"
"""Kind of the keyed hash of a letter's id. It never changes."""


def find_sender(connection: Connection, vault: Vault, mail: str) -> Sender | None:
    """Return the sender of a letter; None if nothing leads to the sender any more."""
    of_letter = blocked_senders.c.letter_key == vault.keyed_hash(_LETTER, mail)
    if row := connection.execute(select(blocked_senders).where(of_letter)).first():
        return Sender(row.person_key.hex(), mail, row.campaign, row.at, True)
    person = _sender(connection, vault, mail)
    if person is None:
        return None
    row = connection.execute(select(mails).where(mails.c.mail == mail)).one()
    blocked = is_blocked(connection, person)
    return Sender(person.blocked.hex(), mail, row.campaign, row.queued, blocked)


def is_blocked(connection: Connection, person: PersonKeys) -> bool:
    """Whether the person is blocked. The person's key is computed only if anybody is blocked."""
    if not connection.execute(_ANYBODY).scalar_one():
        return False
    own = exists().where(blocked_senders.c.person_key == person.blocked)
    return bool(connection.execute(select(own)).scalar_one())


def block(
    connection: Connection, vault: Vault, effect: BlockSender, *, now: datetime
) -> list[bytes]:
    """Block a person, and cancel their letters that have not left. /forget does not unblock.

    Returns the person's keys in actions; none if nothing leads from the letter to the person.
    """
    person = _sender(connection, vault, effect.letter)
    if person is not None:
        chats.lock(connection, person.chat)  # a letter that they send at this moment waits
    row = {
        "person_key": bytes.fromhex(effect.person),
        "letter_key": vault.keyed_hash(_LETTER, effect.letter),
        "campaign": effect.campaign,
        "at": day_of(now),
    }
    connection.execute(
        insert(connection.dialect.name, blocked_senders).on_conflict_do_nothing(), row
    )
    if person is None:
        return []
    keys = campaign_keys.keys_of_person(connection, vault, person)
    # Rounded: the audit log has the exact time, and would name the letter.
    cancellation.cancel_sender(connection, keys, now=end_of_moment(now))
    return keys


def unblock(connection: Connection, person: str) -> None:
    """Let a person send letters again."""
    connection.execute(
        delete(blocked_senders).where(blocked_senders.c.person_key == bytes.fromhex(person))
    )


def _sender(connection: Connection, vault: Vault, mail: str) -> PersonKeys | None:
    """Return the keys of the person whose letter this is, as long as it leads to them."""
    query = select(mails.c.encrypted_chat).where(mails.c.mail == mail)
    encrypted = connection.execute(query).scalar_one_or_none()
    return encrypted and PersonKeys(vault, decrypt_chat(vault, mail, encrypted))


_ANYBODY = select(exists().where(blocked_senders.c.campaign.is_not(None)))
