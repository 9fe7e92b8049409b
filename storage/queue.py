"""The queue: how much mail waits, for how long, and how fast it leaves."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Label,
    Subquery,
    bindparam,
    func,
    or_,
    select,
    text,
    true,
)

from conversations.admin.status import RATE_MINUTES, Lane, SystemStatus
from conversations.admin.targets import TargetLetters
from conversations.core.alerts import AlertKind
from conversations.core.counts import MOST_COUNTED
from conversations.model.letters.delivery import WITHDRAWABLE_STATES, LetterState
from storage.admin import alerts
from storage.broadcasts import drafts
from storage.database_health import engine_version, size_in_bytes
from storage.engine.bounded_counts import count_up_to
from storage.mail.delivery import letter_changes
from storage.mail.delivery.lanes import each_lane
from storage.mail.delivery.outbox import target_lane
from storage.mail.delivery.pauses import ALL_SENDING, PauseReason
from storage.schema.server_replies import read_reply
from storage.schema.tables import DUE, LEFT, REFUSED, UNSETTLED_LETTER, actions, counters, pauses
from storage.schema.tables import outbox as mails

_LANES, _LANES_LEFT = each_lane(DUE), each_lane(LEFT)


_SAMPLE_SIZE = 50
"""Among how many letters of a lane the first day is searched on which one can't be sent any more.
It is a setting of the campaign, so it differs only if that was changed meanwhile.
"""


def _first(column: ColumnElement[Any], most: int) -> Subquery:
    """Return a column of the first mails of a lane."""
    return (
        select(column)
        .where(text(DUE), mails.c.lane == _LANES.c.lane)
        .order_by(mails.c.not_before)
        .limit(most)
        .correlate(_LANES)
        .subquery("first")
    )


def _of_first(figure: ColumnElement[Any], name: str, rows: FromClause) -> Label[Any]:
    return select(figure).select_from(rows).scalar_subquery().label(name)


_DUE = _first(mails.c.due, MOST_COUNTED + 1)
_ACTION = _first(mails.c.action, _SAMPLE_SIZE)
_WAITING = select(
    _LANES.c.lane,
    _of_first(func.count(), "waiting", _DUE),
    _of_first(func.min(_DUE.c.due), "due", _DUE),
    _of_first(
        func.min(actions.c.keep_until),
        "end",
        _ACTION.join(actions, actions.c.action == _ACTION.c.action),
    ),
    select(func.max(mails.c.not_before))
    .where(text(DUE), mails.c.lane == _LANES.c.lane)
    .correlate(_LANES)
    .scalar_subquery()
    .label("until"),
).where(_LANES.c.lane.is_not(None))
_SENT_LATELY = select(
    _LANES_LEFT.c.lane,
    count_up_to(
        MOST_COUNTED,
        select(mails.c.lane)
        .where(
            text(LEFT),
            mails.c.lane == _LANES_LEFT.c.lane,
            mails.c.changed > bindparam("since", type_=mails.c.changed.type),
        )
        .correlate(_LANES_LEFT),
    )
    .scalar_subquery()
    .label("left"),
).where(_LANES_LEFT.c.lane.is_not(None))
_FAILED = (
    select(mails.c.smtp_code, mails.c.smtp_status, mails.c.smtp_meaning)
    .where(text(REFUSED))
    .order_by(mails.c.changed.desc())
    .limit(1)
)
_OF_TARGET = count_up_to(
    MOST_COUNTED,
    select(mails.c.mail).where(
        mails.c.campaign == bindparam("of"),
        mails.c.target == bindparam("to"),
        mails.c.state == bindparam("in"),
        text(UNSETTLED_LETTER),
    ),
)


def lanes(connection: Connection, now: datetime, campaign: str | None = None) -> dict[str, Lane]:
    """Return all lanes in which mail waits, is paused, or left; or those of one campaign.

    The letters to a paused target belong to the lane of their campaign here.
    """
    found = _each_lane(connection, now, campaign)
    for name in [name for name in found if "/" in name]:
        campaign, of_target = name.partition("/")[0], found.pop(name)
        found[campaign] = _joined(found.get(campaign, Lane()), of_target)
    return found


def _joined(campaign: Lane, of_target: Lane) -> Lane:
    """Return the lane of a campaign with the letters to one of its targets."""
    both = (campaign, of_target)
    return replace(
        campaign,
        waiting=sum(each.waiting for each in both),
        due=min((each.due for each in both if each.due), default=None),
        until=max((each.until for each in both if each.until), default=None),
        end=min((each.end for each in both if each.end), default=None),
        sent_lately=sum(each.sent_lately for each in both),
    )


def target_letters(connection: Connection, campaign: str, target: str) -> TargetLetters:
    """Return how the letters to a target are, as far as they are not settled."""
    of = {"of": campaign, "to": target}
    states = (*WITHDRAWABLE_STATES, LetterState.ACCEPTED, LetterState.BOUNCED)
    counts = {
        each: connection.execute(_OF_TARGET, {**of, "in": each.value}).scalar_one()
        for each in states
    }
    lane = pauses.c.campaign == target_lane(campaign, target)
    return TargetLetters(
        waiting=sum(counts[each] for each in WITHDRAWABLE_STATES),
        accepted=counts[LetterState.ACCEPTED],
        bounced=counts[LetterState.BOUNCED],
        paused_since=connection.execute(select(pauses.c.since).where(lane)).scalar(),
    )


def paused_targets(connection: Connection, campaign: str) -> frozenset[str]:
    """Return the ids of the campaign's targets that are paused."""
    own = pauses.c.campaign.startswith(f"{campaign}/")
    found = connection.execute(select(pauses.c.campaign).where(own)).scalars()
    return frozenset(lane.partition("/")[2] for lane in found)


