"""Recount: compute the figures from the records, and compare. There must be no difference."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, text

from conversations.model.letters.delivery import LetterState
from conversations.model.stats.figures import Figure
from conversations.model.stats.funnel import FunnelStage
from storage.crypto.vault import Vault
from storage.engine.rounding import hour_of
from storage.schema.tables import LIVE, actions, counters
from storage.schema.tables import outbox as mails
from storage.schema.tables import tallies as kept
from storage.schema.tally import Tally
from storage.stats import answers, tallies
from storage.stats.action_details import counted_action, decrypt_details
from storage.stats.tallies import CountedAction

Place = tuple[str, str, str, str]

_SLICE_SIZE = 1000
"""Number of actions that are read at once."""

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


def count_erased(connection: Connection, vault: Vault, which: ColumnElement[bool]) -> list[Tally]:
    """Return the changes that count the actions of `which`, with their letters, as erased."""
    return [each._replace(more=0, erased=each.more) for each in _recorded(connection, vault, which)]


def recount(connection: Connection, vault: Vault) -> tuple[int, list[Difference]]:
    """Compute all figures from the records; return how many there are, and those that differ.

    Erased and settled records are counted as noted when they were erased or settled.
    """
    found: Counter[Place] = Counter()
    recorded = (*_recorded(connection, vault), *answers.recounted(connection))
    for each in tallies.with_totals(recorded):
        found[each.place] += each.more
    counted = _kept(connection)
    places = sorted({*counted, *(place for place, count in found.items() if count)})
    differences = [
        Difference(*place, *counted.get(place, _NOTHING), found[place])
        for place in places
        if counted.get(place, _NOTHING)[0] != sum(counted.get(place, _NOTHING)[1:]) + found[place]
    ]
    return len(places), [*differences, *_goals(connection)]


def _recorded(connection: Connection, vault: Vault, *which: ColumnElement[bool]) -> list[Tally]:
    """Return the changes that count the actions of `which`, from their records."""
    alike = Counter[_Alike]()
    after = ""
    while rows := connection.execute(_slice(after, *which)).all():
        alike.update(_alike(vault, row) for row in rows)
        after = rows[-1].action
    return [tally for each, count in alike.items() for tally in _counts(each, count)]


def _slice(after: str, *which: ColumnElement[bool]) -> Select[Any]:
    """Return the query for the next actions of `which`, those with ids beyond `after`."""
    return (
        select(
            actions.c.action,
            actions.c.campaign,
            actions.c.encrypted_details,
            actions.c.at,
            actions.c.leads,
            mails.c.state,
            mails.c.possible_duplicate,
        )
        .join(mails, mails.c.action == actions.c.action, isouter=True)
        .where(text(LIVE), actions.c.final_state.is_(None), actions.c.action > after, *which)
        .order_by(actions.c.action)
        .limit(_SLICE_SIZE)
    )


class _Alike(NamedTuple):
    """What is counted alike."""

    action: CountedAction
    state: LetterState
    doubted: bool


def _alike(vault: Vault, row: Row[Any]) -> _Alike:
    details = decrypt_details(vault, row.action, row.encrypted_details)
    action = counted_action(row, details)
    state = LetterState(row.state) if row.state else LetterState.QUEUED
    at = hour_of(action.at)
    return _Alike(replace(action, at=at), state, bool(row.possible_duplicate))


def _counts(alike: _Alike, count: int) -> Sequence[Tally]:
    action = alike.action
    fate = tallies.counted_state(alike.state, doubted=alike.doubted)
    fared = tallies.count_state(action.campaign, action.at, fate, by=count, leads=action.leads)
    return [*tallies.count_action(action, by=count), *fared]


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
    ever = (kept.c.figure.in_((Figure.STEP.value, Figure.FURTHER.value)),)
    query = select(kept.c.campaign, func.sum(kept.c.count)).group_by(kept.c.campaign)
    letters = (kept.c.day == tallies.ALL_DAYS, kept.c.value == FunnelStage.ACCEPTED.value)
    accepted = connection.execute(query.where(*ever, *letters))
    summed: dict[str, int] = {slug: int(count) for slug, count in accepted}
    rows = connection.execute(select(counters.c.campaign, counters.c.accepted)).all()
    goals = {row.campaign: row.accepted for row in rows}
    return [
        Difference(slug, *_GOAL, goals.get(slug, 0), 0, 0, summed.get(slug, 0))
        for slug in sorted({*goals, *summed})
        if goals.get(slug, 0) != summed.get(slug, 0)
    ]
