"""Changes to many letters at once: pauses and their ends, outages that are over, withdrawals.

The first slice is changed at once, and the others in transactions of their own, so that nothing
else waits. The row of the change says how far it has come, so it goes on after a crash. A letter
that is claimed meanwhile is changed before.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    select,
    text,
    tuple_,
    update,
)

from conversations.model.letters.delivery import WITHDRAWABLE_STATES, LetterState
from storage.engine.wake_ups import Worker, wake
from storage.mail.delivery.outbox import NEXT_STATUS, RETRY_PERIOD
from storage.mail.letters import cancellation
from storage.schema.tables import DUE, UNFINISHED, letter_changes
from storage.schema.tables import outbox as mails

SLICE_SIZE = 50
"""Number of letters that one transaction changes at most."""

MAX_CLOCK_SKEW = timedelta(minutes=1)
"""How far the clocks of two machines may be apart. Letters that are written later don't change."""

EVERYTHING = "*"
"""In place of a campaign: all mail. It is stored."""


class ChangeKind(StrEnum):
    """What is done to the letters. The values are stored."""

    PAUSE = "pause"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    OUTAGE_OVER = "outage_over"
    RETRY = "retry"


@dataclass(frozen=True)
class LetterChange:
    """A change to the letters of a campaign, or of one of its targets."""

    kind: ChangeKind
    at: datetime
    campaign: str = EVERYTHING
    target: str = ""
    """Id of the target; empty: all letters of the campaign."""

    lane: str = ""
    """The new lane of the letters; empty: they stay in theirs."""

    since: datetime | None = None
    """When the outage began that is over."""

    id: str = ""
    position: tuple[str, str, str] = ("", "", "")
    """Campaign, target and mail of the last letter that was changed."""

    done: int = 0
    """How many letters were looked at so far."""


_PLACE = (mails.c.campaign, mails.c.target, mails.c.mail)
_AMONG = mails.c.mail.in_(bindparam("of", expanding=True))
_IS_LETTER = mails.c.action.is_not(None)
_WAITS = (_AMONG, mails.c.state.in_(WITHDRAWABLE_STATES), text(DUE))
# Chats show when a letter leaves, which changes.
_SHOW = update(mails).where(*_WAITS, _IS_LETTER).values(status=NEXT_STATUS)
_SHOW_SINCE = (
    update(mails)
    .where(*_WAITS, mails.c.changed >= bindparam("since", type_=mails.c.changed.type))
    .values(status=NEXT_STATUS)
)
_BEFORE = mails.c.expires < bindparam("before", type_=mails.c.expires.type)
_EXTEND = update(mails).where(*_WAITS, _IS_LETTER, _BEFORE, ~mails.c.unwanted)
# Mail that is being sent, too: it may be deferred in a moment.
_GIVE_BACK = update(mails).where(
    _AMONG,
    _BEFORE,
    mails.c.expires > bindparam("since", type_=mails.c.expires.type),
    ~mails.c.unwanted,
)
# Mail that was never tried has a time of its own.
_DUE_NOW = update(mails).where(
    _AMONG, mails.c.state == LetterState.QUEUED.value, mails.c.smtp_meaning.is_not(None)
)
_MOVE = update(mails).where(_AMONG, _IS_LETTER)
_ALL = select(letter_changes).order_by(letter_changes.c.at, letter_changes.c.change)
_THIS = letter_changes.c.change == bindparam("of")


def begin(connection: Connection, change: LetterChange) -> None:
    """Change the first letters, and note what is left."""
    change = _change_slice(connection, change)
    if change.position != _END:
        connection.execute(letter_changes.insert(), _row(replace(change, id=secrets.token_hex(16))))


def withdraw(connection: Connection, campaign: str, target: str = "", *, now: datetime) -> None:
    """Cancel the letters of a campaign, or to one of its targets, that have not left.

    Their chats are notified. None of these letters leaves after this, whatever is left to do.
    """
    begin(connection, LetterChange(ChangeKind.WITHDRAW, now, campaign, target))


def go_on(connection: Connection) -> bool:
    """Change the next letters of the change that began first; return whether any was left."""
    first = _ALL.limit(1).with_for_update(skip_locked=True)
    row = connection.execute(first).one_or_none()
    if row is None:
        return False
    change = _change_slice(connection, _read(row))
    if change.position == _END:
        connection.execute(delete(letter_changes).where(_THIS), {"of": change.id})
    else:
        values = {"position": "\n".join(change.position), "done": change.done}
        connection.execute(update(letter_changes).where(_THIS), {"of": change.id, **values})
    return True


def finish(connection: Connection) -> None:
    """Change all that is left, in this transaction."""
    while go_on(connection):
        pass


