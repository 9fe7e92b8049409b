"""Messages that people asked for: reminders of a letter, and questions whether it was answered.

A row is deleted, or marked as asked, before its message is sent. So a crash loses a message, and
never sends it twice.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, delete, exists, select

from conversations.model.scheduled import ScheduledKind
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.rounding import quarter_after
from storage.schema.encryption import SCHEDULED_CONTENT
from storage.schema.tables import scheduled_messages

_MAIL = "scheduled message: mail"
"""Kind of the keyed hash of a mail's id. Hashes are stored, so it never changes."""

_OF = scheduled_messages.c
_DROP = delete(scheduled_messages).where(_OF.person_key == bindparam("person"))
_DROP_KIND = _DROP.where(_OF.kind == bindparam("of"))


def schedule_reminder(
    connection: Connection,
    vault: Vault,
    person: PersonKeys,
    *,
    campaign: str,
    language: str,
    hours: int,
    now: datetime,
) -> None:
    """Remind a person of a campaign in so many hours; it replaces an earlier reminder."""
    drop(connection, person.scheduled, ScheduledKind.REMINDER)
    content = {"campaign": campaign, "language": language}
    due = quarter_after(now + timedelta(hours=hours))
    add(connection, vault, person, ScheduledKind.REMINDER, content, due=due)


def add(
    connection: Connection,
    vault: Vault,
    person: PersonKeys,
    kind: ScheduledKind,
    content: dict[str, Any],
    *,
    due: datetime,
    mail: str | None = None,
) -> None:
    """Schedule a message. `mail` is the id of the letter's mail that a question is about."""
    id_ = secrets.token_hex(16)
    saved = orjson.dumps({**content, "chat": person.chat_id})
    row = {
        "message": id_,
        "person_key": person.scheduled,
        "kind": kind.value,
        "encrypted_content": vault.encrypt(saved, SCHEDULED_CONTENT, row=id_.encode()),
        "mail_key": None if mail is None else mail_key(vault, mail),
        "due": due,
    }
    connection.execute(scheduled_messages.insert(), row)


def mail_key(vault: Vault, mail: str) -> bytes:
    """Return the keyed hash under which a question about a letter's mail is found."""
    return vault.keyed_hash(_MAIL, mail)[:16]


def read(vault: Vault, row: Row[Any]) -> dict[str, Any]:
    """Return the content of a row. Raises DecryptionError."""
    content = vault.decrypt(row.encrypted_content, SCHEDULED_CONTENT, row=row.message.encode())
    found: dict[str, Any] = orjson.loads(content)
    return found


def drop(connection: Connection, person: bytes, kind: ScheduledKind | None = None) -> int:
    """Delete the messages of a person that wait, or those of one kind; return how many."""
    if kind is None:
        return connection.execute(_DROP, {"person": person}).rowcount
    return connection.execute(_DROP_KIND, {"person": person, "of": kind.value}).rowcount


def drop_about(connection: Connection, vault: Vault, mail: str) -> None:
    """Delete the question about a letter."""
    mine = _OF.mail_key == mail_key(vault, mail)
    connection.execute(delete(scheduled_messages).where(mine))


def drop_campaign(connection: Connection, vault: Vault, person: PersonKeys, campaign: str) -> None:
    """Delete a person's questions about letters of a campaign that are withdrawn or erased."""
    own = (_OF.person_key == person.scheduled, _OF.kind == ScheduledKind.ANSWER.value)
    for row in connection.execute(select(scheduled_messages).where(*own)).all():
        if read(vault, row)["campaign"] == campaign:
            mine = _OF.message == row.message
            connection.execute(delete(scheduled_messages).where(mine))


def has(connection: Connection, person: bytes, kind: ScheduledKind) -> bool:
    """Whether messages of a kind wait for a person."""
    own = select(exists().where(_OF.person_key == person, _OF.kind == kind.value))
    return bool(connection.execute(own).scalar_one())
