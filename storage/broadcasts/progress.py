"""How updates fare: what the chat of their author shows, and what it is to show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, or_, select, text, update

from conversations.model.broadcast import (
    Audience,
    Broadcast,
    BroadcastState,
    BroadcastStatus,
    RecipientState,
)
from conversations.model.figures import Figure
from storage.broadcasts import drafts
from storage.chats.chats import decrypt_chat_id
from storage.crypto.vault import Vault
from storage.schema.tables import broadcasts, chats, tallies
from storage.stats.tallies import ALL_DAYS

REPORT_PERIOD, REPORT_INTERVAL = timedelta(hours=48), timedelta(minutes=1)
"""How long, and how often, the report of an update that has ended tells who acted because of it."""

_TOLD = (
    BroadcastStatus.SENDING,
    BroadcastStatus.PAUSED,
    BroadcastStatus.STOPPED,
    BroadcastStatus.DONE,
    BroadcastStatus.RECALLED,
    BroadcastStatus.MISSED,
)
_STANDS = case(
    ((broadcasts.c.state == BroadcastStatus.RECALLED.value) & ~broadcasts.c.complete, "recalling"),
    else_=broadcasts.c.state,
)


@dataclass(frozen=True)
class ProgressReport:
    """An update whose message is to show how it fares; `stands` is what it tells then."""

    facts: BroadcastState
    stands: str
    chat: int
    language: str
    message: int | None


def find(connection: Connection, id_: str) -> BroadcastState | None:
    """Return how far it came; None where there is none."""
    row = connection.execute(select(broadcasts).where(broadcasts.c.broadcast == id_)).one_or_none()
    return None if row is None else broadcast_state(connection, row)


def recent(connection: Connection, person: bytes, limit: int = 10) -> tuple[BroadcastState, ...]:
    """Return the latest that were sent, or are going to be, as they are told to `person`."""
    unsent = (BroadcastStatus.DRAFT.value, BroadcastStatus.DISCARDED.value)
    query = select(broadcasts).where(broadcasts.c.state.not_in(unsent))
    rows = connection.execute(query.order_by(broadcasts.c.changed.desc()).limit(limit)).all()
    zone = drafts.timezone(connection, person)
    return tuple(
        broadcast_state(connection, row, zone=zone, mine=row.person_key == person) for row in rows
    )


def broadcast_state(
    connection: Connection, row: Row[Any], *, zone: str = "", mine: bool = True
) -> BroadcastState:
    """Return how far the broadcast of `row` came, for one whose time zone is `zone`."""
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
    )


def _acted(connection: Connection, id_: str) -> int:
    source = Broadcast(id_, Audience("")).source
    counted = select(func.coalesce(func.sum(tallies.c.count), 0)).where(
        text(f"figure = '{Figure.SOURCE}'"), tallies.c.value == source, tallies.c.day == ALL_DAYS
    )
    return int(connection.execute(counted).scalar_one())


def _untold(now: datetime) -> Select[Any]:
    """Return the question whose message may say something else than is so.

    Of one that has ended, more people act because of it: it is looked at now and then, for a while.
    """
    going = broadcasts.c.state == BroadcastStatus.SENDING.value
    reports = (
        broadcasts.c.state.in_([BroadcastStatus.STOPPED.value, BroadcastStatus.DONE.value]),
        broadcasts.c.ended > now - REPORT_PERIOD,
        broadcasts.c.shown_at <= now - REPORT_INTERVAL,
    )
    return (
        select(
            broadcasts,
            _STANDS.label("stands"),
            chats.c.encrypted_chat,
            chats.c.language,
            chats.c.zone,
        )
        .join(chats, chats.c.person_key == broadcasts.c.person_key)
        .where(broadcasts.c.state.in_([state.value for state in _TOLD]))
        .where(or_(going, ~broadcasts.c.shown.startswith(_STANDS), and_(*reports)))
    )


def has_unshown(connection: Connection, now: datetime) -> bool:
    """Whether a message may have to show something else than it does."""
    return connection.execute(_untold(now).limit(1)).first() is not None


def claim(
    connection: Connection, vault: Vault, now: datetime, rests: timedelta
) -> tuple[ProgressReport, ...]:
    """Return what is to be shown now by whoever asked first; each rests after an edit."""
    rested = or_(broadcasts.c.shown_at.is_(None), broadcasts.c.shown_at <= now - rests)
    found = connection.execute(_untold(now).where(rested)).all()
    claimed = []
    for row in found:
        this = update(broadcasts).where(broadcasts.c.broadcast == row.broadcast, rested)
        if connection.execute(this.values(shown_at=now)).rowcount:
            claimed.append(row)
    shown = (_shown(connection, vault, row) for row in claimed)
    return tuple(
        each
        for each, row in zip(shown, claimed, strict=True)
        if each.facts.state is BroadcastStatus.SENDING or each.stands != row.shown
    )


def _shown(connection: Connection, vault: Vault, row: Row[Any]) -> ProgressReport:
    facts = broadcast_state(connection, row, zone=row.zone)
    return ProgressReport(
        facts,
        f"{row.stands} {facts.acted}",
        decrypt_chat_id(vault, row.encrypted_chat, row.person_key),
        row.language,
        row.message,
    )


def record_shown(connection: Connection, shown: ProgressReport, message: int | None) -> None:
    """Remember what the message tells."""
    this = update(broadcasts).where(broadcasts.c.broadcast == shown.facts.id)
    connection.execute(this.values(shown=shown.stands, message=message))