def _each_lane(connection: Connection, now: datetime, campaign: str | None) -> dict[str, Lane]:
    since = now - timedelta(minutes=RATE_MINUTES)
    gone = _SENT_LATELY.where(_is_of(campaign, _LANES_LEFT.c.lane))
    left = {row.lane: row.left for row in connection.execute(gone, {"since": since})}
    found = _WAITING.where(_is_of(campaign, _LANES.c.lane))
    waiting = {row.lane: row for row in connection.execute(found)}
    of = select(pauses).where(_is_of(campaign, pauses.c.campaign))
    paused = {row.campaign: row for row in connection.execute(of)}
    return {
        lane: Lane(
            waiting=waiting[lane].waiting if lane in waiting else 0,
            due=waiting[lane].due if lane in waiting else None,
            until=waiting[lane].until if lane in waiting else None,
            end=_day(waiting[lane].end) if lane in waiting else None,
            sent_lately=left.get(lane, 0),
            paused_since=paused[lane].since if lane in paused else None,
            paused_by_admin=lane in paused and paused[lane].reason == PauseReason.ADMIN.value,
        )
        for lane in sorted({*left, *waiting, *paused})
    }


def _is_of(campaign: str | None, lane: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a lane is one of the campaign, or of one of its targets; None: always."""
    if campaign is None:
        return true()
    return or_(lane == campaign, lane.startswith(f"{campaign}/", autoescape=True))


def lane(connection: Connection, campaign: str, now: datetime) -> Lane:
    """Return a campaign's lane, with the mail server's last reply about mail that waits in it."""
    counted = select(counters.c.disputed).where(counters.c.campaign == campaign)
    disputed = connection.execute(counted).scalar_one_or_none() or 0
    found = replace(lanes(connection, now, campaign).get(campaign, Lane()), disputed=disputed)
    last = connection.execute(_FAILED.where(mails.c.lane == campaign)).one_or_none()
    why = connection.execute(select(pauses).where(pauses.c.campaign == campaign)).one_or_none()
    said = why if why is not None and why.smtp_meaning else last
    return found if said is None else replace(found, reply=read_reply(said))


def system_status(
    connection: Connection, now: datetime, version: str, rate: float | None, telegram_wait: float
) -> SystemStatus:
    """Return what /status shows. `rate` and `telegram_wait` are as in `SystemStatus`."""
    found = lanes(connection, now)
    all_sending = found.pop(ALL_SENDING, Lane())
    due = [each.due for each in found.values() if each.due]
    until = [each.until for each in found.values() if each.until]
    ends = [each.end for each in found.values() if each.end]
    together = Lane(
        waiting=sum(each.waiting for each in found.values()),
        due=min(due, default=None),
        until=max(until, default=None),
        end=min(ends, default=None),
        sent_lately=sum(each.sent_lately for each in found.values()),
    )
    changes = letter_changes.pending(connection)
    return SystemStatus(
        letters=together,
        broadcasts_sending=drafts.count_sending(connection),
        engine=engine_version(connection),
        size=size_in_bytes(connection),
        version=version,
        rate=rate,
        telegram_wait=telegram_wait,
        paused_since=all_sending.paused_since,
        server_alert=alerts.find_open(connection, AlertKind.SERVER, ""),
        letters_changed=sum(each.done for each in changes) if changes else None,
    )


def _day(stored: str | None) -> date | None:
    return date.fromisoformat(stored) if stored else None
