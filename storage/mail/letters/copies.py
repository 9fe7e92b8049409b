"""Copies of letters: saved for supporters, who may request them by mail."""

from datetime import datetime

import orjson
from sqlalchemy import Connection, select, update

from conversations.core.effects.letters import QueueCopy, RecordAction
from conversations.core.facts import CopyState
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery import outbox
from storage.mail.delivery.content import CopyMail, MailKind
from storage.mail.letters import actions as record
from storage.mail.proof import codes
from storage.schema.encryption import ACTION_LETTER
from storage.schema.tables import actions
from storage.schema.tables import outbox as mails
from storage.stats.action_details import decrypt_details


def save(connection: Connection, vault: Vault, effect: RecordAction) -> None:
    """Save the text of the letter, which is deleted from the outbox once it is accepted."""
    words = orjson.dumps([effect.letter.subject, effect.letter.body])
    encrypted = vault.encrypt(words, ACTION_LETTER, row=effect.action.encode())
    acted = update(actions).where(actions.c.action == effect.action)
    connection.execute(acted.values(encrypted_letter=encrypted, copy_state=CopyState.KEPT.value))


def queue(
    connection: Connection,
    vault: Vault,
    person: PersonKeys,
    effect: QueueCopy,
    now: datetime,
    turn_id: str = "",
) -> None:
    """Queue the copy, to the address that was proved.

    Does nothing if the action or its text was erased, or if the address was disowned.
    """
    row = record.find_own(connection, vault, person, effect.action)
    if row is None or row.encrypted_letter is None:
        return
    details = decrypt_details(vault, row.action, row.encrypted_details).person
    if codes.is_disowned(connection, AddressKeys.of(vault, details.address)):
        return
    words = vault.decrypt(row.encrypted_letter, ACTION_LETTER, row=row.action.encode())
    subject, body = orjson.loads(words)
    text = f"{effect.intro}\n\n{body}"
    content = CopyMail(effect.organisation, details.address, subject, text, effect.language)
    place = {"campaign": row.campaign, "about": row.action}
    outbox.queue_about(connection, vault, content, **place, now=now, turn_id=turn_id)
    asked = update(actions).where(actions.c.action == row.action)
    connection.execute(asked.values(copy_state=CopyState.ASKED.value))
    # The message in the chat has one button less now.
    shown = update(mails).where(mails.c.action == row.action)
    connection.execute(shown.values(status=mails.c.status + 1))


def record_bounce(connection: Connection, mail: str) -> None:
    """Record that the copy `mail` bounced, unless a later copy was sent to another address."""
    last = (
        select(mails.c.mail)
        .where(mails.c.about == actions.c.action, mails.c.kind == MailKind.COPY.value)
        .order_by(mails.c.queued.desc())
        .limit(1)
        .scalar_subquery()
    )
    about = select(mails.c.about).where(mails.c.mail == mail)
    connection.execute(
        update(actions)
        .where(
            actions.c.action.in_(about), last == mail, actions.c.copy_state == CopyState.ASKED.value
        )
        .values(copy_state=CopyState.RETURNED.value)
    )
