"""The outbox: mail is queued here. `sending` claims it, and `outcomes` records the results."""

import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    case,
    func,
    select,
    union_all,
)

from conversations.core.effects.journey import QueueCode
from conversations.core.effects.letters import RecordAction
from conversations.model.delivery import (
    LetterState,
)
from conversations.model.letter import Letter
from storage.crypto.vault import Vault
from storage.mail.address_keys import address_key
from storage.mail.delivery.content import (
    CodeMail,
    Content,
    CopyMail,
    Forward,
    MailKind,
    OwnerMail,
)
from storage.mail.delivery.pace_slots import take_slot
from storage.schema.encryption import MAIL_CONTENT
from storage.schema.tables import (
    actions,
    blocked_senders,
    disowned_addresses,
)
from storage.schema.tables import outbox as mails

RETRY_PERIOD = timedelta(days=5)
"""How long a mail is retried (RFC 5321, 4.5.4.1: at least 4 to 5 days)."""

CODES_LANE = ""
"""The lane of codes, which leave first. The lane of a letter is its campaign."""

COPIES_LANE = "~"
"""The lane of copies and forwarded replies. No campaign has it, so no pause stops them."""

NEXT_STATUS = mails.c.status + case((mails.c.action.is_(None), 0), else_=1)
"""The next version of what the chat shows. It rises with each state of a letter."""

UNWANTED = union_all(
    select(actions.c.action).join(
        disowned_addresses, disowned_addresses.c.address_key == actions.c.address_key
    ),
    select(actions.c.action).join(
        blocked_senders, blocked_senders.c.person_key == actions.c.person_key
    ),
)
"""Actions with a disowned address, or of a blocked person: none of their mail is sent."""

OF_ACTION = func.coalesce(mails.c.action, mails.c.about)
"""The action that a mail belongs to; NULL for a code."""


_ADD = mails.insert()


def queue_code(
    connection: Connection,
    vault: Vault,
    person: bytes,
    code_id: str,
    effect: QueueCode,
    *,
    now: datetime,
    expires: datetime,
    turn_id: str = "",
) -> None:
    """Queue the mail with a code, before all letters."""
    content = CodeMail(
        code_id, effect.organisation, effect.address, effect.subject, effect.text, effect.language
    )
    _queue(
        connection,
        vault,
        content,
        {
            "kind": MailKind.CODE.value,
            "campaign": effect.campaign,
            "action": None,
            "person_key": person,
            "message_id": secrets.token_hex(16),
            "lane": CODES_LANE,
            "not_before": now,
            "expires": expires,
            "queued": now,
            "changed": now,
            "status": 0,
            "turn_id": turn_id,
        },
    )


def queue_owner_mail(
    connection: Connection, vault: Vault, content: OwnerMail, *, now: datetime, expires: datetime
) -> None:
    """Queue a mail to the owner of an address, before all letters."""
    row = {
        "kind": MailKind.OWNER.value,
        "campaign": "",
        "action": None,
        "person_key": b"",
        "message_id": secrets.token_hex(16),
        "lane": CODES_LANE,
        "not_before": now,
        "expires": expires,
        "queued": now,
        "changed": now,
        "status": 0,
    }
    _queue(connection, vault, content, row)


def queue_letter(
    connection: Connection,
    vault: Vault,
    person: bytes,
    effect: RecordAction,
    *,
    now: datetime,
    turn_id: str = "",
) -> None:
    """Queue a letter, to leave after the time to undo, or later in the next slot of its pace."""
    leaves = now + timedelta(seconds=effect.undo_seconds)
    if effect.pace is not None:
        leaves = take_slot(connection, effect, effect.pace, leaves)
    _queue(
        connection,
        vault,
        effect.letter,
        {
            "kind": MailKind.LETTER.value,
            "campaign": effect.campaign,
            "action": effect.action,
            "person_key": person,
            "target": effect.letter.target_id,
            "message_id": effect.message_token,
            "lane": effect.campaign,
            "not_before": leaves,
            "expires": leaves + RETRY_PERIOD,
            "queued": now,
            "changed": now,
            "status": 1,
            "turn_id": turn_id,
        },
    )


def queue_about(
    connection: Connection,
    vault: Vault,
    person: bytes,
    content: CopyMail | Forward,
    *,
    campaign: str,
    about: str,
    now: datetime,
    not_before: datetime | None = None,
    mail: str | None = None,
    turn_id: str = "",
) -> None:
    """Queue a copy of an action's letter, or a reply to it that is forwarded.

    `about` is the action, or its letter if the action was settled. `not_before` is when the mail
    leaves; None: now. `mail` is the id of the new mail; None: a random id.
    """
    leaves = not_before or now
    kind = MailKind.COPY if isinstance(content, CopyMail) else MailKind.FORWARD
    row = {
        "kind": kind.value,
        "campaign": campaign,
        "action": None,
        "about": about,
        "person_key": person,
        "message_id": secrets.token_hex(16),
        "lane": COPIES_LANE,
        "not_before": leaves,
        "expires": leaves + RETRY_PERIOD,
        "queued": now,
        "changed": now,
        "status": 0,
        "turn_id": turn_id,
    }
    _queue(connection, vault, content, row, mail)


def _queue(
    connection: Connection,
    vault: Vault,
    content: Content,
    row: dict[str, Any],
    mail: str | None = None,
) -> None:
    mail = mail or secrets.token_hex(16)
    encrypted = vault.encrypt(orjson.dumps(asdict(content)), MAIL_CONTENT, row=mail.encode())
    recipient = content.recipient if isinstance(content, Letter) else content.address
    first = {
        "state": LetterState.QUEUED.value,
        "due": row["not_before"],
        "recipient_key": address_key(vault, recipient),
    }
    connection.execute(_ADD, {"mail": mail, "encrypted_content": encrypted, **first, **row})
