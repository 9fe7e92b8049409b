"""The outbox: mail that is put in, and what is taken out again. `sending` tells how it leaves."""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, and_, bindparam, case, delete, or_, select, update

from conversations.delivery import WITHDRAWABLE, Happening, LetterState, after
from conversations.effects import QueueCode, RecordAction
from conversations.letter import Letter
from storage.tables import actions
from storage.tables import outbox as mails
from storage.vault import Vault

PATIENCE = timedelta(days=5)
"""How long a letter is tried (RFC 5321, 4.5.4.1: at least 4 to 5 days)."""

NEXT_STATUS = mails.c.status + case((mails.c.action.is_(None), 0), else_=1)
"""The status of what a chat shows rises with each state; codes are shown nowhere."""


CODES = ""
"""The lane of codes, which go before all others. A letter's lane is its campaign."""


class MailKind(StrEnum):
    """What a mail is."""

    CODE = "code"
    LETTER = "letter"


_IS_CODE = mails.c.kind == MailKind.CODE.value
_WAITS = mails.c.state.in_(WITHDRAWABLE)
_ADD = mails.insert()
_DROP_CODES = delete(mails).where(mails.c.person_key == bindparam("person"), _IS_CODE)


@dataclass(frozen=True)
class CodeMail:
    """The mail with a one-time code, from `organisation`; answering it disowns the address."""

    code_id: str
    organisation: str
    address: str
    subject: str
    text: str
    language: str


def queue_code(
    connection: Connection,
    vault: Vault,
    person: bytes,
    code_id: str,
    effect: QueueCode,
    *,
    now: datetime,
    expires: datetime,
) -> None:
    """Put the mail of a code into the outbox, before all letters."""
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
            "lane": CODES,
            "not_before": now,
            "expires": expires,
            "queued": now,
            "changed": now,
            "status": 0,
        },
    )


def queue_letter(
    connection: Connection, vault: Vault, person: bytes, effect: RecordAction, *, now: datetime
) -> None:
    """Put a letter into the outbox, to leave when the time to undo is over."""
    leaves = now + timedelta(seconds=effect.undo_seconds)
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
            "expires": leaves + PATIENCE,
            "queued": now,
            "changed": now,
            "status": 1,
        },
    )


def _queue(
    connection: Connection, vault: Vault, content: Letter | CodeMail, row: dict[str, Any]
) -> None:
    mail = secrets.token_hex(16)
    sealed = vault.seal(
        orjson.dumps(asdict(content)), table="outbox", column="content", row=mail.encode()
    )
    state = LetterState.QUEUED.value
    connection.execute(_ADD, {"mail": mail, "sealed_content": sealed, "state": state, **row})


def drop_codes(connection: Connection, person: bytes) -> None:
    """Take the person's code mails away: they were used, replaced or disowned."""
    connection.execute(_DROP_CODES, {"person": person})


def take_back_code(connection: Connection, person: bytes) -> bool:
    """Take the person's code mail away if it has not left; tell whether there was one."""
    own = (mails.c.person_key == person, _IS_CODE)
    return connection.execute(delete(mails).where(*own, _WAITS)).rowcount > 0


def hold_back(connection: Connection, address: bytes, *, now: datetime) -> None:
    """Cancel the letters with the address of that key that have not left.

    What may have left, or is on the wire, is not tried again.
    """
    own = mails.c.action.in_(select(actions.c.action).where(actions.c.address_key == address))
    ahead = and_(mails.c.state == LetterState.SENDING.value, ~mails.c.begun)
    connection.execute(
        update(mails)
        .where(own, or_(_WAITS, ahead), ~mails.c.possible_duplicate)
        .values(
            state=after(LetterState.QUEUED, Happening.WITHDRAWN).value,
            sealed_content=None,
            sealed_message=None,
            lease=None,
            lease_until=None,
            changed=now,
            status=NEXT_STATUS,
        )
    )
    connection.execute(update(mails).where(own).values(expires=now))
