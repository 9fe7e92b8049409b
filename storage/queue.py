"""The queue: how much mail waits, for how long, and how fast it leaves."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select, text

from conversations.admin.status import RATE_MINUTES, Lane, SystemStatus
from conversations.admin.targets import TargetLetters
from conversations.core.alerts import AlertKind
from conversations.model.letters.delivery import WITHDRAWABLE_STATES, LetterState
from storage.admin import alerts
from storage.broadcasts import drafts
from storage.database_health import engine_version, size_in_bytes
from storage.mail.delivery import letter_changes
from storage.mail.delivery.outbox import target_lane
from storage.mail.delivery.pauses import ALL_SENDING, PauseReason
from storage.schema.server_replies import read_reply
from storage.schema.tables import DUE, LEFT, REFUSED, UNSETTLED_LETTER, actions, counters, pauses
from storage.schema.tables import outbox as mails

_KEEP_UNTIL = (
    select(actions.c.keep_until).where(actions.c.action == mails.c.action).scalar_subquery()
)
_WAITING = (
    select(
        mails.c.lane,
        func.count().label("waiting"),
        func.min(mails.c.due).label("due"),
        func.max(mails.c.not_before).label("until"),
        func.min(_KEEP_UNTIL).label("end"),
    )
    .where(text(DUE))
    .group_by(mails.c.lane)
)
_FAILED = (
    select(mails.c.smtp_code, mails.c.smtp_status, mails.c.smtp_meaning)
    .where(text(REFUSED))
    .order_by(mails.c.changed.desc())
    .limit(1)
)
_OF_TARGET = (
    select(mails.c.state, func.count().label("letters"))
    .where(
        mails.c.campaign == bindparam("of"),
        mails.c.target == bindparam("to"),
        text(UNSETTLED_LETTER),
    )
    .group_by(mails.c.state)
)


def lanes(connection: Connection, now: datetime) -> dict[str, Lane]:
    """Return all lanes in which mail waits, is paused, or left in the last minutes.

    The letters to a paused target belong to the lane of their campaign here.
    """
    found = _each_lane(connection, now)
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
    rows = connection.execute(_OF_TARGET, {"of": campaign, "to": target}).all()
    counts = {LetterState(row.state): row.letters for row in rows}
    lane = pauses.c.campaign == target_lane(campaign, target)
    return TargetLetters(
        waiting=sum(counts.get(each, 0) for each in WITHDRAWABLE_STATES),
        accepted=counts.get(LetterState.ACCEPTED, 0),
        bounced=counts.get(LetterState.BOUNCED, 0),
        paused_since=connection.execute(select(pauses.c.since).where(lane)).scalar(),
    )


def paused_targets(connection: Connection, campaign: str) -> frozenset[str]:
    """Return the ids of the campaign's targets that are paused."""
    own = pauses.c.campaign.startswith(f"{campaign}/")
    found = connection.execute(select(pauses.c.campaign).where(own)).scalars()
    return frozenset(lane.partition("/")[2] for lane in found)


def _each_lane(connection: Connection, now: datetime) -> dict[str, Lane]:
    lately = mails.c.changed > now - timedelta(minutes=RATE_MINUTES)
    gone = select(mails.c.lane, func.count().label("left")).where(text(LEFT), lately)
    left = {row.lane: row.left for row in connection.execute(gone.group_by(mails.c.lane))}
    waiting = {row.lane: row for row in connection.execute(_WAITING)}
    paused = {row.campaign: row for row in connection.execute(select(pauses))}
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


def lane(connection: Connection, campaign: str, now: datetime) -> Lane:
    """Return a campaign's lane, with the mail server's last reply about mail that waits in it."""
    counted = select(counters.c.disputed).where(counters.c.campaign == campaign)
    disputed = connection.execute(counted).scalar_one_or_none() or 0
    found = replace(lanes(connection, now).get(campaign, Lane()), disputed=disputed)
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
