"""Figures, counted in the transaction of what they count."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from conversations.effects import Count
from storage.dialects import insert
from storage.tables import counters, tallies

_KEY = ("campaign", "day", "stage", "country", "language", "source")


def add(connection: Connection, counts: Iterable[tuple[Count, datetime]]) -> None:
    """Add each count to its day, in the order of their keys, so that none waits in a circle."""
    summed: Counter[tuple[str, ...]] = Counter()
    for each, at in counts:
        place = (each.campaign, day(at), each.stage.value)
        summed[(*place, each.country, each.language, each.source)] += each.by
    rows = [
        {**dict(zip(_KEY, place, strict=True)), "count": count}
        for place, count in sorted(summed.items())
        if count
    ]
    if not rows:
        return
    statement = insert(connection, tallies).values(rows)
    added = tallies.c.count + statement.excluded["count"]
    connection.execute(
        statement.on_conflict_do_update(index_elements=list(_KEY), set_={"count": added})
    )


def accept(connection: Connection, campaign: str, more: int) -> int:
    """Count `more` accepted letters of `campaign` and return how many there are now."""
    statement = insert(connection, counters).values(campaign=campaign, accepted=more)
    summed = counters.c.accepted + statement.excluded["accepted"]
    counted = statement.on_conflict_do_update(
        index_elements=["campaign"], set_={"accepted": summed}
    ).returning(counters.c.accepted)
    number: int = connection.execute(counted).scalar_one()
    return number


def accepted(connection: Connection) -> dict[str, int]:
    """Return the accepted letters of each campaign."""
    rows = connection.execute(select(counters.c.campaign, counters.c.accepted)).all()
    return {row.campaign: row.accepted for row in rows}


def figures(connection: Connection) -> list[dict[str, str | int]]:
    """Return all tallies, by campaign and day: they name nobody."""
    rows = connection.execute(select(tallies).order_by(*(tallies.c[name] for name in _KEY)))
    return [dict(row._mapping) for row in rows if row._mapping["count"]]


def day(at: datetime) -> str:
    """Return the UTC day of `at`, as tallies have it."""
    return at.date().isoformat()
