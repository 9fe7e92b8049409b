"""Pauses: by admins, and after many refusals in a row, which would harm the sender's reputation.

A pause concerns one campaign, one of its targets, or all sending. The transaction of each claim
checks it. The letters to a paused target have a lane of their own, so that no claim reads them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache

from sqlalchemy import (
    Connection,
    Executable,
    bindparam,
    case,
    delete,
    exists,
    select,
    update,
)

from conversations.core.alerts import AlertKind
from conversations.model.letters.server_reply import ServerReply
from storage.admin import alerts
from storage.engine.dialects import insert
from storage.engine.wake_ups import Worker, wake
from storage.mail.delivery import letter_changes
from storage.mail.delivery.letter_changes import ChangeKind, LetterChange
from storage.mail.delivery.outbox import target_lane
from storage.schema.server_replies import reply_values
from storage.schema.tables import counters, pauses

MAX_REFUSALS = 20
"""Number of letters refused for good in a row that pauses their campaign."""


ALL_SENDING = letter_changes.EVERYTHING
"""In place of a campaign: all mail except codes, and all broadcasts."""


class PauseReason(StrEnum):
    """Why a campaign is paused. The values are stored."""

    REFUSED = "refused"
    ADMIN = "admin"


_NEW_COUNTERS = {"accepted": 0, "last_number": 0, "accepted_before": 0}
_RESUME = delete(pauses).where(pauses.c.campaign == bindparam("of"))
_ROW_ENDED = counters.c.accepted > counters.c.accepted_before
_RESET_COUNT = (
    update(counters)
    .where(counters.c.campaign == bindparam("of"))
    .values(refusals_in_row=0, accepted_before=counters.c.accepted)
)


@dataclass(frozen=True)
class Refusal:
    """A letter refused for good by the target's mail server."""

    campaign: str
    reply: ServerReply


def count_refusals(connection: Connection, refusals: Iterable[Refusal], now: datetime) -> None:
    """Count refusals in a row. If there are too many, pause the campaign and alert admins.

    A row ends when more letters are accepted than when it began.
    """
    for each in refusals:
        row = {"campaign": each.campaign, "refusals_in_row": 1, **_NEW_COUNTERS}
        count = connection.execute(_refuse(connection.dialect.name), row).scalar_one()
        if count == MAX_REFUSALS:
            why = {"campaign": each.campaign, "reason": PauseReason.REFUSED.value, "since": now}
            row = {**why, **reply_values(each.reply)}
            connection.execute(_pause(connection.dialect.name), row)
            letter_changes.begin(connection, _change(ChangeKind.PAUSE, each.campaign, now))
            kind = AlertKind.REFUSED
            alerts.raise_(connection, kind, each.campaign, now=now, reply=each.reply)


def pause(connection: Connection, campaign: str, now: datetime) -> bool:
    """Pause a campaign, or all sending, for an admin; False if it is paused already."""
    if not _insert(connection, campaign, now):
        return False
    letter_changes.begin(connection, _change(ChangeKind.PAUSE, campaign, now))
    wake(connection, Worker.REPLIES)
    return True


def pause_target(connection: Connection, campaign: str, target: str, now: datetime) -> bool:
    """Pause the letters to one target, for an admin; False if they are paused already.

    No transaction may queue letters meanwhile (`campaign_modes.lock_out_sends`).
    """
    lane = target_lane(campaign, target)
    is_new = _insert(connection, lane, now)
    change = LetterChange(ChangeKind.PAUSE, now, campaign, target, lane)
    letter_changes.begin(connection, change)
    return is_new


def resume_target(connection: Connection, campaign: str, target: str, now: datetime) -> bool:
    """Resume the letters to one target, unless their campaign is paused; False if they were not
    paused. No transaction may queue letters meanwhile.
    """
    was_paused = _delete(connection, target_lane(campaign, target), now)
    change = LetterChange(ChangeKind.RESUME, now, campaign, target, campaign)
    letter_changes.begin(connection, change)
    return was_paused


def all_paused(connection: Connection) -> bool:
    """Whether all sending is paused."""
    query = select(exists().where(pauses.c.campaign == ALL_SENDING))
    return bool(connection.execute(query).scalar())


def resume(connection: Connection, campaign: str, now: datetime) -> bool:
    """Resume a campaign, or all sending; False if it was not paused.

    Letters get the time back that they lost: none is given up because of the pause.
    """
    if not _delete(connection, campaign, now):
        return False
    letter_changes.begin(connection, _change(ChangeKind.RESUME, campaign, now))
    wake(connection, Worker.MAIL, Worker.BROADCAST, Worker.REPLIES)
    return True


def _change(kind: ChangeKind, campaign: str, now: datetime) -> LetterChange:
    return LetterChange(kind, now, campaign)


def _insert(connection: Connection, lane: str, now: datetime) -> bool:
    """Pause a lane, for an admin; False if it is paused already."""
    row = {"campaign": lane, "reason": PauseReason.ADMIN.value, "since": now}
    return connection.execute(_pause(connection.dialect.name), row).rowcount > 0


def _delete(connection: Connection, lane: str, now: datetime) -> bool:
    """End the pause of a lane; False if there was none."""
    connection.execute(_RESET_COUNT, {"of": lane})
    alerts.end(connection, AlertKind.REFUSED, lane, now=now)
    return connection.execute(_RESUME, {"of": lane}).rowcount > 0


@cache
def _refuse(dialect: str) -> Executable:
    statement = insert(dialect, counters)
    return statement.on_conflict_do_update(
        index_elements=["campaign"],
        set_={
            "refusals_in_row": case((_ROW_ENDED, 1), else_=counters.c.refusals_in_row + 1),
            "accepted_before": case(
                (_ROW_ENDED, counters.c.accepted), else_=counters.c.accepted_before
            ),
        },
    ).returning(counters.c.refusals_in_row)


@cache
def _pause(dialect: str) -> Executable:
    return insert(dialect, pauses).on_conflict_do_nothing()
