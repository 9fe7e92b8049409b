"""People whom an admin blocked from sending letters."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from conversations.admin.block_sender import Sender
from conversations.core.effects.admin import BlockSender
from storage.chats import chats
from storage.engine.dialects import insert
from storage.mail import cancellation
from storage.mail.delivery.content import MailKind
from storage.schema.tables import blocked_senders
from storage.schema.tables import outbox as mails


def find_sender(connection: Connection, mail: str) -> Sender | None:
    """Return the sender of a letter; None if it was erased or settled."""
    query = select(mails.c.person_key, mails.c.campaign, mails.c.queued, blocked_senders.c.at)
    query = query.outerjoin(blocked_senders, blocked_senders.c.person_key == mails.c.person_key)
    letter = (mails.c.mail == mail, mails.c.kind == MailKind.LETTER.value, ~mails.c.settled)
    if row := connection.execute(query.where(*letter)).one_or_none():
        return Sender(row.person_key.hex(), mail, row.campaign, row.queued, row.at is not None)
    if row := connection.execute(
        select(blocked_senders).where(blocked_senders.c.mail == mail)
    ).one_or_none():
        return Sender(row.person_key.hex(), mail, row.campaign, row.at, True)
    return None


def block(connection: Connection, effect: BlockSender, *, now: datetime) -> None:
    """Block a person, and cancel their letters that have not left. /forget does not unblock."""
    person = bytes.fromhex(effect.person)
    chats.lock(connection, person)  # a letter that they send at this moment waits
    row = {"person_key": person, "mail": effect.letter, "campaign": effect.campaign, "at": now}
    connection.execute(
        insert(connection.dialect.name, blocked_senders).on_conflict_do_nothing(), row
    )
    cancellation.cancel_person(connection, person, now=now)


def unblock(connection: Connection, person: str) -> None:
    """Let a person send letters again."""
    connection.execute(
        delete(blocked_senders).where(blocked_senders.c.person_key == bytes.fromhex(person))
    )
