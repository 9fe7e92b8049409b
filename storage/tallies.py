"""Figures, counted in the transaction of what they count."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Executable, select, update

from conversations.effects import Count
from storage.dialects import insert
from storage.tables import counters, tallies

_KEY = ("campaign", "day", "stage", "country", "language", "source")


@cache
def _add(dialect: str) -> Executable:
    statement = insert(dialect, tallies)
    added = tallies.c.count + statement.excluded["count"]
    return statement.on_conflict_do_update(index_elements=list(_KEY), set_={"count": added})


@cache
def _accept(dialect: str) -> Executable:
    statement = insert(dialect, counters)
    more = {name: counters.c[name] + statement.excluded[name] for name in ("accepted", "numbered")}
    return statement.on_conflict_do_update(index_elements=["campaign"], set_=more).returning(
        counters.c.numbered
    )


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
    connection.execute(_add(connection.dialect.name), rows)


def accept(connection: Connection, campaign: str, more: int) -> int:
    """Count `more` accepted letters of `campaign` and return the number of the last of them."""
    row = {"campaign": campaign, "accepted": more, "numbered": more}
    number: int = connection.execute(_accept(connection.dialect.name), row).scalar_one()
    return number


def take_back(connection: Connection, campaign: str) -> None:
    """Count one accepted letter less; its number stays void."""
    one_less = update(counters).where(counters.c.campaign == campaign)
    connection.execute(one_less.values(accepted=counters.c.accepted - 1))


def figures(connection: Connection) -> list[dict[str, str | int]]:
    """Return all tallies, by campaign and day: they name nobody."""
    rows = connection.execute(select(tallies).order_by(*(tallies.c[name] for name in _KEY)))
    return [dict(row._mapping) for row in rows if row._mapping["count"]]


def day(at: datetime) -> str:
    """Return the UTC day of `at`, as tallies have it."""
    return at.date().isoformat()
