"""Erase what is due under the rules of retention, in slices; and count what would be erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, select, tuple_, update

from storage.admin import alerts
from storage.retention.rule import Rule
from storage.retention.rules import RULES

SLICE_SIZE = 500
"""Number of rows that one transaction erases at most, so that no answer waits for long."""


@dataclass(frozen=True)
class Due:
    """What a purge at this moment would erase under one rule."""

    table: str
    what: str
    term: str
    count: int
    oldest: str | None
    """Day of the oldest of these rows; None if there is none, or no age is stored."""


def due_keys(connection: Connection, rule: Rule, now: datetime) -> Sequence[Row[Any]]:
    """Return the primary keys of up to SLICE_SIZE rows that are due under `rule`."""
    if rule.due is None:
        return ()
    keys = select(*rule.table.primary_key.columns).where(rule.due(connection, now))
    return connection.execute(keys.limit(SLICE_SIZE)).all()


def purge_slice(connection: Connection, rule: Rule, keys: Sequence[Row[Any]], now: datetime) -> int:
    """Erase the rows with these primary keys that are due under `rule`; return how many."""
    if rule.due is None or not keys:
        return 0
    columns = list(rule.table.primary_key.columns)
    if len(columns) == 1:
        mine = columns[0].in_([key for (key,) in keys])
    else:
        mine = tuple_(*columns).in_([tuple(key) for key in keys])
    which = and_(mine, rule.due(connection, now))
    if rule.erase is not None:
        return rule.erase(connection, which, now)
    if rule.empties is None:
        return connection.execute(delete(rule.table).where(which)).rowcount
    return connection.execute(update(rule.table).where(which).values(rule.empties)).rowcount


def purge(connection: Connection, *, now: datetime) -> dict[str, int]:
    """Erase everything that is due, in one transaction. Return the rows erased of each table."""
    erased: dict[str, int] = {}
    for rule in RULES:
        while keys := due_keys(connection, rule, now):
            count = purge_slice(connection, rule, keys, now)
            erased[rule.table.name] = erased.get(rule.table.name, 0) + count
    alerts.sync_uncertain(connection, now=now)
    return erased


def preview(connection: Connection, now: datetime) -> tuple[Due, ...]:
    """Return what a purge would erase now, by rule."""
    return tuple(_preview(connection, rule, now) for rule in RULES)


def _preview(connection: Connection, rule: Rule, now: datetime) -> Due:
    if rule.due is None:
        return Due(rule.table.name, rule.what, rule.term(), 0, None)
    columns = [func.count()] if rule.since is None else [func.count(), func.min(rule.since)]
    query = select(*columns).select_from(rule.table).where(rule.due(connection, now))
    count, *oldest = connection.execute(query).one()
    first = oldest[0] if oldest else None
    day = first.date().isoformat() if isinstance(first, datetime) else first
    return Due(rule.table.name, rule.what, rule.term(), count, day)
