"""Samples of the totals every few minutes, by which sudden changes are detected."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, func, select

from conversations.core.alerts import AlertKind
from conversations.model.stats.figures import Figure
from conversations.stats.anomalies import (
    WATCHED,
    Sample,
    anomalies,
    sample_time,
)
from storage.admin import alerts
from storage.engine.dialects import insert
from storage.schema.tables import samples, tallies
from storage.stats.tallies import ALL_DAYS

_COUNTED = ("sent", "accepted", "bounced", "failed")
_OF = (
    tallies.c.campaign == bindparam("of"),
    tallies.c.day == ALL_DAYS,
    tallies.c.value.in_(_COUNTED),
)
_TOTALS = select(
    *(
        func.coalesce(func.sum(case((tallies.c.value == name, tallies.c.count), else_=0)), 0)
        for name in _COUNTED
    )
).where(
    *_OF,
    tallies.c.figure.in_((Figure.STEP.value, Figure.FATE.value, Figure.FURTHER.value)),
)


def take_samples(
    connection: Connection, campaigns: Sequence[str], now: datetime, *, resting: Collection[str]
) -> int:
    """Take a sample of each campaign, raise alerts about sudden changes, and end past ones.

    For campaigns in `resting`, which take no letters that are counted, a lull is no alert. Does
    nothing if this or another process has taken the sample already. Returns the number of changes.
    """
    at, found = sample_time(now), 0
    for campaign in sorted(campaigns):
        if not _save_sample(connection, campaign, at):
            continue
        rows = connection.execute(
            select(samples).where(samples.c.campaign == campaign).order_by(samples.c.at)
        )
        changed = anomalies([Sample(*row[1:]) for row in rows])
        if campaign in resting:
            changed = tuple(each for each in changed if each.kind is not AlertKind.LULL)
        found += len(changed)
        for change in changed:
            alerts.raise_(
                connection,
                change.kind,
                campaign,
                now=now,
                letters=change.count,
                usual=change.usual,
            )
        for kind in set(WATCHED) - {change.kind for change in changed}:
            alerts.end(connection, kind, campaign, now=now)
    return found


def _save_sample(connection: Connection, campaign: str, at: datetime) -> bool:
    """Save the sample of a time slot; False if it was saved before."""
    row = connection.execute(_TOTALS, {"of": campaign}).one()
    values = dict(zip(_COUNTED, map(int, row), strict=True))
    added = insert(connection.dialect.name, samples).on_conflict_do_nothing()
    return connection.execute(added, {"campaign": campaign, "at": at, **values}).rowcount == 1
