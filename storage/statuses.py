"""How letters fare, and which of it a chat has not been told."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update

from conversations.status import StatusFacts
from storage import outbox
from storage.tables import actions, chats
from storage.tables import outbox as mails
from storage.vault import Vault


@dataclass(frozen=True)
class Untold:
    """A letter whose state a chat does not show yet. `message` is the one to edit, if there is."""

    mail: str
    status: int
    message: int | None
    language: str
    facts: StatusFacts


def of_chat(connection: Connection, person: bytes) -> tuple[Untold, ...]:
    """Return what the person's chat has not been told of their letters, oldest first."""
    rows = connection.execute(
        select(mails, actions.c.number, actions.c.language)
        .join(actions, actions.c.action == mails.c.action)
        .where(mails.c.person_key == person, mails.c.told_status < mails.c.status)
        .order_by(mails.c.queued)
    ).all()
    return tuple(_untold(row) for row in rows)


def waiting(connection: Connection, vault: Vault, *, limit: int = 100) -> tuple[int, ...]:
    """Return the chats that have something to be told of their letters."""
    rows = connection.execute(
        select(chats.c.person_key, chats.c.sealed_chat)
        .join(mails, mails.c.person_key == chats.c.person_key)
        .where(mails.c.told_status < mails.c.status, ~chats.c.blocked)
        .order_by(mails.c.changed)
        .limit(limit)
    ).all()
    chat = {"table": "chats", "column": "chat"}
    return tuple(
        dict.fromkeys(int(vault.open(row.sealed_chat, **chat, row=row.person_key)) for row in rows)
    )


def told(connection: Connection, mail: str, status: int, message: int | None) -> None:
    """Note that the chat shows `status` of a letter, in `message`."""
    connection.execute(
        update(mails)
        .where(mails.c.mail == mail, mails.c.told_status < status)
        .values(told_status=status, status_message=message)
    )


def _untold(row: Row[Any]) -> Untold:
    facts = StatusFacts(
        action=row.action,
        campaign=row.campaign,
        state=outbox.shown(row),
        not_before=row.not_before,
        changed=row.changed,
        number=row.number,
        smtp_text=row.smtp_text or "",
    )
    return Untold(row.mail, row.status, row.status_message, row.language, facts)
