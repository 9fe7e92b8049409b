"""Figures, counted in the transaction of the event that they count.

Everything about a letter is counted on the day on which it was sent, its state too, so that the
states of a day's letters add up to the letters of that day. Letters that wait are the remainder.
When records are erased or settled, their count stays, and `erased` and `settled` say how many these
are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Executable, bindparam, update

from conversations.core.effects.stats import CountStage
from conversations.model.letters.delivery import LetterState
from conversations.model.stats.figures import OWN_WORDS, Figure
from conversations.model.stats.funnel import FunnelStage
from storage.engine.dialects import insert
from storage.schema.tables import counters, tallies
from storage.schema.tally import Tally

ALL_DAYS = ""
"""In place of the day, for the sum of all days: a query for all time reads few rows."""

KEY = ("campaign", "figure", "day", "value")
"""The primary key of the table, in order."""


@dataclass(frozen=True, slots=True)
class CountedAction:
    """What the figures count of an action."""

    campaign: str
    country: str
    language: str
    source: str
    at: datetime
    """When Send was pressed."""

    has_own_words: bool
    """Whether the letter has words of its writer's own."""

    answers: tuple[str, ...] = ()
    """The answers to the campaign's own questions that are counted (`figures.own_answer_value`)."""

    leads: bool = True
    """Whether it counts its person: the other letters of the same Send count letters only."""


_COUNTS = ("count", "erased", "settled")
"""Columns to which changes add."""

_WAITING = (LetterState.QUEUED, LetterState.DEFERRED, LetterState.SENDING)


@cache
def _add(dialect: str) -> Executable:
    statement = insert(dialect, tallies)
    more = {name: tallies.c[name] + statement.excluded[name] for name in _COUNTS}
    return statement.on_conflict_do_update(index_elements=[*KEY], set_=more)


@cache
def _accept(dialect: str) -> Executable:
    statement = insert(dialect, counters)
    more = {
        name: counters.c[name] + statement.excluded[name] for name in ("accepted", "last_number")
    }
    return statement.on_conflict_do_update(index_elements=["campaign"], set_=more).returning(
        counters.c.last_number
    )


_SUBTRACT = update(counters).where(counters.c.campaign == bindparam("of"))
_SUBTRACT = _SUBTRACT.values(
    accepted=counters.c.accepted - 1,
    # Bounces neither end a row of refusals nor make it longer.
    accepted_before=counters.c.accepted_before - 1,
)


def add(connection: Connection, more: Iterable[Tally]) -> None:
    """Add all changes in one statement, in the order of the keys, so that no deadlock arises.

    It is the last statement of a transaction, because all transactions write these rows.
    """
    summed: dict[tuple[str, ...], list[int]] = {}
    for each in with_totals(more):
        counts = summed.setdefault(each.place, [0, 0, 0])
        for number, change in enumerate((each.more, each.erased, each.settled)):
            counts[number] += change
    rows = [
        {**dict(zip(KEY, place, strict=True)), **dict(zip(_COUNTS, counts, strict=True))}
        for place, counts in sorted(summed.items())
        if any(counts)
    ]
    if rows:
        connection.execute(_add(connection.dialect.name), rows)


def with_totals(more: Iterable[Tally]) -> Iterator[Tally]:
    """Yield each change, and the one of the sum of all days. Hours are counted by day only."""
    for each in more:
        yield each
        if each.figure != Figure.HOUR:
            yield each._replace(day=ALL_DAYS)


def count_stage(count: CountStage, at: datetime) -> list[Tally]:
    """Return the changes that count a supporter who reached a stage before the letter is sent."""
    step = Tally(count.campaign, Figure.STEP, day(at), count.stage)
    if count.stage is not FunnelStage.OPENED:
        return [step]
    return [step, Tally(count.campaign, Figure.LINK, day(at), count.source)]


def count_action(action: CountedAction, *, by: int = 1) -> list[Tally]:
    """Return the changes that count `by` actions like this one. Tests are never counted."""
    on = day(action.at)
    if not action.leads:
        return [Tally(action.campaign, Figure.FURTHER, on, FunnelStage.SENT, by)]
    of = (
        (Figure.STEP, FunnelStage.SENT),
        (Figure.COUNTRY, action.country),
        (Figure.LANGUAGE, action.language),
        (Figure.SOURCE, action.source),
        (Figure.HOUR, f"{action.at:%H}"),
        *((Figure.OWN_ANSWER, answer) for answer in action.answers),
        *(((Figure.OWN_WORDS, OWN_WORDS),) if action.has_own_words else ()),
    )
    return [Tally(action.campaign, figure, on, value, by) for figure, value in of]


def count_state(
    campaign: str,
    at: datetime,
    fate: LetterState | None,
    *,
    before: LetterState | None = None,
    by: int = 1,
    leads: bool = True,
) -> list[Tally]:
    """Return the changes that count letters sent `at` under `fate`, and no longer under `before`.

    None stands for a letter that waits: it is counted under no state. `leads` is as in
    `CountedAction`.
    """
    return [
        Tally(campaign, _figure(state, leads=leads), day(at), state, count)
        for state, count in ((before, -by), (fate, by))
        if state is not None
    ]


def counted_state(state: LetterState, *, doubted: bool) -> LetterState | None:
    """Return the state under which a letter is counted; None while it waits.

    `doubted` means that it may have left before: it counts as unknown while it waits.
    """
    if state in _WAITING:
        return LetterState.UNKNOWN if doubted else None
    return state


def add_accepted(connection: Connection, campaign: str, more: int) -> int:
    """Count `more` accepted letters of `campaign`, and return the number of the last one."""
    row = {"campaign": campaign, "accepted": more, "last_number": more}
    number: int = connection.execute(_accept(connection.dialect.name), row).scalar_one()
    return number


def subtract_accepted(connection: Connection, campaign: str) -> None:
    """Count one accepted letter less. Its number is not reused."""
    connection.execute(_SUBTRACT, {"of": campaign})


def day(at: datetime) -> str:
    """Return the UTC day of `at` as YYYY-MM-DD."""
    return at.date().isoformat()


def _figure(state: LetterState, *, leads: bool) -> Figure:
    if state is not LetterState.ACCEPTED:
        return Figure.FATE
    return Figure.STEP if leads else Figure.FURTHER
