"""Lays out the chart of figures: which bars, in which order, and every text."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from conversations.core.facts import Deployment
from conversations.core.link_sources import OTHER, SHARED
from conversations.model.letters.delivery import LetterState
from conversations.model.stats.chart import Bar, BarList, Chart, Label, LettersOverTime, Tick
from conversations.model.stats.figures import (
    ALL_CAMPAIGNS,
    MIN_SHOWN_COUNT,
    OTHERS,
    Figure,
    Figures,
    hide_small_counts,
    ranked,
)
from conversations.model.stats.funnel import FunnelStage
from conversations.stats.insights import MIN_COUNT
from conversations.text import countries
from conversations.text.languages import DEFAULT, offered, own_name
from conversations.text.wording import Wording

MAX_COUNTRIES, MAX_LANGUAGES, MAX_SOURCES = 7, 3, 4
"""How many rows of each are shown; for the rest, the chart says how many more there are."""

FATES = (
    LetterState.ACCEPTED,
    LetterState.QUEUED,
    LetterState.UNKNOWN,
    LetterState.BOUNCED,
    LetterState.FAILED,
)
"""The states of letters in the chart, from good to bad. All letters that wait are QUEUED."""

BAR_OF_FEW = MIN_SHOWN_COUNT / 2
"""The length of the bar of a country with few people, whatever their number is."""

MAX_DAY_TICKS = 5
"""About how many days are labelled below a curve."""

MAX_COUNT_STEPS = 3
"""How many steps the axis of a curve has at most."""


@dataclass(frozen=True)
class Words:
    """Returns texts in the language of the person who asked, and in English beside it."""

    deployment: Deployment
    wording: Wording
    updates: Mapping[str, date]
    """The day of each broadcast whose links are sources."""

    def __call__(self, key: str, **values: str | int) -> Label:
        """Return the text of `key`."""
        plain = Wording(DEFAULT).label(key, **values)
        return Label(self.wording.label(key, **values), plain)

    def number(self, value: int) -> Label:
        """Return a number as it is written in the language."""
        return Label(self.wording.number(value), str(value))

    def title(self, slug: str) -> Label:
        """Return the title of a campaign, or of all together."""
        if slug == ALL_CAMPAIGNS:
            return self("stats.every")
        return Label(self.deployment.title(slug, self.wording.reads), slug)

    def country(self, code: str) -> Label:
        """Return the name of a country, or of the countries that are not named."""
        if code == OTHERS:
            return self("stats.other_countries")
        return Label(countries.name(code, self.wording.reads), code)

    def language(self, tag: str) -> Label:
        """Return the name of a language in that language, or of those that are not named."""
        if tag == OTHERS:
            return self("stats.other_languages")
        return Label(own_name(tag) if tag in offered() else tag, tag)

    def target(self, slug: str, target: str) -> str:
        """Return the name of a campaign's target; its id if it is gone."""
        campaign = self.deployment.campaigns.get(slug)
        found = campaign.index.by_id.get(target) if campaign else None
        return found.name_in(self.wording.reads) if found else target

    def source(self, name: str) -> Label:
        """Return the name of a source of links."""
        if name in self.updates:
            plain = Wording(DEFAULT).label("stats.source_update", day=f"{self.updates[name]}")
            day = self.wording.short_day(self.updates[name])
            return Label(self.wording.label("stats.source_update", day=day), plain)
        named = {"": "none", SHARED: "share", OTHER: "other"}.get(name)
        return self(f"stats.source_{named}") if named else Label(name, name)


@dataclass(frozen=True)
class Group:
    """What the letters are counted by: the country or the language of their writers."""

    figure: Figure
    heading: str
    """The key of its heading."""
    name: Callable[[Words, str], Label]
    """Returns the name of one country or language."""
    most: int
    """How many of them are shown."""


COUNTRIES = Group(Figure.COUNTRY, "stats.countries", Words.country, MAX_COUNTRIES)
LANGUAGES = Group(Figure.LANGUAGE, "stats.languages", Words.language, MAX_LANGUAGES)


def chart(words: Words, slug: str, figures: Figures, *, show_few: bool) -> Chart:
    """Return the chart. `show_few` also shows the exact count where people are few."""
    return Chart(
        language=words.wording.language,
        title=words.title(slug),
        subtitle=_subtitle(words, figures),
        course=_course(words, figures),
        funnel=_funnel(words, figures),
        fates=_fates(words, figures),
        countries=_people(words, figures, COUNTRIES, show_few=show_few),
        languages=_people(words, figures, LANGUAGES, show_few=show_few),
        sources=_sources(words, figures),
        right_to_left=words.wording.right_to_left,
        nothing=None
        if figures.step(FunnelStage.OPENED) or figures.letters
        else words("stats.nothing"),
    )


def fates(figures: Figures) -> dict[LetterState, int]:
    """Return how many letters are in each state of FATES."""
    found = {state: figures.fate(state) for state in FATES}
    return {**found, LetterState.QUEUED: figures.waiting}


def _subtitle(words: Words, figures: Figures) -> Label:
    first, last = figures.first, figures.last
    plain = first.isoformat() if first == last else f"{first} – {last}"
    return Label(words.wording.days(first, last), plain)


