"""The outbox: mail that is put in, and what is taken out again. `sending` tells how it leaves."""

import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    text,
    union_all,
    update,
)

from conversations.core.effects.journey import QueueCode
from conversations.core.effects.letters import RecordAction
from conversations.model.delivery import (
    WITHDRAWABLE_STATES,
    DeliveryEvent,
    LetterState,
    after,
)
from conversations.model.letter import Letter
from conversations.model.pace import Pace, next_slot
from storage.crypto.vault import Vault
from storage.engine.dialects import insert
from storage.schema.encryption import MAIL_CONTENT
from storage.schema.tables import (
    LIVE,
    actions,
    blocked_senders,
    disowned_addresses,
    paces,
)
from storage.schema.tables import outbox as mails
from storage.schema.tally import Tally
from storage.stats import tallies

RETRY_PERIOD = timedelta(days=5)
"""How long a letter is tried (RFC 5321, 4.5.4.1: at least 4 to 5 days)."""

CODES = ""
"""The lane of codes, which go before all others. A letter's lane is its campaign."""

COPIES = "~"
"""The lane of copies and answers: no campaign has it, and none that rests stops them."""

NEXT_STATUS = mails.c.status + case((mails.c.action.is_(None), 0), else_=1)
"""The status of what a chat shows rises with each state; only letters are shown."""

_AT_ONCE = 1000
"""How many letters are asked for in one statement."""

UNWANTED = union_all(
    select(actions.c.action).join(
        disowned_addresses, disowned_addresses.c.address_key == actions.c.address_key
    ),
    select(actions.c.action).join(
        blocked_senders, blocked_senders.c.person_key == actions.c.person_key
    ),
)
"""The actions of who said “this wasn't me”, or is blocked: no mail of theirs is left to send."""

OF_ACTION = func.coalesce(mails.c.action, mails.c.about)
"""The action that a mail belongs to; none for a code."""


class MailKind(StrEnum):
    """What a mail is."""

    CODE = "code"
    LETTER = "letter"
    COPY = "copy"
    FORWARD = "forward"


_IS_CODE = mails.c.kind == MailKind.CODE.value
_WAITS = mails.c.state.in_(WITHDRAWABLE_STATES)
_ADD = mails.insert()
_MOVE = update(paces).where(paces.c.campaign == bindparam("of"), paces.c.target == bindparam("to"))
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
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


@dataclass(frozen=True)
class CopyMail:
    """A letter, for its supporter: its subject, and its text under a few words of ours."""

    organisation: str
    address: str
    subject: str
    text: str
    language: str


@dataclass(frozen=True)
class Forward:
    """An answer that came to an address of ours, on its way to whom it was meant for.

    `author` is the name of who wrote it, `reply_to` their address. `headers` tell what the content
    is (RFC 2045), and `content` is its bytes, as ASCII.
    """

    address: str
    author: str
    organisation: str
    reply_to: str
    subject: str
    headers: tuple[str, ...]
    content: str


Content = Letter | CodeMail | CopyMail | Forward


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
            "turn_id": turn_id,
        },
    )


def queue_letter(
    connection: Connection,
    vault: Vault,
    person: bytes,
    effect: RecordAction,
    *,
    now: datetime,
    turn_id: str = "",
) -> None:
    """Put a letter into the outbox, to leave when the time to undo is over and its turn comes."""
    leaves = now + timedelta(seconds=effect.undo_seconds)
    if effect.pace is not None:
        leaves = _slot(connection, effect, effect.pace, leaves)
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


def _slot(connection: Connection, effect: RecordAction, pace: Pace, earliest: datetime) -> datetime:
    """Return when the letter leaves, and note it: whoever comes next, leaves after it."""
    to = {"campaign": effect.campaign, "target": effect.letter.target_id}
    last = connection.execute(_last(connection.dialect.name), {**to, "last": _NEVER}).scalar_one()
    # The token is random in all its digits.
    chance = int(effect.message_token[:8], 16) / 16**8
    slot = next_slot(pace, None if last == _NEVER else last, earliest, chance)
    connection.execute(_MOVE, {"of": effect.campaign, "to": effect.letter.target_id, "last": slot})
    return slot


@cache
def _last(dialect: str) -> Executable:
    """Return what asks when the last letter leaves, and holds the answer for this transaction."""
    statement = insert(dialect, paces)
    return statement.on_conflict_do_update(
        index_elements=["campaign", "target"], set_={"last": paces.c.last}
    ).returning(paces.c.last)


