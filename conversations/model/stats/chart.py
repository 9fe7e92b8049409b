"""The content of a chart of figures: numbers and labels, ready to be drawn (`bot.charts`)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """A text in the chart."""

    text: str

    plain: str
    """Drawn in place of `text` if no font has its letters."""


@dataclass(frozen=True)
class Bar:
    """A bar, or a segment of one."""

    label: Label
    value: float

    note: Label
    """The text at the end of the row, like the number."""

    pale: float = 0
    """A total that contains `value`, drawn behind it in a pale colour; 0 for none."""

    aside: Label | None = None
    """A second text, before the note."""

    stands_out: bool = False
    """Whether the aside is highlighted."""


@dataclass(frozen=True)
class BarList:
    """A list of bars under a heading."""

    heading: Label
    bars: tuple[Bar, ...]

    more: Label | None = None
    """A line about bars that are left out."""


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: Label


@dataclass(frozen=True)
class LettersOverTime:
    """Letters by day or hour as bars, and optionally their running total as a line."""

    heading: Label
    counts: tuple[int, ...]
    across: tuple[Tick, ...]
    """The marks of the time axis."""

    up: tuple[Tick, ...]
    """The marks of the left axis, for `counts`."""

    total_heading: Label | None = None
    totals: tuple[int, ...] = ()
    """The running total after each day or hour; empty for no line."""

    total_up: tuple[Tick, ...] = ()
    """The marks of the right axis, for `totals`."""

    goal: Tick | None = None
    """The campaign's goal, if the line comes near it."""


@dataclass(frozen=True)
class Chart:
    """A whole chart."""

    language: str
    title: Label
    subtitle: Label
    course: LettersOverTime
    funnel: BarList
    fates: BarList
    """The letters by state, from good to bad."""

    countries: BarList
    languages: BarList
    sources: BarList
    answers: tuple[BarList, ...] = ()
    """The answers to the campaign's own questions. They are said in words, and not drawn."""

    right_to_left: bool = False
    nothing: Label | None = None
    """Drawn in place of everything if there are no figures."""
