"""Reading figures. The number of rows read depends on days and values, not on people."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from conversations.model.broadcast import Audience, Broadcast
from conversations.model.letters.delivery import LetterState
from conversations.model.stats.figures import HIDDEN_IF_FEW, Figure, Figures, Period, first_day
from conversations.model.stats.funnel import FunnelStage
from conversations.stats.csv_export import CsvRow
from storage.schema.tables import broadcasts, counters, tallies
from storage.stats.tallies import ALL_DAYS

_STEP = tallies.c.figure == Figure.STEP.value
_OF_LETTERS = tallies.c.figure.in_((Figure.STEP.value, Figure.FURTHER.value))
"""The figures that count letters together, under the values of `_LETTERS`."""
_LETTERS = tallies.c.value.in_((FunnelStage.SENT.value, FunnelStage.ACCEPTED.value))


def read(connection: Connection, slugs: Sequence[str], period: Period, last: date) -> Figures:
    """Return the figures of these campaigns together, for the period that ends on `last`."""
    first = first_day(period, last) or _began(connection, slugs) or last
    day_before = first - timedelta(days=1)
    days: dict[str, dict[date, int]] = {
        stage: {} for stage in (FunnelStage.SENT, FunnelStage.ACCEPTED)
    }
    of = (tallies.c.campaign.in_(slugs), _days(first, last), _OF_LETTERS, _LETTERS)
    place = (tallies.c.day, tallies.c.value)
    by_day = select(*place, func.sum(tallies.c.count)).where(*of).group_by(*place)
    for day, value, count in connection.execute(by_day):
        if count:
            days[value][date.fromisoformat(day)] = int(count)
    sums, live = _sums(connection, slugs, _time(period, first, last))
    fates = sum(live.get((Figure.FATE.value, state.value), 0) for state in LetterState)
    accepted, sent = (
        sum(live.get((figure.value, stage.value), 0) for figure in (Figure.STEP, Figure.FURTHER))
        for stage in (FunnelStage.ACCEPTED, FunnelStage.SENT)
    )
    return Figures(
        period=period,
        first=first,
        last=last,
        sent=days[FunnelStage.SENT],
        accepted=days[FunnelStage.ACCEPTED],
        sums=sums,
        waiting=max(0, sent - accepted - fates),
        before=_before(connection, slugs, period, first),
        earlier=_count(connection, slugs, FunnelStage.ACCEPTED, _days(date.min, day_before)),
        total=_total(connection, slugs),
        updates=_updates(connection, sums.get(Figure.SOURCE, {})),
    )


def csv_rows(
    connection: Connection, slugs: Sequence[str], period: Period, last: date
) -> tuple[date, list[CsvRow]]:
    """Return the first day and all rows of the export: by day, or HIDDEN_IF_FEW for the period."""
    first = first_day(period, last) or _began(connection, slugs) or last
    own, whole = tallies.c.campaign.in_(slugs), tallies.c.figure.in_(HIDDEN_IF_FEW)
    key = (tallies.c.campaign, tallies.c.day, tallies.c.figure, tallies.c.value)
    each = select(*key, tallies.c.count).where(own, _days(first, last), ~whole)
    of_all = (tallies.c.campaign, tallies.c.figure, tallies.c.value)
    time = _time(period, first, last)
    summed = select(*of_all, func.sum(tallies.c.count)).where(own, time, whole)
    sums = connection.execute(summed.group_by(*of_all).order_by(*of_all)).all()
    found = [CsvRow(*row) for row in connection.execute(each.order_by(*key)) if row[-1]]
    found += [CsvRow(slug, "", figure, value, int(n)) for slug, figure, value, n in sums if n]
    return first, found


def accepted_letters(connection: Connection, slugs: Sequence[str]) -> dict[str, int]:
    """Return how many letters of each of these campaigns are accepted; tests don't count."""
    query = select(counters.c.campaign, counters.c.accepted)
    rows = connection.execute(query.where(counters.c.campaign.in_(slugs)))
    return {slug: accepted for slug, accepted in rows}


