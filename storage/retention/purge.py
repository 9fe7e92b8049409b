"""Erase what is due under the rules of retention, in slices; and count what would be erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, select, tuple_, update

from storage.admin import alerts
from storage.crypto import campaign_keys
from storage.crypto.vault import Vault
from storage.retention.conditions import CONSENT_RULES, ConsentRule
from storage.retention.rule import Moment, Rule
from storage.retention.rules import RULES
from storage.schema.tables import consents

SLICE_SIZE = 500
"""Number of rows that are found at once."""

CHECKED_AT_ONCE = 100
"""Number of consents that one transaction checks, so that no answer waits for long."""

Place = tuple[datetime, str]
"""A position in the order of old consents: day and id."""

START: Place = (datetime(1970, 1, 1, tzinfo=UTC), "")


@dataclass(frozen=True)
class Due:
    """What a purge at this moment would erase under one rule."""

    table: str
    what: str
    term: str
    count: int
    oldest: str | None
    """Day of the oldest of these rows; None if there is none, or no age is stored."""


def due_keys(at: Moment, rule: Rule) -> Sequence[Row[Any]]:
    """Return the primary keys of the next rows that a retention rule may erase, up to SLICE_SIZE.

    Those that are kept for a period come in the order of their age, in which an index holds them.
    Without an order, PostgreSQL expects due rows everywhere, and reads the table for a few of them.
    """
    search = rule.search or rule.due
    if search is None:
        return ()
    keys = select(*rule.table.primary_key.columns).where(search(at))
    if rule.period is not None and rule.since is not None:
        keys = keys.order_by(rule.since)
    return at.connection.execute(keys.limit(SLICE_SIZE)).all()


def purge_slice(at: Moment, rule: Rule, keys: Sequence[Row[Any]]) -> int:
    """Erase the rows with these primary keys that are due under `rule`; return how many."""
    if rule.due is None or not keys:
        return 0
    columns = list(rule.table.primary_key.columns)
    if len(columns) == 1:
        mine = columns[0].in_([key for (key,) in keys])
    else:
        mine = tuple_(*columns).in_([tuple(key) for key in keys])
    which = and_(mine, rule.due(at))
    if rule.erase is not None:
        return rule.erase(at, which)
    if rule.empties is None:
        return at.connection.execute(delete(rule.table).where(which)).rowcount
    return at.connection.execute(update(rule.table).where(which).values(rule.empties)).rowcount


def check_consents(at: Moment, rule: ConsentRule, after: Place) -> Place | None:
    """Find out which old consents are due to be erased, since what they allow has ended.

    Looks at up to CHECKED_AT_ONCE of them that follow `after`. Those whose purpose goes on are not
    looked at again until something ends. Returns the position of the last one; None at the end.
    """
    of = consents.c
    place = tuple_(of.at, of.consent_id)
    old = select(of.at, of.consent_id).where(rule.old(at), place > after)
    ordered = old.order_by(of.at, of.consent_id).limit(CHECKED_AT_ONCE).with_for_update()
    rows = at.connection.execute(ordered).all()
    if not rows:
        return None
    # They are locked: whatever ends later is noted after this.
    mine = of.consent_id.in_([row.consent_id for row in rows])
    goes_on = update(consents).where(mine, ~rule.due(at))
    at.connection.execute(goes_on.values(unchecked=False))
    return rows[-1].at, rows[-1].consent_id


def purge(connection: Connection, vault: Vault, *, now: datetime) -> dict[str, int]:
    """Erase everything that is due, in one transaction. Return the rows erased of each table."""
    at, erased = Moment(connection, vault, now), dict[str, int]()
    for consent_rule in CONSENT_RULES:
        place: Place | None = START
        while place is not None:
            place = check_consents(at, consent_rule, place)
    for rule in RULES:
        while keys := due_keys(at, rule):
            if not (count := purge_slice(at, rule, keys)):
                break  # kept as evidence: the audit log, where its chain is broken
            erased[rule.table.name] = erased.get(rule.table.name, 0) + count
    finish(connection, now=now)
    return erased


def finish(connection: Connection, *, now: datetime) -> None:
    """Do what a purge ends with: destroy keys of campaigns without data, and end alerts."""
    campaign_keys.destroy_unused(connection)
    alerts.sync_uncertain(connection, now=now)


def preview(connection: Connection, vault: Vault, *, now: datetime) -> tuple[Due, ...]:
    """Return what a purge would erase now, by rule."""
    at = Moment(connection, vault, now)
    return tuple(_preview(at, rule) for rule in RULES)


def _preview(at: Moment, rule: Rule) -> Due:
    if rule.due is None:
        return Due(rule.table.name, rule.what, rule.term(), 0, None)
    columns = [func.count()] if rule.since is None else [func.count(), func.min(rule.since)]
    query = select(*columns).select_from(rule.table).where(rule.due(at))
    count, *oldest = at.connection.execute(query).one()
    first = oldest[0] if oldest else None
    day = first.date().isoformat() if isinstance(first, datetime) else first
    return Due(rule.table.name, rule.what, rule.term(), count, day)
