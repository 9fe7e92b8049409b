"""Cancelling mail: letters that are withdrawn, and codes that are no longer needed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    or_,
    select,
    text,
    update,
)

from conversations.model.letters.delivery import (
    WITHDRAWABLE_STATES,
    DeliveryEvent,
    LetterState,
    after,
)
from storage.engine.wake_ups import Worker, wake
from storage.mail.delivery.content import MailKind
from storage.mail.delivery.outbox import NEXT_STATUS
from storage.mail.delivery.pace_slots import free_slot
from storage.schema.tables import (
    LIVE,
    actions,
    codes,
)
from storage.schema.tables import outbox as mails
from storage.schema.tally import Tally
from storage.stats import tallies

_BATCH_SIZE = 1000
"""Number of letters that one statement asks for."""

_IS_CODE = mails.c.kind == MailKind.CODE.value
_WAITS = mails.c.state.in_(WITHDRAWABLE_STATES)
_OF_PERSON = mails.c.about.in_(
    select(codes.c.code_id).where(codes.c.person_key == bindparam("limits"))
)
_DELETE_CODES = delete(mails).where(_OF_PERSON, _IS_CODE)


def delete_letter(connection: Connection, action: str, at: datetime) -> Row[Any] | None:
    """Delete the letter of an action, queued `at` that time, and return its row if it exists.

    Its slot becomes free again.
    """
    row = connection.execute(select(mails).where(mails.c.action == action)).one_or_none()
    connection.execute(delete(mails).where(mails.c.action == action))
    if row is not None:
        free_slot(connection, row, at)
    return row


def delete_codes(connection: Connection, limits: bytes) -> None:
    """Delete the mails with a person's codes, which were used, replaced or disowned.

    `limits` is the person's key in codes.
    """
    connection.execute(_DELETE_CODES, {"limits": limits})


def delete_unsent_code(connection: Connection, limits: bytes) -> bool:
    """Delete the mail with a person's code if it has not left; return whether it existed."""
    return connection.execute(_DELETE_CODES.where(_WAITS), {"limits": limits}).rowcount > 0


def cancel_for_address(connection: Connection, keys: Sequence[bytes], *, now: datetime) -> None:
    """Cancel the letters with this address, and their copies, that have not left.

    `keys` are those of the address in actions. Mail that may have left is not tried again.
    """
    _cancel_actions(connection, actions.c.address_key.in_(keys), now=now)


def cancel_sender(connection: Connection, keys: Sequence[bytes], *, now: datetime) -> None:
    """Cancel a person's letters and copies that have not left. `keys`: those in actions."""
    _cancel_actions(connection, actions.c.person_key.in_(keys), now=now)


def _cancel_actions(connection: Connection, which: ColumnElement[bool], *, now: datetime) -> None:
    """Cancel the letters and copies of these actions, and never send them again."""
    acted = connection.execute(select(actions.c.action).where(which)).scalars().all()
    own = or_(mails.c.action.in_(acted), mails.c.about.in_(acted))
    connection.execute(update(mails).where(own).values(unwanted=True))
    _cancel(connection, own, now=now)


def cancel_letters(connection: Connection, letters: Sequence[str], *, now: datetime) -> None:
    """Cancel these mails, unless they may have left. Their chats are notified."""
    _cancel(connection, mails.c.mail.in_(letters), now=now)


def _cancel(connection: Connection, own: ColumnElement[bool], *, now: datetime) -> None:
    """Cancel the mail for which `own` holds, unless it may have left, and count its letters so.

    Mail that may have left expires now: it is not tried again.
    """
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
            turn_id="",
            status=NEXT_STATUS,
        )
        .returning(mails.c.action)
    ).scalars()
    connection.execute(update(mails).where(own).values(expires=now))
    wake(connection, Worker.REPLIES)
    letters, withdrawn = [action for action in cancelled if action], LetterState.CANCELLED
    tally: list[Tally] = []
    for first in range(0, len(letters), _BATCH_SIZE):
        batch = actions.c.action.in_(letters[first : first + _BATCH_SIZE])
        rows = connection.execute(select(actions).where(batch, text(LIVE)))
        tally += (
            each for row in rows for each in tallies.count_state(row.campaign, row.at, withdrawn)
        )
    tallies.add(connection, tally)
