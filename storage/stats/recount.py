"""Recount: compute the figures from the records, and compare. There must be no difference."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    func,
    select,
    text,
    type_coerce,
)

from conversations.model.delivery import LetterState
from conversations.model.figures import Figure
from conversations.model.funnel import FunnelStage
from storage.schema.tables import LIVE, actions, counters
from storage.schema.tables import outbox as mails
from storage.schema.tables import tallies as kept
from storage.schema.tally import Tally
from storage.stats import tallies
from storage.stats.tallies import CountedAction

Place = tuple[str, str, str, str]

_HOUR = 3_600_000_000
_RECORDED = (FunnelStage.SENT.value, FunnelStage.ACCEPTED.value)
_NOTHING = (0, 0, 0)
_GOAL = ("counter", "", LetterState.ACCEPTED.value)
"""The counter for the goal, as if it were a figure without a day."""


@dataclass(frozen=True)
class Difference:
    """A figure that differs from the records."""

    campaign: str
    figure: str
    day: str
    value: str
    counted: int
    """The figure."""

    erased: int
    """How many of the counted records were erased."""

    settled: int
    """How many of them were settled."""

    recounted: int
    """The number of records. With `erased` and `settled`, it should make `counted`."""


def count_erased(connection: Connection, which: ColumnElement[bool]) -> list[Tally]:
    """Return the changes that count the actions of `which`, with their letters, as erased."""
    return [each._replace(more=0, erased=each.more) for each in _recorded(connection, which)]


def recount(connection: Connection) -> tuple[int, list[Difference]]:
    """Compute all figures from the records; return how many there are, and those that differ.

    Erased and settled records are counted as noted when they were erased or settled.
    """
    found: Counter[Place] = Counter()
    for each in tallies.with_totals(_recorded(connection)):
        found[each.place] += each.more
    counted = _kept(connection)
    places = sorted({*counted, *(place for place, count in found.items() if count)})
    differences = [
        Difference(*place, *counted.get(place, _NOTHING), found[place])
        for place in places
        if counted.get(place, _NOTHING)[0] != sum(counted.get(place, _NOTHING)[1:]) + found[place]
    ]
    return len(places), [*differences, *_goals(connection)]


def _recorded(connection: Connection, *which: ColumnElement[bool]) -> list[Tally]:
    """Return the changes that count the actions of `which`, from their records."""
    hour = type_coerce(actions.c.at, BigInteger) // _HOUR
    place = (
        actions.c.campaign,
        actions.c.country,
        actions.c.language,
        actions.c.source,
        hour,
        mails.c.state,
        mails.c.possible_duplicate,
    )
    query = (
        select(*place[:4], hour.label("hour"), *place[5:], func.count().label("alike"))
        .join(mails, mails.c.action == actions.c.action, isouter=True)
        .where(text(LIVE), actions.c.final_state.is_(None), *which)
        .group_by(*place)
    )
    return [each for row in connection.execute(query) for each in _counts(row)]


def _counts(row: Row[Any]) -> Sequence[Tally]:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=row.hour)
    action = CountedAction(row.campaign, row.country, row.language, row.source, at)
    state = LetterState(row.state) if row.state else LetterState.QUEUED
    fate = tallies.counted_state(state, doubted=bool(row.possible_duplicate))
    fared = tallies.count_state(action.campaign, at, fate, by=row.alike)
    return [*tallies.count_action(action, by=row.alike), *fared]


def _kept(connection: Connection) -> dict[Place, tuple[int, int, int]]:
    """Return the figures that have records. Stages before the letter is sent have none."""
    place = (kept.c.campaign, kept.c.figure, kept.c.day, kept.c.value)
    rows = connection.execute(select(*place, kept.c.count, kept.c.erased, kept.c.settled))
    return {
        (campaign, figure, day, value): (count, erased, settled)
        for campaign, figure, day, value, count, erased, settled in rows
        if figure != Figure.LINK and (figure != Figure.STEP or value in _RECORDED)
    }


def _goals(connection: Connection) -> list[Difference]:
    """Return the counters for goals that differ from the figures."""
    ever = (kept.c.figure == Figure.STEP.value, kept.c.day == tallies.ALL_DAYS)
    query = select(kept.c.campaign, kept.c.count)
    accepted = connection.execute(query.where(*ever, kept.c.value == FunnelStage.ACCEPTED.value))
    summed: dict[str, int] = {slug: count for slug, count in accepted}
    rows = connection.execute(select(counters.c.campaign, counters.c.accepted)).all()
    goals = {row.campaign: row.accepted for row in rows}
    return [
        Difference(slug, *_GOAL, goals.get(slug, 0), 0, 0, summed.get(slug, 0))
        for slug in sorted({*goals, *summed})
        if goals.get(slug, 0) != summed.get(slug, 0)
    ]