def pending(connection: Connection) -> tuple[LetterChange, ...]:
    """Return the changes that go on, in the order in which they began."""
    return tuple(map(_read, connection.execute(_ALL)))


def apply(
    connection: Connection, changes: Sequence[LetterChange], letters: Sequence[Row[Any]]
) -> None:
    """Apply these changes to letters that are about to be claimed.

    The rows have the columns mail, action, campaign, target and queued.
    """
    for change in changes:
        _apply(connection, change, [row.mail for row in letters if _concerns(change, row)])


_END = ("", "", "end")


_OF_LETTERS = (ChangeKind.PAUSE, ChangeKind.RESUME, ChangeKind.WITHDRAW)
"""Kinds of changes that leave codes and copies as they are."""


def _concerns(change: LetterChange, row: Row[Any]) -> bool:
    in_campaign = change.campaign in (EVERYTHING, row.campaign)
    is_kind = row.action is not None or change.kind not in _OF_LETTERS
    is_older = row.queued <= change.at + MAX_CLOCK_SKEW
    return in_campaign and is_kind and is_older and change.target in ("", row.target)


def _change_slice(connection: Connection, change: LetterChange) -> LetterChange:
    """Change the next letters; return the change with its new position."""
    found = select(*_PLACE).where(text(UNFINISHED), *_scope(change), _is_behind(change))
    rows = connection.execute(found.order_by(*_PLACE).limit(SLICE_SIZE)).all()
    _apply(connection, change, [row.mail for row in rows])
    if rows:
        wake(connection, Worker.REPLIES, Worker.MAIL)
    is_last = len(rows) < SLICE_SIZE
    position = _END if is_last else (rows[-1].campaign, rows[-1].target, rows[-1].mail)
    return replace(change, position=position, done=change.done + len(rows))


def _is_behind(change: LetterChange) -> ColumnElement[bool]:
    """Return the condition of letters that follow, so that the index finds the first of them."""
    known = 2 if change.target else int(change.campaign != EVERYTHING)
    if known == len(_PLACE) - 1:
        return mails.c.mail > change.position[-1]
    return tuple_(*_PLACE[known:]) > change.position[known:]


def _scope(change: LetterChange) -> tuple[ColumnElement[bool], ...]:
    scope: list[ColumnElement[bool]] = [mails.c.queued <= change.at + MAX_CLOCK_SKEW]
    if change.kind in _OF_LETTERS:
        scope.append(_IS_LETTER)
    if change.campaign != EVERYTHING:
        scope.append(mails.c.campaign == change.campaign)
    if change.target:
        scope.append(mails.c.target == change.target)
    elif change.campaign != EVERYTHING and change.kind is not ChangeKind.WITHDRAW:
        scope.append(mails.c.lane == change.campaign)  # a paused target has its own
    return tuple(scope)


def _apply(connection: Connection, change: LetterChange, letters: Sequence[str]) -> None:
    if not letters:
        return
    of, at = {"of": letters}, change.at
    until = at + RETRY_PERIOD
    match change.kind:
        case ChangeKind.PAUSE | ChangeKind.RESUME:
            if change.lane:
                connection.execute(_MOVE, {**of, "lane": change.lane})
            connection.execute(_SHOW, {**of, "changed": at})
            if change.kind is ChangeKind.RESUME:
                connection.execute(_EXTEND, {**of, "before": until, "expires": until})
        case ChangeKind.WITHDRAW:
            cancellation.cancel_letters(connection, letters, now=at)
        case ChangeKind.OUTAGE_OVER:
            since = change.since or at
            until = at + min(at - since, RETRY_PERIOD)
            lost = {**of, "since": since, "before": until, "expires": until}
            connection.execute(_GIVE_BACK, lost)
            connection.execute(_SHOW_SINCE, {**of, "since": since, "changed": at})
        case ChangeKind.RETRY:
            connection.execute(_DUE_NOW, {**of, "not_before": at})


def _row(change: LetterChange) -> dict[str, Any]:
    return {
        "change": change.id,
        "kind": change.kind.value,
        "campaign": change.campaign,
        "target": change.target,
        "lane": change.lane,
        "at": change.at,
        "since": change.since,
        "position": "\n".join(change.position),
        "done": change.done,
    }


def _read(row: Row[Any]) -> LetterChange:
    campaign, target, mail = row.position.split("\n")
    return LetterChange(
        kind=ChangeKind(row.kind),
        at=row.at,
        campaign=row.campaign,
        target=row.target,
        lane=row.lane,
        since=row.since,
        id=row.change,
        position=(campaign, target, mail),
        done=row.done,
    )
