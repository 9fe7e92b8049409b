"""Campaigns that rest: letters refused again and again would only harm the sender's name; and what
an admin lets rest, all sending included. The transaction of each claim asks.
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
    literal,
    or_,
    select,
    text,
    update,
)

from conversations.core.facts import AlertKind
from conversations.model.delivery import WITHDRAWABLE_STATES
from storage.admin import alerts
from storage.engine.columns import UtcDateTime
from storage.engine.dialects import insert
from storage.mail.outbox import NEXT_STATUS, RETRY_PERIOD, UNWANTED
from storage.schema.tables import DUE, counters, pauses
from storage.schema.tables import outbox as mails

MAX_REFUSALS = 20
"""So many letters refused for good in a row pause their campaign."""


ALL_SENDING = "*"
"""In place of a campaign: all mail but codes, and all updates to subscribers."""


class PauseReason(StrEnum):
    """Why a campaign's letters wait."""

    REFUSED = "refused"
    ADMIN = "admin"


_NEW_COUNTERS = {"accepted": 0, "last_number": 0, "accepted_before": 0}
_RESUME = delete(pauses).where(pauses.c.campaign == bindparam("of"))
_STANDS = counters.c.accepted > counters.c.accepted_before
_REST = (
    update(counters)
    .where(counters.c.campaign == bindparam("of"))
    .values(refusals_in_row=0, accepted_before=counters.c.accepted)
)
_REST_THERE = (
    or_(mails.c.lane == bindparam("of"), literal(ALL_SENDING) == bindparam("of")),
    mails.c.action.is_not(None),
    mails.c.state.in_(WITHDRAWABLE_STATES),
    text(DUE),
)
# What their chats show of when they leave is true no more.
_NEWS = update(mails).where(*_REST_THERE).values(status=NEXT_STATUS)
_SPARE = update(mails).where(
    *_REST_THERE,
    mails.c.expires < bindparam("before", type_=UtcDateTime),
    mails.c.action.not_in(UNWANTED),
)


@dataclass(frozen=True)
class Refusal:
    """A letter's refusal for good by the target's mail server, at once or after it was taken."""

    campaign: str
    smtp_code: int | None
    smtp_text: str


def count_refusals(connection: Connection, refusals: Iterable[Refusal], now: datetime) -> None:
    """Count refusals in a row; where they are too many, pause the campaign and tell its admins.

    A row ends with a letter that was accepted and stands: more stand than when it began. One that
    comes back must be taken from the count before.
    """
    for each in refusals:
        row = {"campaign": each.campaign, "refusals_in_row": 1, **_NEW_COUNTERS}
        count = connection.execute(_refuse(connection.dialect.name), row).scalar_one()
        if count == MAX_REFUSALS:
            code, words = each.smtp_code, each.smtp_text
            why = {"campaign": each.campaign, "reason": PauseReason.REFUSED.value, "since": now}
            row = {**why, "smtp_code": code, "smtp_text": words}
            connection.execute(_pause(connection.dialect.name), row)
            connection.execute(_NEWS, {"of": each.campaign, "changed": now})
            alerts.raise_(
                connection,
                AlertKind.REFUSED,
                each.campaign,
                now=now,
                smtp_code=code,
                smtp_text=words,
            )


def pause(connection: Connection, campaign: str, now: datetime) -> bool:
    """Let a campaign's letters rest because an admin wants it; False where they do already."""
    row = {"campaign": campaign, "reason": PauseReason.ADMIN.value, "since": now, "smtp_text": ""}
    if connection.execute(_pause(connection.dialect.name), row).rowcount == 0:
        return False
    connection.execute(_NEWS, {"of": campaign, "changed": now})
    return True


def all_paused(connection: Connection) -> bool:
    """Whether all sending is paused."""
    query = select(exists().where(pauses.c.campaign == ALL_SENDING))
    return bool(connection.execute(query).scalar())


def resume(connection: Connection, campaign: str, now: datetime) -> bool:
    """Let a campaign's letters go on; False where it was not paused.

    For the time that they rested none is given up.
    """
    connection.execute(_REST, {"of": campaign})
    alerts.end(connection, AlertKind.REFUSED, campaign, now=now)
    if connection.execute(_RESUME, {"of": campaign}).rowcount == 0:
        return False
    connection.execute(_NEWS, {"of": campaign, "changed": now})
    connection.execute(
        _SPARE, {"of": campaign, "expires": now + RETRY_PERIOD, "before": now + RETRY_PERIOD}
    )
    return True


@cache
def _refuse(dialect: str) -> Executable:
    statement = insert(dialect, counters)
    return statement.on_conflict_do_update(
        index_elements=["campaign"],
        set_={
            "refusals_in_row": case((_STANDS, 1), else_=counters.c.refusals_in_row + 1),
            "accepted_before": case(
                (_STANDS, counters.c.accepted), else_=counters.c.accepted_before
            ),
        },
    ).returning(counters.c.refusals_in_row)


@cache
def _pause(dialect: str) -> Executable:
    return insert(dialect, pauses).on_conflict_do_nothing()
