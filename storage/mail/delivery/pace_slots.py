"""Slots of paced letters: when the next letter to a target leaves."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Row, bindparam, func, select, update

from conversations.core.effects.letters import RecordAction
from conversations.model.delivery import LetterState
from conversations.model.pace import Pace, next_slot
from storage.engine.dialects import insert
from storage.schema.tables import outbox as mails
from storage.schema.tables import paces

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_SET_LAST = update(paces).where(
    paces.c.campaign == bindparam("of"), paces.c.target == bindparam("to")
)


def take_slot(
    connection: Connection, effect: RecordAction, pace: Pace, earliest: datetime
) -> datetime:
    """Take the next free slot for a letter, and return when the letter leaves."""
    to = {"campaign": effect.campaign, "target": effect.letter.target_id}
    last = connection.execute(_lock(connection.dialect.name), {**to, "last": _NEVER}).scalar_one()
    # All digits of the token are random.
    chance = int(effect.message_token[:8], 16) / 16**8
    slot = next_slot(pace, None if last == _NEVER else last, earliest, chance)
    values = {"of": effect.campaign, "to": effect.letter.target_id, "last": slot}
    connection.execute(_SET_LAST, values)
    return slot


def last_slot(connection: Connection, campaign: str, target: str) -> datetime | None:
    """Return when the last letter to a target leaves; None if none was written yet."""
    query = select(paces.c.last).where(paces.c.campaign == campaign, paces.c.target == target)
    last = connection.execute(query).scalar_one_or_none()
    return None if last in (None, _NEVER) else last


def free_slot(connection: Connection, mail: Row[Any], at: datetime) -> None:
    """Free the slot of a deleted letter, queued `at` that time, if it was the last one.

    Otherwise, a person who sends and withdraws repeatedly could delay all other letters.
    """
    ahead = select(func.max(mails.c.not_before)).where(
        mails.c.lane == mail.lane,
        mails.c.target == mail.target,
        mails.c.state == LetterState.QUEUED.value,
    )
    last = connection.execute(ahead).scalar() or at
    values = {"of": mail.campaign, "to": mail.target, "last": last}
    connection.execute(_SET_LAST.where(paces.c.last == mail.not_before), values)


@cache
def _lock(dialect: str) -> Executable:
    """Return the statement that reads the last slot, and locks it until the transaction ends."""
    statement = insert(dialect, paces)
    return statement.on_conflict_do_update(
        index_elements=["campaign", "target"], set_={"last": paces.c.last}
    ).returning(paces.c.last)
