"""The figures of a campaign: what is counted, and over which period."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from conversations.model.letters.delivery import LetterState
from conversations.model.scheduled import AnswerKind
from conversations.model.stats.funnel import FunnelStage

MIN_SHOWN_COUNT = 5
"""Smaller counts by country or language could identify people, so they are not shown."""

OTHERS = "other"
"""In place of countries, or languages, that are not named; no code and no tag is like that."""

ALL_CAMPAIGNS = "*"
"""In place of a slug: all campaigns together. No slug is like that."""


OWN_WORDS = "yes"
"""The value of the figure that counts letters with own words."""


class Figure(StrEnum):
    """What is counted per day. The values are stored."""

    STEP = "step"
    """How many people reached each `FunnelStage`."""
    LINK = "link"
    """How many people opened the campaign, by the source of their link."""
    SOURCE = "source"
    """How many people sent a letter, by the source of their link."""
    COUNTRY = "country"
    """How many people sent a letter, by country."""
    LANGUAGE = "language"
    """How many people sent a letter, by language."""
    HOUR = "hour"
    """How many people sent a letter, by the hour of the day (UTC)."""
    OWN_ANSWER = "own_answer"
    """How many people sent a letter, by an answer to one of the campaign's own questions."""
    OWN_WORDS = "own_words"
    """How many people sent a letter with words of their own; its only value is OWN_WORDS."""
    ANSWER = "answer"
    """How many letters were answered or not, by target and `AnswerKind`, as far as it is known."""
    FATE = "fate"
    """How many letters are in each `LetterState` other than accepted or waiting."""
    FURTHER = "further"
    """Where people write to several targets: how many letters were sent besides the one that is
    counted for its person, and how many of these were accepted.
    """


HIDDEN_IF_FEW = (Figure.COUNTRY, Figure.LANGUAGE, Figure.OWN_ANSWER, Figure.ANSWER)
"""The figures whose small counts could identify people. They are told of whole periods only: two
days that are told one by one would reveal the difference.
"""


def own_answer_value(question: str, answer: str) -> str:
    """Return an answer as Figure.OWN_ANSWER counts it; `own_answer_of` reads it. It is stored."""
    return f"{question}={answer}"


def own_answer_of(value: str) -> tuple[str, str]:
    """Return the id of the question, and the answer, that `own_answer_value` wrote."""
    question, _, answer = value.partition("=")
    return question, answer


def answer_value(target: str, kind: AnswerKind) -> str:
    """Return the value under which answers of a target are counted."""
    return f"{target}:{kind}"


class Period(StrEnum):
    """A period of days; it ends today, or on a day that is given."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"


PERIOD_DAYS = {Period.TODAY: 1, Period.WEEK: 7, Period.MONTH: 30}
"""How many days a period has, its last day included."""


def first_day(period: Period, last: date) -> date | None:
    """Return the first day of the period that ends on `last`; None for Period.ALL."""
    return None if period is Period.ALL else last - timedelta(days=PERIOD_DAYS[period] - 1)


@dataclass(frozen=True)
class FiguresQuery:
    """A request for figures."""

    campaign: str
    """A slug, or ALL_CAMPAIGNS."""

    period: Period

    last: date | None = None
    """The last day of the period; None for today."""


@dataclass(frozen=True)
class Figures:
    """The figures of one or all campaigns, from `first` to `last` (UTC days)."""

    period: Period
    first: date
    last: date

    sent: Mapping[date, int] = field(default_factory=dict)
    """How many letters were sent on each day."""

    accepted: Mapping[date, int] = field(default_factory=dict)
    """How many of the letters sent on each day were accepted, on that day or later."""

    sums: Mapping[Figure, Mapping[str, int]] = field(default_factory=dict)
    """The sums over all days, by figure and value."""

    waiting: int = 0
    """How many letters wait to be sent."""

    before: int | None = None
    """How many letters were sent in the equally long period before; None if there is none."""

    earlier: int = 0
    """How many letters that were sent before `first` are accepted."""

    total: int = 0
    """How many letters are accepted in all."""

    goal: int | None = None
    """How many accepted letters, or people, the campaign wants."""

    people: int | None = None
    """Of how many people a letter is accepted in all; None if the goal counts letters."""

    updates: Mapping[str, date] = field(default_factory=dict)
    """When each broadcast began, by its source."""

    @property
    def days(self) -> tuple[date, ...]:
        """All days from `first` to `last`."""
        count = (self.last - self.first).days + 1
        return tuple(self.first + timedelta(days=day) for day in range(count))

    def of(self, figure: Figure) -> Mapping[str, int]:
        """Return the counts of a figure by value, without zeros."""
        return self.sums.get(figure, {})

    def step(self, stage: FunnelStage) -> int:
        """Return how many people reached `stage`."""
        return self.of(Figure.STEP).get(stage, 0)

    def fate(self, state: LetterState) -> int:
        """Return how many letters are in `state`."""
        if state is LetterState.ACCEPTED:
            return self._letters(FunnelStage.ACCEPTED)
        return self.of(Figure.FATE).get(state, 0)

    @property
    def with_own_words(self) -> int:
        """How many of the letters that were sent have words of their writer's own."""
        return self.of(Figure.OWN_WORDS).get(OWN_WORDS, 0)

    @property
    def answers(self) -> Mapping[str, Mapping[AnswerKind, int]]:
        """How many letters to each target were answered or not, as far as it is known."""
        found: dict[str, dict[AnswerKind, int]] = {}
        for value, count in self.of(Figure.ANSWER).items():
            target, _, kind = value.partition(":")
            found.setdefault(target, {})[AnswerKind(kind)] = count
        return found

    @property
    def letters(self) -> int:
        """How many letters were sent."""
        return self._letters(FunnelStage.SENT)

    def _letters(self, stage: FunnelStage) -> int:
        return self.step(stage) + self.of(Figure.FURTHER).get(stage, 0)


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the counts, largest first; equal counts are sorted by name."""
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def hide_small_counts(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Replace counts by country or language that are smaller than MIN_SHOWN_COUNT with None.

    A reader who knows the total can compute the sum of the small counts. If that sum reveals each
    count (there is one small country, or all have the smallest or largest possible count), their
    codes are replaced by the single entry OTHERS.
    """
    many: dict[str, int | None] = {code: n for code, n in counts.items() if n >= MIN_SHOWN_COUNT}
    few = {code: n for code, n in counts.items() if 0 < n < MIN_SHOWN_COUNT}
    if not few:
        return many
    stays_unknown = len(few) < sum(few.values()) < len(few) * (MIN_SHOWN_COUNT - 1)
    return many | dict.fromkeys(few if stays_unknown and len(few) > 1 else (OTHERS,))
