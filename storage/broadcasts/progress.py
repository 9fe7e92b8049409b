"""Progress reports: what the author's chat shows of a broadcast, and what it must show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, or_, select, text, update

from conversations.model.broadcast import (
    WAITING_STATES,
    Audience,
    Broadcast,
    BroadcastState,
    BroadcastStatus,
    RecipientState,
)
from conversations.model.stats.figures import Figure
from storage.broadcasts.content import decrypt_author
from storage.chats import preferences
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.schema.tables import broadcasts, tallies
from storage.stats.tallies import ALL_DAYS

REPORT_PERIOD = timedelta(hours=48)
"""How long the report of a finished broadcast shows how many people acted because of it."""

REPORT_INTERVAL = timedelta(minutes=1)
"""How often that report is updated."""

_REPORTED = (
    BroadcastStatus.SENDING,
    BroadcastStatus.PAUSED,
    BroadcastStatus.STOPPED,
    BroadcastStatus.DONE,
    BroadcastStatus.RECALLED,
    BroadcastStatus.MISSED,
)
_SHOWN_STATE = case(
    ((broadcasts.c.state == BroadcastStatus.RECALLED.value) & ~broadcasts.c.complete, "recalling"),
    else_=broadcasts.c.state,
)


@dataclass(frozen=True)
class ProgressReport:
    """A progress report that must be sent, or edited."""

    facts: BroadcastState
    shown: str
    """State and number of actions that the report shows."""

    chat: int
    """Telegram id of the author's chat."""

    language: str
    message: int | None
    """Telegram message id of the report; None: send a new one."""


def find(connection: Connection, id_: str, person: bytes | None = None) -> BroadcastState | None:
    """Return the progress of a broadcast, as `person` sees it; None if there is none."""
    row = connection.execute(select(broadcasts).where(broadcasts.c.broadcast == id_)).one_or_none()
    if row is None:
        return None
    return broadcast_state(connection, row, mine=person in (None, row.person_key))


def recent(
    connection: Connection, vault: Vault, person: PersonKeys, limit: int = 10
) -> tuple[BroadcastState, ...]:
    """Return the latest broadcasts that were sent, as `person` sees them, after those that wait for
    their time or a decision: the first ones are never left out.
    """
    waits = broadcasts.c.state.in_([state.value for state in WAITING_STATES])
    unsent = (BroadcastStatus.DRAFT.value, BroadcastStatus.DISCARDED.value)
    query = select(broadcasts).where(broadcasts.c.state.not_in(unsent))
    rows = connection.execute(
        query.order_by(waits.desc(), broadcasts.c.changed.desc()).limit(limit)
    ).all()
    zone = preferences.find(connection, vault, person).zone
    return tuple(
        broadcast_state(connection, row, zone=zone, mine=row.person_key == person.staff)
        for row in rows
    )


def broadcast_state(
    connection: Connection, row: Row[Any], *, zone: str = "", mine: bool = True
) -> BroadcastState:
    """Return the progress of the broadcast in `row`, for a reader in the time zone `zone`."""
    total = row.listed if row.complete else max(row.expected, row.listed)
    counts = {
        fate: getattr(row, fate.value) for fate in (RecipientState.SENT, RecipientState.BLOCKED)
    }
    counts |= {
        fate: getattr(row, fate.value) for fate in (RecipientState.FAILED, RecipientState.UNCERTAIN)
    }
    counts[RecipientState.PENDING] = max(0, total - sum(counts.values()))
    return BroadcastState(
        id=row.broadcast,
        state=BroadcastStatus(row.state),
        total=total,
        counts=counts,
        began=row.began,
        ended=row.ended,
        rate=row.rate,
        written=row.complete,
        acted=_acted(connection, row.broadcast),
        why=row.pause_reason,
        at=row.at,
        zone=zone,
        mine=mine,
        held=row.held and row.state == BroadcastStatus.SCHEDULED.value,
    )


def _acted(connection: Connection, id_: str) -> int:
    source = Broadcast(id_, Audience("")).source
    counted = select(func.coalesce(func.sum(tallies.c.count), 0)).where(
        text(f"figure = '{Figure.SOURCE}'"), tallies.c.value == source, tallies.c.day == ALL_DAYS
    )
    return int(connection.execute(counted).scalar_one())


def _outdated(now: datetime) -> Select[Any]:
    """Return the query for broadcasts whose report may be outdated.

    Reports of finished broadcasts are updated for a while, since more people act because of them.
    """
    going = broadcasts.c.state == BroadcastStatus.SENDING.value
    reports = (
        broadcasts.c.state.in_([BroadcastStatus.STOPPED.value, BroadcastStatus.DONE.value]),
        broadcasts.c.ended > now - REPORT_PERIOD,
        broadcasts.c.shown_at <= now - REPORT_INTERVAL,
    )
    return (
        select(broadcasts, _SHOWN_STATE.label("shown_state"))
        .where(broadcasts.c.encrypted_author.is_not(None))
        .where(broadcasts.c.state.in_([state.value for state in _REPORTED]))
        .where(or_(going, ~broadcasts.c.shown.startswith(_SHOWN_STATE), and_(*reports)))
    )


def has_unshown(connection: Connection, now: datetime) -> bool:
    """Return whether a report may be outdated."""
    return connection.execute(_outdated(now).limit(1)).first() is not None


def claim(
    connection: Connection, vault: Vault, now: datetime, interval: timedelta
) -> tuple[ProgressReport, ...]:
    """Claim the reports to update now. A report is updated once in `interval`."""
    # A report that was edited later than now was edited by a clock that was ahead.
    is_due = or_(
        broadcasts.c.shown_at.is_(None),
        broadcasts.c.shown_at <= now - interval,
        broadcasts.c.shown_at > now + interval,
    )
    found = connection.execute(_outdated(now).where(is_due)).all()
    claimed = []
    for row in found:
        this = update(broadcasts).where(broadcasts.c.broadcast == row.broadcast, is_due)
        if connection.execute(this.values(shown_at=now)).rowcount:
            claimed.append(row)
    reports = (_report(connection, vault, row) for row in claimed)
    return tuple(
        each
        for each, row in zip(reports, claimed, strict=True)
        if each.facts.state is BroadcastStatus.SENDING or each.shown != row.shown
    )


def _report(connection: Connection, vault: Vault, row: Row[Any]) -> ProgressReport:
    author = decrypt_author(vault, row)
    chosen = preferences.find(connection, vault, author)
    facts = broadcast_state(connection, row, zone=chosen.zone)
    shown = f"{row.shown_state} {facts.acted}"
    return ProgressReport(facts, shown, author.chat_id, chosen.language, row.message)


def record_shown(connection: Connection, report: ProgressReport, message: int | None) -> None:
    """Record what the message `message` shows."""
    this = update(broadcasts).where(broadcasts.c.broadcast == report.facts.id)
    connection.execute(this.values(shown=report.shown, message=message))
