"""The outbox: mail is queued here. `sending` claims it, and `outcomes` records the results."""

import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, case, select

from conversations.core.effects.journey import QueueCode
from conversations.core.effects.letters import RecordAction
from conversations.model.letters.delivery import (
    LetterState,
)
from conversations.model.letters.letter import Letter
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.wake_ups import Worker, wake
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery.content import (
    CodeMail,
    Content,
    CopyMail,
    Forward,
    MailKind,
    OwnerMail,
)
from storage.mail.delivery.pace_slots import take_slots
from storage.schema.encryption import MAIL_CHAT, MAIL_CONTENT, MAIL_STATUS_MESSAGE
from storage.schema.tables import outbox as mails
from storage.schema.tables import pauses
from storage.transaction import require

RETRY_PERIOD = timedelta(days=5)
"""How long a mail is retried (RFC 5321, 4.5.4.1: at least 4 to 5 days)."""

CODES_LANE = ""
"""The lane of codes, which leave first. The lane of a letter is its campaign, or `target_lane`."""

COPIES_LANE = "~"
"""The lane of copies and forwarded replies. No campaign has it, so no pause stops them."""

_PAUSED = select(pauses.c.campaign).where(pauses.c.campaign.in_(bindparam("lanes", expanding=True)))

NEXT_STATUS = mails.c.status + case((mails.c.action.is_(None), 0), else_=1)
"""The next version of what the chat shows. It rises with each state of a letter."""

_ADD = mails.insert()


def queue_code(
    connection: Connection,
    vault: Vault,
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
            "about": code_id,
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
        "message_id": secrets.token_hex(16),
        "lane": CODES_LANE,
        "not_before": now,
        "expires": expires,
        "queued": now,
        "changed": now,
        "status": 0,
    }
    _queue(connection, vault, content, row)


def target_lane(campaign: str, target: str) -> str:
    """Return the lane of the letters to a target while it is paused. No campaign has a slash."""
    return f"{campaign}/{target}"


def _letter_lanes(connection: Connection, effect: RecordAction) -> dict[str, str]:
    """Return the lane of the letters to each target, by id."""
    campaign = effect.campaign
    own = {
        target_lane(campaign, each.letter.target_id): each.letter.target_id
        for each in effect.letters
    }
    paused = set(connection.execute(_PAUSED, {"lanes": list(own)}).scalars())
    return {target: lane if lane in paused else campaign for lane, target in own.items()}


def queue_letters(
    connection: Connection,
    vault: Vault,
    person: PersonKeys,
    effect: RecordAction,
    *,
    now: datetime,
    turn_id: str = "",
) -> None:
    """Queue letters, to leave after the time to undo, or later in the next slot of their pace."""
    earliest = now + timedelta(seconds=effect.undo_seconds)
    slots = take_slots(connection, effect.campaign, effect.letters, earliest)
    leaves = {each.action: slots.get(each.action, earliest) for each in effect.letters}
    # More letters were written since the answer was composed: it is composed again.
    require(max(leaves.values()).date() <= effect.keep_until)
    lanes = _letter_lanes(connection, effect)
    rows = [
        _row(
            vault,
            each.letter,
            {
                "kind": MailKind.LETTER.value,
                "campaign": effect.campaign,
                "action": each.action,
                "target": each.letter.target_id,
                "message_id": each.message_token,
                "lane": lanes[each.letter.target_id],
                "settle_days": effect.settle_days,
                "not_before": leaves[each.action],
                "expires": leaves[each.action] + RETRY_PERIOD,
                "queued": now,
                "changed": now,
                "status": 1,
                "turn_id": turn_id,
            },
            chat=person.chat_id,
        )
        for each in effect.letters
    ]
    connection.execute(_ADD, rows)
    wake(connection, Worker.MAIL)


def queue_about(
    connection: Connection,
    vault: Vault,
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
    connection.execute(_ADD, _row(vault, content, row, mail))
    wake(connection, Worker.MAIL)


def _row(
    vault: Vault,
    content: Content,
    row: dict[str, Any],
    mail: str | None = None,
    chat: int | None = None,
) -> dict[str, Any]:
    """Return the whole row of a mail; `row` has what depends on its kind."""
    mail = mail or secrets.token_hex(16)
    place = mail.encode()
    encrypted = vault.encrypt(orjson.dumps(asdict(content)), MAIL_CONTENT, row=place)
    recipient = content.recipient if isinstance(content, Letter) else content.address
    first = {
        "state": LetterState.QUEUED.value,
        "due": row["not_before"],
        "recipient_key": AddressKeys.of(vault, recipient).recipient(mail),
        "encrypted_chat": chat and vault.encrypt(str(chat).encode(), MAIL_CHAT, row=place),
    }
    return {"mail": mail, "encrypted_content": encrypted, **first, **row}


def decrypt_chat(vault: Vault, mail: str, encrypted: bytes) -> int:
    """Return the Telegram chat id of the supporter whose letter the mail is."""
    return int(vault.decrypt(encrypted, MAIL_CHAT, row=mail.encode()))


def decrypt_status_message(vault: Vault, mail: str, encrypted: bytes | None) -> int | None:
    """Return the Telegram message id of the message that shows the letter's state, if any."""
    if encrypted is None:
        return None
    return int(vault.decrypt(encrypted, MAIL_STATUS_MESSAGE, row=mail.encode()))


def encrypt_status_message(vault: Vault, mail: str, message: int | None) -> bytes | None:
    """Return the encrypted form of the message id."""
    if message is None:
        return None
    return vault.encrypt(str(message).encode(), MAIL_STATUS_MESSAGE, row=mail.encode())