def _course(words: Words, figures: Figures) -> LettersOverTime:
    if len(figures.days) == 1:
        hours = figures.of(Figure.HOUR)
        counts = tuple(hours.get(f"{hour:02}", 0) for hour in range(24))
        across = tuple(Tick(hour, Label(f"{hour:02}", f"{hour:02}")) for hour in range(0, 24, 4))
        return LettersOverTime(words("stats.by_hour"), counts, across, _up(words, counts))
    days = figures.days
    counts = tuple(figures.sent.get(day, 0) for day in days)
    more = (figures.accepted.get(day, 0) for day in days)
    totals = tuple(accumulate(more, initial=figures.earlier))[1:]
    # The curve is of letters.
    goal = figures.goal if figures.people is None else None
    heading = words("stats.total_to_goal" if goal else "stats.total")
    # With a goal that is far away, the curve would be flat.
    near = goal is not None and goal <= 3 * max(totals)
    return LettersOverTime(
        words("stats.by_day"),
        counts,
        _across(words, days),
        _up(words, counts),
        heading,
        totals,
        _up(words, (*totals, goal or 0) if near else totals),
        Tick(goal, words("stats.goal", goal=goal)) if goal and near else None,
    )


def _across(words: Words, days: tuple[date, ...]) -> tuple[Tick, ...]:
    step = max(1, -(-len(days) // MAX_DAY_TICKS))
    return tuple(
        Tick(at, Label(words.wording.short_day(days[at]), f"{days[at]:%m-%d}"))
        for at in reversed(range(len(days) - 1, -1, -step))
    )


def _up(words: Words, counts: Iterable[int]) -> tuple[Tick, ...]:
    """Return round numbers from 0 up to the largest count, or a little more."""
    most = max(counts, default=0)
    size = 1
    while size * MAX_COUNT_STEPS < most:
        digits = 10 ** (len(str(size)) - 1)
        size = next(each for each in (2 * digits, 5 * digits, 10 * digits) if each > size)
    steps = max(1, -(-most // size))
    return tuple(Tick(at * size, words.number(at * size)) for at in range(steps + 1))


def _funnel(words: Words, figures: Figures) -> BarList:
    counts = [figures.step(stage) for stage in FunnelStage]
    lost = [0, *map(_lost, counts, counts[1:])]
    # Most people who open a campaign don't begin, and a letter may wait to be accepted: the first
    # and the last step never stand out.
    most = max(lost[2:-1])
    bars = []
    for place, stage in enumerate(FunnelStage):
        former, count = counts[max(place - 1, 0)], counts[place]
        aside = _loss(words, former, count)
        out = lost[place] == most > 0 and 1 < place < len(lost) - 1
        label, note = words(f"stats.step_{stage}"), words.number(count)
        bars.append(Bar(label, count, note, aside=aside, stands_out=out))
    return BarList(words("stats.funnel"), tuple(bars))


def _lost(former: int, count: int) -> int:
    """Return what percentage of people left at a step; 0 if they are too few to say so."""
    return round(100 * (former - count) / former) if former >= MIN_COUNT and former > count else 0


def _loss(words: Words, former: int, count: int) -> Label | None:
    """Return how many left at a step, in percent, or of how few people; None if nobody did."""
    if former <= count:
        return None
    if former < MIN_COUNT:
        return words("stats.step_few", count=former)
    percent = _lost(former, count)
    return words("stats.step_lost", percent=percent) if percent else None


def _fates(words: Words, figures: Figures) -> BarList:
    return BarList(
        words("stats.fates"),
        tuple(
            Bar(words(f"stats.fate_{state}"), count, words.number(count))
            for state, count in fates(figures).items()
        ),
    )


def _people(words: Words, figures: Figures, group: Group, *, show_few: bool) -> BarList:
    """Return the letters by the country or the language of their writers."""
    counts = figures.of(group.figure)
    if show_few:
        return _rows(words, group, counts)
    # Those with few people are sorted as equal: their order would reveal their counts.
    told = hide_small_counts(counts)
    alike = {code: MIN_SHOWN_COUNT - 1 if count is None else count for code, count in told.items()}
    shown = _rows(words, group, alike)
    few = words("stats.few_each" if OTHERS in told else "stats.few", most=MIN_SHOWN_COUNT)
    bars = (
        bar if bar.value >= MIN_SHOWN_COUNT else Bar(bar.label, BAR_OF_FEW, few)
        for bar in shown.bars
    )
    return BarList(shown.heading, tuple(bars), shown.more)


def _sources(words: Words, figures: Figures) -> BarList:
    links, sources = figures.of(Figure.LINK), figures.of(Figure.SOURCE)
    bars = []
    for name, _ in ranked({**dict.fromkeys(links, 0), **sources}):
        opened, sent = links.get(name, 0), sources.get(name, 0)
        note = words("stats.source_note", sent=sent, opened=max(opened, sent))
        bars.append(Bar(words.source(name), sent, note, pale=max(opened, sent)))
    bars.sort(key=lambda bar: (-bar.value, -bar.pale, bar.label.plain))
    more = len(bars) - MAX_SOURCES
    left = words("stats.more", count=more) if more > 0 else None
    return BarList(words("stats.sources"), tuple(bars[:MAX_SOURCES]), left)


def _rows(words: Words, group: Group, counts: Mapping[str, int]) -> BarList:
    found, most = ranked(counts), group.most
    bars = tuple(
        Bar(group.name(words, value), count, words.number(count)) for value, count in found[:most]
    )
    more = len(found) - most
    left = words("stats.more", count=more) if more > 0 else None
    return BarList(words(group.heading), bars, left)
