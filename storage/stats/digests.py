"""Digests of the figures: which admins get one, how often, and which was the last."""

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update

from conversations.core.effects.stats import DigestInterval
from storage.engine.dialects import insert
from storage.engine.lease_ends import has_ended
from storage.schema.tables import digests

MAX_LEASE = timedelta(minutes=30)
"""Longer than any lease of a digest."""


def save(connection: Connection, person: bytes, every: DigestInterval | None, since: date) -> None:
    """Send a digest so often, the first for the days after `since`; None: send none."""
    if every is None:
        delete_for(connection, person)
        return
    row = {"interval": every.value, "last_day": since.isoformat(), "lease_until": None}
    added = insert(connection.dialect.name, digests).values(person_key=person, **row)
    connection.execute(added.on_conflict_do_update(index_elements=["person_key"], set_=row))


def delete_for(connection: Connection, person: bytes) -> None:
    """Send this person no digest."""
    connection.execute(delete(digests).where(digests.c.person_key == person))


def intervals(connection: Connection) -> dict[bytes, tuple[DigestInterval, date]]:
    """Return how often each person gets a digest, and the last day of the last digest."""
    rows = connection.execute(select(digests)).all()
    return {
        row.person_key: (DigestInterval(row.interval), date.fromisoformat(row.last_day))
        for row in rows
    }


def claim(
    connection: Connection, person: bytes, of: date, *, now: datetime, until: datetime
) -> bool:
    """Claim the digest of the day `of` until `until`; False if it was sent, or another process
    is sending it.
    """
    free = or_(digests.c.lease_until.is_(None), has_ended(digests.c.lease_until, now, MAX_LEASE))
    due = (digests.c.person_key == person, digests.c.last_day < of.isoformat(), free)
    return connection.execute(update(digests).where(*due).values(lease_until=until)).rowcount == 1


def record_sent(connection: Connection, person: bytes, of: date) -> None:
    """Record that the digest of the day `of` was sent."""
    own = update(digests).where(digests.c.person_key == person)
    connection.execute(own.values(last_day=of.isoformat(), lease_until=None))