def people(connection: Connection, slugs: Sequence[str]) -> dict[str, int]:
    """Return of how many people each of these campaigns has an accepted letter."""
    query = select(tallies.c.campaign, tallies.c.count).where(
        tallies.c.campaign.in_(slugs),
        _STEP,
        tallies.c.day == ALL_DAYS,
        tallies.c.value == FunnelStage.ACCEPTED.value,
    )
    return {slug: int(count) for slug, count in connection.execute(query)}


def campaigns(connection: Connection) -> tuple[str, ...]:
    """Return the slugs of all campaigns with figures, including campaigns that no longer exist."""
    found: list[str] = []
    slug = connection.execute(select(func.min(tallies.c.campaign))).scalar()
    while slug is not None:
        found.append(slug)
        after = select(func.min(tallies.c.campaign)).where(tallies.c.campaign > slug)
        slug = connection.execute(after).scalar()
    return tuple(found)


def _sums(
    connection: Connection, slugs: Sequence[str], time: ColumnElement[bool]
) -> tuple[dict[Figure, dict[str, int]], dict[tuple[str, str], int]]:
    """Return the counts by figure and value, and how many of each were not erased."""
    place = (tallies.c.figure, tallies.c.value)
    query = select(*place, func.sum(tallies.c.count), func.sum(tallies.c.erased))
    of = (tallies.c.campaign.in_(slugs), tallies.c.figure.in_([each.value for each in Figure]))
    sums: dict[Figure, dict[str, int]] = {}
    live: dict[tuple[str, str], int] = {}
    for figure, value, count, erased in connection.execute(query.where(*of, time).group_by(*place)):
        live[figure, value] = int(count - erased)
        if count:
            sums.setdefault(Figure(figure), {})[value] = int(count)
    return sums, live


def _days(first: date, last: date) -> ColumnElement[bool]:
    return tallies.c.day.between(first.isoformat(), last.isoformat())


def _time(period: Period, first: date, last: date) -> ColumnElement[bool]:
    """Return the condition for the rows of a period. For all time, one row has the sum."""
    all_time = period is Period.ALL and first != last
    return tallies.c.day == ALL_DAYS if all_time else _days(first, last)


def _began(connection: Connection, slugs: Sequence[str]) -> date | None:
    first = (
        select(func.min(tallies.c.day)).where(
            tallies.c.campaign == slug, _STEP, tallies.c.day > ALL_DAYS
        )
        for slug in slugs
    )
    days = [connection.execute(query).scalar() for query in first]
    return min((date.fromisoformat(day) for day in days if day), default=None)


def _before(
    connection: Connection, slugs: Sequence[str], period: Period, first: date
) -> int | None:
    """Return how many letters were sent in the period before; None if it is incomplete."""
    last = first - timedelta(days=1)
    start = first_day(period, last)
    began = _began(connection, slugs)
    if start is None or began is None or began > start:
        return None
    return _count(connection, slugs, FunnelStage.SENT, _days(start, last))


def _count(connection: Connection, slugs: Sequence[str], stage: FunnelStage, *of: Any) -> int:
    query = select(func.coalesce(func.sum(tallies.c.count), 0)).where(
        tallies.c.campaign.in_(slugs), _OF_LETTERS, tallies.c.value == stage.value, *of
    )
    return int(connection.execute(query).scalar_one())


def _total(connection: Connection, slugs: Sequence[str]) -> int:
    query = select(func.coalesce(func.sum(counters.c.accepted), 0))
    return int(connection.execute(query.where(counters.c.campaign.in_(slugs))).scalar_one())


def _updates(connection: Connection, sources: Any) -> dict[str, date]:
    """Return the day of each broadcast whose links are among `sources`, by source."""
    rows = connection.execute(
        select(broadcasts.c.broadcast, broadcasts.c.began).where(broadcasts.c.began.is_not(None))
    )
    dates = {Broadcast(id_, Audience("")).source: began.date() for id_, began in rows}
    return {source: day for source, day in dates.items() if source in sources}
