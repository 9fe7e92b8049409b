"""A picture of figures, as data: every word in it is chosen here, and drawn elsewhere."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """A word in the picture. `plain` is drawn instead where no font has the letters of `text`."""

    text: str
    plain: str


@dataclass(frozen=True)
class Bar:
    """A bar, or a part of one; `note` is what stands at its end, `aside` before that.

    `pale` is the larger number of which `value` are a part, where there is one. `stands_out` tells
    that the aside is to be seen first.
    """

    label: Label
    value: float
    note: Label
    pale: float = 0
    aside: Label | None = None
    stands_out: bool = False


@dataclass(frozen=True)
class Rows:
    """Bars under each other, under a heading; `more` tells what is left out."""

    heading: Label
    bars: tuple[Bar, ...]
    more: Label | None = None


@dataclass(frozen=True)
class Tick:
    """A mark at an axis."""

    at: float
    label: Label


@dataclass(frozen=True)
class Course:
    """Letters by day or hour, and the running total towards the goal, if there is one to run."""

    heading: Label
    counts: tuple[int, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    total_heading: Label | None = None
    totals: tuple[int, ...] = ()
    total_up: tuple[Tick, ...] = ()
    goal: Tick | None = None


@dataclass(frozen=True)
class Chart:
    """The whole picture. `fates` tells how letters fare, in the order good to bad;
    `nothing` is said in place of all of it where nobody came.
    """

    language: str
    title: Label
    subtitle: Label
    course: Course
    funnel: Rows
    fates: Rows
    countries: Rows
    languages: Rows
    sources: Rows
    right_to_left: bool = False
    nothing: Label | None = None