def queue_about(
    connection: Connection,
    vault: Vault,
    person: bytes,
    content: CopyMail | Forward,
    *,
    campaign: str,
    about: str,
    now: datetime,
    mail: str | None = None,
    turn_id: str = "",
) -> None:
    """Put a copy of an action's letter, or an answer to it, into the outbox.

    `about` is the action, or, where that is gone, its letter; `mail` its id, where it has one.
    """
    kind = MailKind.COPY if isinstance(content, CopyMail) else MailKind.FORWARD
    row = {
        "kind": kind.value,
        "campaign": campaign,
        "action": None,
        "about": about,
        "person_key": person,
        "message_id": secrets.token_hex(16),
        "lane": COPIES,
        "not_before": now,
        "expires": now + RETRY_PERIOD,
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
    sealed = vault.encrypt(orjson.dumps(asdict(content)), MAIL_CONTENT, row=mail.encode())
    first = {"state": LetterState.QUEUED.value, "due": row["not_before"]}
    connection.execute(_ADD, {"mail": mail, "encrypted_content": sealed, **first, **row})


def delete_letter(connection: Connection, action: str, at: datetime) -> Row[Any] | None:
    """Take the letter of an action away, as if it had never been queued `at` that time.

    Returns its row, if there was one.
    """
    row = connection.execute(select(mails).where(mails.c.action == action)).one_or_none()
    connection.execute(delete(mails).where(mails.c.action == action))
    if row is not None:
        _free_slot(connection, row, at)
    return row


def _free_slot(connection: Connection, row: Row[Any], at: datetime) -> None:
    """Give the letter's turn back where it was the last, or anyone could push all others away."""
    ahead = select(func.max(mails.c.not_before)).where(
        mails.c.lane == row.lane,
        mails.c.target == row.target,
        mails.c.state == LetterState.QUEUED.value,
    )
    last = connection.execute(ahead).scalar() or at
    where = {"of": row.campaign, "to": row.target}
    connection.execute(_MOVE.where(paces.c.last == row.not_before), {**where, "last": last})


def delete_codes(connection: Connection, person: bytes) -> None:
    """Take the person's code mails away: they were used, replaced or disowned."""
    connection.execute(_DROP_CODES, {"person": person})


def delete_unsent_code(connection: Connection, person: bytes) -> bool:
    """Take the person's code mail away if it has not left; tell whether there was one."""
    own = (mails.c.person_key == person, _IS_CODE)
    return connection.execute(delete(mails).where(*own, _WAITS)).rowcount > 0


def cancel_for_address(connection: Connection, address: bytes, *, now: datetime) -> None:
    """Cancel the letters with the address of that key, and their copies, that have not left.

    What may have left, or is on the wire, is not tried again.
    """
    acted = select(actions.c.action).where(actions.c.address_key == address)
    _hold_back(connection, or_(mails.c.action.in_(acted), mails.c.about.in_(acted)), now=now)


def cancel_campaign(connection: Connection, campaign: str, *, now: datetime) -> None:
    """Cancel all letters of a campaign that have not left; their chats are told."""
    own = and_(mails.c.lane == campaign, mails.c.action.is_not(None))
    _hold_back(connection, own, now=now)


def cancel_person(connection: Connection, person: bytes, *, now: datetime) -> None:
    """Cancel a person's letters that have not left, and the copies of those that have."""
    about = or_(mails.c.action.is_not(None), mails.c.about.is_not(None))
    _hold_back(connection, and_(mails.c.person_key == person, about), now=now)


def _hold_back(connection: Connection, own: ColumnElement[bool], *, now: datetime) -> None:
    ahead = and_(mails.c.state == LetterState.SENDING.value, ~mails.c.transmitting)
    cancelled = connection.execute(
        update(mails)
        .where(own, or_(_WAITS, ahead), ~mails.c.possible_duplicate)
        .values(
            state=after(LetterState.QUEUED, DeliveryEvent.WITHDRAWN).value,
            encrypted_content=None,
            encrypted_message=None,
            lease=None,
            lease_until=None,
            changed=now,
            status=NEXT_STATUS,
        )
        .returning(mails.c.action)
    ).scalars()
    connection.execute(update(mails).where(own).values(expires=now))
    letters, withdrawn = [action for action in cancelled if action], LetterState.CANCELLED
    tally: list[Tally] = []
    for first in range(0, len(letters), _AT_ONCE):
        some = actions.c.action.in_(letters[first : first + _AT_ONCE])
        rows = connection.execute(select(actions).where(some, text(LIVE)))
        tally += (
            each for row in rows for each in tallies.count_state(row.campaign, row.at, withdrawn)
        )
    tallies.add(connection, tally)
