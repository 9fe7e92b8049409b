"""Slots of paced letters: when the next letter to a target leaves."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Executable, Row, bindparam, select, text, update

from conversations.core.effects.letters import LetterToSend
from conversations.model.campaigns.pace import next_slot
from conversations.model.letters.delivery import LetterState
from storage.engine.dialects import insert
from storage.schema.tables import DUE, paces
from storage.schema.tables import outbox as mails

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_OF = (paces.c.campaign == bindparam("of"), paces.c.target == bindparam("to"))
_SET_LAST = update(paces).where(*_OF)
_LAST = select(paces.c.last).where(*_OF).with_for_update()
# The last one that waits. Read backwards, the index finds it at once.
_AHEAD = (
    select(mails.c.not_before)
    .where(
        text(DUE),
        mails.c.lane == bindparam("in"),
        mails.c.target == bindparam("to"),
        mails.c.state == LetterState.QUEUED.value,
    )
    .order_by(mails.c.not_before.desc())
    .limit(1)
)


def take_slots(
    connection: Connection, campaign: str, letters: Sequence[LetterToSend], earliest: datetime
) -> dict[str, datetime]:
    """Take the next free slot for each letter that is paced; return when it leaves, by action."""
    paced = {each.letter.target_id: each for each in letters if each.pace is not None}
    if not paced:
        return {}
    # In the order of their ids, so that no deadlock arises.
    rows = [{"campaign": campaign, "target": id_, "last": _NEVER} for id_ in sorted(paced)]
    locked = connection.execute(_lock(connection.dialect.name, rows)).all()
    last = {row.target: row.last for row in locked}
    slots = {
        id_: _slot(each, None if last[id_] == _NEVER else last[id_], earliest)
        for id_, each in paced.items()
    }
    values = [{"of": campaign, "to": id_, "last": slot} for id_, slot in slots.items()]
    connection.execute(_SET_LAST, values)
    return {each.action: slots[id_] for id_, each in paced.items()}


def _slot(each: LetterToSend, last: datetime | None, earliest: datetime) -> datetime:
    # All digits of the token are random.
    chance = int(each.message_token[:8], 16) / 16**8
    return next_slot(each.pace, last, earliest, chance) if each.pace else earliest


def last_slots(
    connection: Connection, campaign: str, targets: Sequence[str]
) -> dict[str, datetime]:
    """Return when the last letter to each target leaves, without targets to which none was written
    yet.
    """
    query = select(paces.c.target, paces.c.last).where(
        paces.c.campaign == campaign, paces.c.target.in_(targets)
    )
    return {row.target: row.last for row in connection.execute(query) if row.last != _NEVER}


def free_slot(connection: Connection, mail: Row[Any], at: datetime) -> None:
    """Free the slot of a deleted letter, queued `at` that time, if it was the last one.

    Otherwise, a person who sends and withdraws repeatedly could delay all other letters.
    """
    place = {"of": mail.campaign, "to": mail.target}
    if connection.execute(_LAST, place).scalar() != mail.not_before:
        return
    last = connection.execute(_AHEAD, {"in": mail.lane, "to": mail.target}).scalar() or at
    connection.execute(_SET_LAST, {**place, "last": last})


def _lock(dialect: str, rows: Sequence[Mapping[str, Any]]) -> Executable:
    """Return the statement that reads the last slots, and locks them until the transaction ends."""
    statement = insert(dialect, paces).values(rows)
    return statement.on_conflict_do_update(
        index_elements=["campaign", "target"], set_={"last": paces.c.last}
    ).returning(paces.c.target, paces.c.last)
