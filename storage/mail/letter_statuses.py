"""States of letters that their chats do not show yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, or_, select, update

from conversations.core.facts import CopyState
from conversations.journey.letters.letter_status import StatusFacts
from conversations.model.delivery import LetterState
from storage.chats.chat_ids import decrypt_chat_id
from storage.chats.leases import IS_SET_ASIDE
from storage.crypto.vault import Vault
from storage.mail.delivery import mail_outages, outcomes
from storage.mail.delivery.pauses import ALL_SENDING
from storage.schema.server_replies import read_reply
from storage.schema.tables import (
    actions,
    campaigns,
    chats,
    pauses,
)
from storage.schema.tables import outbox as mails

_IS_UNSHOWN = mails.c.shown_status < mails.c.status
_OF_CHAT = (
    select(
        mails,
        actions.c.number,
        actions.c.language,
        actions.c.test,
        actions.c.copy_state,
        exists().where(pauses.c.campaign.in_((mails.c.lane, ALL_SENDING))).label("paused"),
        exists()
        .where(campaigns.c.slug == mails.c.lane, campaigns.c.closed_since.is_not(None))
        .label("closed"),
        mail_outages.IS_OPEN.label("stuck"),
    )
    .join(actions, actions.c.action == mails.c.action)
    .where(mails.c.person_key == bindparam("person"), _IS_UNSHOWN)
    .order_by(mails.c.queued)
)
_WAITING = (
    select(chats.c.person_key, chats.c.encrypted_chat)
    .join(mails, mails.c.person_key == chats.c.person_key)
    .where(_IS_UNSHOWN, ~chats.c.blocked, or_(chats.c.lease.is_(None), ~IS_SET_ASIDE))
    .order_by(mails.c.changed)
    .limit(bindparam("most"))
)
_RECORD_SHOWN = update(mails).where(
    mails.c.mail == bindparam("of"), mails.c.shown_status < bindparam("below")
)


@dataclass(frozen=True)
class UnsentStatus:
    """A letter whose current state its chat does not show yet."""

    mail: str
    """Id of the letter's mail."""

    status: int
    """Version of the state."""

    message: int | None
    """Telegram message id of the message to edit; None: send a new one."""

    language: str
    facts: StatusFacts


def unshown_in_chat(connection: Connection, person: bytes) -> tuple[UnsentStatus, ...]:
    """Return the letters whose state the person's chat does not show yet, oldest first."""
    rows = connection.execute(_OF_CHAT, {"person": person}).all()
    return tuple(_unsent(row) for row in rows)


def chats_with_unshown(
    connection: Connection, vault: Vault, *, now: datetime, limit: int = 100
) -> tuple[int, ...]:
    """Return up to `limit` chats that do not show the current state of all their letters.

    Chats that are paused, or in which somebody catches up, are left out: however many they are,
    the others are found.
    """
    rows = connection.execute(_WAITING, {"most": limit, "now": now}).all()
    return tuple(
        dict.fromkeys(decrypt_chat_id(vault, row.encrypted_chat, row.person_key) for row in rows)
    )


def record_shown(connection: Connection, mail: str, status: int, message: int | None) -> None:
    """Record that the Telegram message `message` shows version `status` of a letter's state."""
    values = {"shown_status": status, "status_message": message}
    connection.execute(_RECORD_SHOWN, {"of": mail, "below": status, **values})


def _unsent(row: Row[Any]) -> UnsentStatus:
    facts = StatusFacts(
        action=row.action,
        campaign=row.campaign,
        state=outcomes.shown_state(row),
        not_before=row.not_before,
        changed=row.changed,
        number=row.number,
        reply=read_reply(row),
        confirmed=row.confirmed is not None,
        copy=row.copy_state == CopyState.KEPT.value and not row.test,
        given_up=row.state == LetterState.UNKNOWN.value and row.possible_duplicate,
        held=row.held,
        paused=row.paused,
        stuck=row.stuck,
        closed=row.closed,
        test=row.test,
        target=row.target,
    )
    return UnsentStatus(row.mail, row.status, row.status_message, row.language, facts)
