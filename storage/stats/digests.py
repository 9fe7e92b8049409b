"""Figures that come by themselves: to whom, how often, and which were the last."""

from datetime import date, datetime

from sqlalchemy import Connection, delete, or_, select, update

from conversations.core.effects.stats import DigestInterval
from storage.engine.dialects import insert
from storage.schema.tables import digests


def save(connection: Connection, person: bytes, every: DigestInterval | None, since: date) -> None:
    """Let figures come so often, the next ones after the day `since`; None: no more."""
    if every is None:
        delete_for(connection, person)
        return
    row = {"interval": every.value, "last_day": since.isoformat(), "lease_until": None}
    added = insert(connection.dialect.name, digests).values(person_key=person, **row)
    connection.execute(added.on_conflict_do_update(index_elements=["person_key"], set_=row))


def delete_for(connection: Connection, person: bytes) -> None:
    """Let no figures come by themselves."""
    connection.execute(delete(digests).where(digests.c.person_key == person))


def intervals(connection: Connection) -> dict[bytes, tuple[DigestInterval, date]]:
    """Return to whom figures come, how often, and on which day the last ones did."""
    rows = connection.execute(select(digests)).all()
    return {
        row.person_key: (DigestInterval(row.interval), date.fromisoformat(row.last_day))
        for row in rows
    }


def claim(
    connection: Connection, person: bytes, of: date, *, now: datetime, until: datetime
) -> bool:
    """Become the one who sends the figures of that day; False where they are sent, or another is
    sending them.
    """
    free = or_(digests.c.lease_until.is_(None), digests.c.lease_until <= now)
    due = (digests.c.person_key == person, digests.c.last_day < of.isoformat(), free)
    return connection.execute(update(digests).where(*due).values(lease_until=until)).rowcount == 1


def record_sent(connection: Connection, person: bytes, of: date) -> None:
    """Note that the figures of that day came."""
    mine = update(digests).where(digests.c.person_key == person)
    connection.execute(mine.values(last_day=of.isoformat(), lease_until=None))
