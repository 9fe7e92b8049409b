"""States of letters that their chats do not show yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, select, update

from conversations.core.facts import CopyState
from conversations.journey.letters.letter_status import StatusFacts
from conversations.model.delivery import LetterState
from storage.admin import campaign_modes
from storage.admin.campaign_modes import Modes
from storage.chats import reachable
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.mail.delivery import mail_outages, outcomes
from storage.mail.delivery.outbox import (
    decrypt_chat,
    decrypt_status_message,
    encrypt_status_message,
)
from storage.mail.delivery.pauses import ALL_SENDING
from storage.schema.server_replies import read_reply
from storage.schema.tables import (
    actions,
    pauses,
)
from storage.schema.tables import outbox as mails
from storage.stats.action_details import decrypt_details, decrypt_number

_IS_UNSHOWN = mails.c.shown_status < mails.c.status
_OF_CHAT = (
    select(
        mails,
        actions.c.encrypted_number,
        actions.c.encrypted_details,
        actions.c.test,
        actions.c.copy_state,
        exists().where(pauses.c.campaign.in_((mails.c.lane, ALL_SENDING))).label("paused"),
        mail_outages.IS_OPEN.label("stuck"),
    )
    .join(actions, actions.c.action == mails.c.action)
    .where(actions.c.person_key.in_(bindparam("keys", expanding=True)), _IS_UNSHOWN)
    .order_by(mails.c.queued)
)
_WAITING = (
    select(mails.c.mail, mails.c.encrypted_chat)
    .where(_IS_UNSHOWN, mails.c.encrypted_chat.is_not(None))
    .order_by(mails.c.changed, mails.c.mail)
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


def unshown_in_chat(
    connection: Connection, vault: Vault, person: PersonKeys
) -> tuple[UnsentStatus, ...]:
    """Return the letters whose state the person's chat does not show yet, oldest first."""
    keys = campaign_keys.keys_of_person(connection, vault, person)
    rows = connection.execute(_OF_CHAT, {"keys": keys}).all()
    modes = campaign_modes.load(connection, vault) if rows else Modes({})
    return tuple(_unsent(vault, row, closed=modes.of(row.lane).closed) for row in rows)


def chats_with_unshown(
    connection: Connection, vault: Vault, *, now: datetime, limit: int = 100
) -> tuple[int, ...]:
    """Return up to `limit` chats that do not show the current state of all their letters.

    Chats that are paused, or in which somebody catches up, are left out: however many they are,
    the others are found.
    """

    def waiting(row: Row[Any]) -> int:
        return decrypt_chat(vault, row.mail, row.encrypted_chat)

    return reachable.find(connection, vault, _WAITING, waiting, now=now, limit=limit)


def record_shown(
    connection: Connection, vault: Vault, mail: str, status: int, message: int | None
) -> None:
    """Record that the Telegram message `message` shows version `status` of a letter's state."""
    encrypted = encrypt_status_message(vault, mail, message)
    values = {"shown_status": status, "encrypted_status_message": encrypted}
    connection.execute(_RECORD_SHOWN, {"of": mail, "below": status, **values})


def _unsent(vault: Vault, row: Row[Any], *, closed: bool) -> UnsentStatus:
    details = decrypt_details(vault, row.action, row.encrypted_details)
    facts = StatusFacts(
        action=row.action,
        campaign=row.campaign,
        state=outcomes.shown_state(row),
        not_before=row.not_before,
        changed=row.changed,
        number=decrypt_number(vault, row.action, row.encrypted_number),
        reply=read_reply(row),
        confirmed=row.confirmed is not None,
        copy=row.copy_state == CopyState.KEPT.value and not row.test,
        given_up=row.state == LetterState.UNKNOWN.value and row.possible_duplicate,
        held=row.held,
        paused=row.paused,
        stuck=row.stuck,
        closed=closed,
        test=row.test,
        target=row.target,
        hides_address=details.hides_address,
        clear_after=details.clear_after,
    )
    message = decrypt_status_message(vault, row.mail, row.encrypted_status_message)
    return UnsentStatus(row.mail, row.status, message, details.language, facts)
