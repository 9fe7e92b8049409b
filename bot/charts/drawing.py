"""`python -m bot.telegram.drawing`: a Chart as JSON on standard input, its picture on the output.

What stands here is read on a phone: 390 points wide, so a line of text is 42 pixels high of 1080.
No pyplot: it keeps figures for itself, and is for people at a screen.
"""

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from pydantic import TypeAdapter

from bot.charts.fonts import families, shown
from conversations.model.chart import (
    Bar,
    BarList,
    Chart,
    Label,
    LettersOverTime,
    Tick,
)

WIDTH = 1080
_DPI = 150
_MARGIN, _GAP, _LINE = 44, 36, 43
_HEADING = 54
_COURSE = 240
_STRIP = 36
_ASIDE = 170
_TITLE = 19
_TITLE_LINE = 54

_PAPER, _INK, _FAINT, _RULE = "#fbfaf6", "#1c2330", "#5d6675", "#dcdad2"
_BLUE, _PALE, _PALER, _GREEN = "#3f7fe8", "#bcd4fa", "#e4edfb", "#15803d"
_FATES = ("#2f9e6b", "#93a9c9", "#e0a020", "#e0662b", "#b3261e")


@dataclass(frozen=True)
class Box:
    """A part of the picture, in pixels from its top left corner."""

    left: float
    top: float
    width: float
    height: float


class Picture:
    """A sheet on which a chart is drawn from top to bottom."""

    def __init__(self, chart: Chart) -> None:
        """Lay it out."""
        self._chart = chart
        self._families = families(chart)
        self.figure = Figure(dpi=_DPI, facecolor=_PAPER)
        FigureCanvasAgg(self.figure)
        self._height = 0.0

    def draw(self) -> None:
        """Draw everything."""
        chart, top = self._chart, float(_MARGIN)
        columns = (WIDTH - 2 * _MARGIN - _GAP) / 2
        right = _MARGIN + columns + _GAP
        title = self._lines(chart.title, WIDTH - 2 * _MARGIN, _TITLE, most=2)
        parts = _Heights(chart, len(title))
        self._height = parts.total
        self.figure.set_size_inches(WIDTH / _DPI, self._height / _DPI)
        for line in title:
            self._write(line, _MARGIN, top, _TITLE, weight="bold")
            top += _TITLE_LINE
        self._write(self._word(chart.subtitle), _MARGIN, top, 15, color=_FAINT)
        top += _HEADING
        if chart.nothing:
            self._write(self._word(chart.nothing), _MARGIN, top + 20, 15)
            return
        top += _GAP / 2
        self._course(chart.course, top)
        top += parts.course + _GAP
        whole = WIDTH - 2 * _MARGIN
        self._rows("funnel", chart.funnel, Box(_MARGIN, top, whole, 0), _GREEN)
        top += parts.funnel + _GAP
        self._fates(chart.fates, top)
        top += parts.fates + _GAP
        self._rows("countries", chart.countries, Box(_MARGIN, top, columns, 0))
        self._rows("languages", chart.languages, Box(right, top, columns, 0))
        top += _rows_height(chart.languages) + _GAP
        self._rows("sources", chart.sources, Box(right, top, columns, 0))

    def png(self) -> bytes:
        """Return the picture."""
        written = io.BytesIO()
        self.figure.savefig(written, format="png", dpi=_DPI, facecolor=_PAPER)
        return written.getvalue()

    # --- the parts ------------------------------------------------------------------------------

    def _course(self, course: LettersOverTime, top: float) -> None:
        """Draw the letters as bars, and the running total as a line above the same days."""
        whole = WIDTH - 2 * _MARGIN
        self._write(self._word(course.heading), _MARGIN, top, 15, weight="bold", color=_BLUE)
        if course.total_heading:
            heading = self._word(course.total_heading)
            self._write(heading, WIDTH - _MARGIN, top, 15, weight="bold", color=_GREEN, ha="right")
        left, right = self._room(course.up), self._room(course.total_up)
        box = Box(_MARGIN + left, top + _HEADING + 8, whole - left - right, _COURSE)
        axes = self._axes("course", box)
        days = len(course.counts)
        axes.bar(range(days), course.counts, width=0.72 if days < 90 else 1.0, color=_BLUE)
        axes.set_xlim(-0.6, days - 0.4)
        axes.set_ylim(0, max(course.up[-1].at, 1))
        self._ticks(axes, course)
        if course.totals:
            self._totals(axes, course)

    def _room(self, ticks: Sequence[Tick]) -> float:
        """Return how much an axis needs for its numbers."""
        return max((self._width(self._word(tick.label), 13) + 24 for tick in ticks), default=0)

    def _totals(self, axes: Axes, course: LettersOverTime) -> None:
        line = axes.twinx()
        line.set_label("totals")
        self._plain(line)
        marker = "o" if len(course.totals) < 3 else ""
        line.plot(range(len(course.totals)), course.totals, color=_GREEN, lw=3, marker=marker)
        most = max(course.total_up[-1].at, course.goal.at if course.goal else 0, 1)
        line.set_ylim(0, most * 1.04)
        line.set_yticks(
            [tick.at for tick in course.total_up], [self._word(t.label) for t in course.total_up]
        )
        if course.goal:
            line.axhline(course.goal.at, color=_GREEN, lw=2, ls=(0, (4, 4)))
            line.annotate(
                self._word(course.goal.label),
                (0, course.goal.at),
                xytext=(4, -4),
                textcoords="offset points",
                va="top",
                fontproperties=self._font(13),
                color=_GREEN,
                bbox={"facecolor": _PAPER, "edgecolor": "none", "pad": 1, "alpha": 0.85},
            )
        self._fonts(line)

    def _ticks(self, axes: Axes, course: LettersOverTime) -> None:
        for values, put in ((course.across, axes.set_xticks), (course.up, axes.set_yticks)):
            put([tick.at for tick in values], [self._word(tick.label) for tick in values])
        axes.grid(axis="y", color=_RULE, lw=1)
        axes.set_axisbelow(True)
        self._fonts(axes)

    def _rows(self, name: str, rows: BarList, box: Box, color: str = _INK) -> None:
        """Draw a table whose bars lie behind its words."""
        self._write(self._word(rows.heading), box.left, box.top, 15, weight="bold")
        if not rows.bars:
            self._write("–", box.left, box.top + _HEADING, 14, color=_FAINT)
            return
        height = _LINE * len(rows.bars)
        axes = self._axes(name, Box(box.left, box.top + _HEADING, box.width, height))
        axes.axis("off")
        places = range(len(rows.bars))
        most = max(max(bar.value, bar.pale) for bar in rows.bars) or 1
        if any(bar.pale for bar in rows.bars):
            axes.barh(places, [bar.pale for bar in rows.bars], height=0.82, color=_PALER)
        axes.barh(places, [bar.value for bar in rows.bars], height=0.82, color=_PALE)
        axes.set_xlim(0, most)
        axes.set_ylim(len(rows.bars) - 0.5, -0.5)
        for place, bar in enumerate(rows.bars):
            self._row(bar, box, box.top + _HEADING + _LINE * place)
        if rows.more:
            below = box.top + _HEADING + height
            self._write(self._word(rows.more), box.left + 12, below, 13, color=_FAINT)

    def _row(self, bar: Bar, box: Box, top: float) -> None:
        note = self._word(bar.note)
        taken = self._width(note, 14) + 40
        if bar.aside:
            strong = (
                {"weight": "bold", "color": _FATES[-1]} if bar.stands_out else {"color": _FAINT}
            )
            aside = box.left + box.width - _ASIDE
            self._write(self._word(bar.aside), aside, top, 14, ha="right", **strong)
            taken = _ASIDE + 130
        (label,) = self._lines(bar.label, box.width - taken, 14, most=1)
        self._write(label, box.left + 12, top, 14)
        self._write(note, box.left + box.width - 10, top, 14, ha="right")

    def _fates(self, fates: BarList, top: float) -> None:
        """Draw one bar for all letters, and under it what each colour is and how many."""
        self._write(self._word(fates.heading), _MARGIN, top, 15, weight="bold")
        whole = WIDTH - 2 * _MARGIN
        axes = self._axes("fates", Box(_MARGIN, top + _HEADING, whole, _STRIP))
        axes.axis("off")
        total = sum(bar.value for bar in fates.bars)
        axes.set_xlim(0, total or 1)
        axes.set_ylim(-0.5, 0.5)
        axes.barh([0], [total or 1], height=1, color=_RULE)
        start = 0.0
        for bar, color in zip(fates.bars, _FATES, strict=True):
            axes.barh([0], [bar.value], left=[start], height=1, color=color)
            start += bar.value
        below = top + _HEADING + _STRIP + 14
        for place, (bar, color) in enumerate(zip(fates.bars, _FATES, strict=True)):
            left = _MARGIN + (place % 3) * whole / 3
            self._key(bar, color, left, below + (place // 3) * _LINE, whole / 3)

    def _key(self, bar: Bar, color: str, left: float, top: float, width: float) -> None:
        square = self._axes(f"key {bar.label.plain}", Box(left, top + 10, 24, 24))
        square.axis("off")
        square.barh([0], [1], height=1, color=color)
        square.set_xlim(0, 1)
        square.set_ylim(-0.5, 0.5)
        words = f"{self._word(bar.label)}  {self._word(bar.note)}"
        (line,) = self._lines(Label(words, words), width - 44, 14, most=1)
        self._write(line, left + 38, top, 14)

    # --- words ----------------------------------------------------------------------------------

    def _word(self, label: Label) -> str:
        return shown(label, self._families)

    def _font(self, size: float, weight: str = "normal") -> FontProperties:
        return FontProperties(family=self._families, size=size, weight=weight)

    def _write(
        self,
        text: str,
        left: float,
        top: float,
        size: float,
        *,
        weight: str = "normal",
        color: str = _INK,
        ha: str = "left",
    ) -> None:
        """Write a line; `top` is that of its line box, so that all scripts stand level."""
        baseline = top + _LINE * 0.72 * max(size / 14, 1)
        self.figure.text(
            left / WIDTH,
            1 - baseline / self._height,
            _escaped(text),
            fontproperties=self._font(size, weight),
            color=color,
            ha=ha,
            va="baseline",
        )

    def _lines(self, label: Label, width: float, size: float, *, most: int) -> list[str]:
        """Return the words in at most so many lines of that width; what is too long ends in …."""
        left = self._word(label)
        lines: list[str] = []
        while left and len(lines) < most:
            fits = self._fitting(left, width, size)
            if fits < len(left) and len(lines) == most - 1:
                lines.append(
                    left[: max(1, self._fitting(left, width - size * 2, size))].rstrip() + "…"
                )
                return lines
            cut = left.rfind(" ", 0, fits + 1) if fits < len(left) else fits
            cut = cut if cut > 0 else fits
            lines.append(left[:cut].strip())
            left = left[cut:].strip()
        return lines or [""]

    def _fitting(self, text: str, width: float, size: float) -> int:
        """Return how many letters of `text` fit."""
        low, high = 1, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self._width(text[:middle], size) <= width:
                low = middle
            else:
                high = middle - 1
        return low

    def _width(self, text: str, size: float) -> float:
        weight = "bold" if size >= _TITLE else "normal"
        artist = Text(0, 0, _escaped(text), fontproperties=self._font(size, weight))
        artist.set_figure(self.figure)
        return float(artist.get_window_extent(dpi=_DPI).width)

    # --- axes -----------------------------------------------------------------------------------

    def _axes(self, name: str, box: Box) -> Axes:
        axes = self.figure.add_axes(
            (
                box.left / WIDTH,
                1 - (box.top + box.height) / self._height,
                box.width / WIDTH,
                box.height / self._height,
            ),
            label=name,
        )
        self._plain(axes)
        return axes

    def _plain(self, axes: Axes) -> None:
        axes.set_facecolor("none")
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params(length=0, pad=10, colors=_FAINT)

    def _fonts(self, axes: Axes) -> None:
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_fontproperties(self._font(13))


def _escaped(text: str) -> str:
    return text.replace("$", r"\$")


class _Heights:
    """How high each part is, in pixels."""

    def __init__(self, chart: Chart, lines: int) -> None:
        self.course = _HEADING + 8 + _COURSE + 52
        self.funnel = _rows_height(chart.funnel)
        self.fates = _HEADING + _STRIP + 14 + 2 * _LINE
        right = _rows_height(chart.languages) + _GAP + _rows_height(chart.sources)
        tables = max(_rows_height(chart.countries), right)
        head = _MARGIN + _TITLE_LINE * lines + _HEADING
        parts: Sequence[float] = (self.course, self.funnel, self.fates, tables)
        self.total = head + (100 if chart.nothing else _GAP / 2 + sum(parts) + 3 * _GAP + _MARGIN)


def _rows_height(rows: BarList) -> float:
    return _HEADING + _LINE * (max(1, len(rows.bars)) + bool(rows.more))


def main() -> None:
    """Draw what comes in."""
    picture = Picture(TypeAdapter(Chart).validate_json(sys.stdin.buffer.read()))
    picture.draw()
    sys.stdout.buffer.write(picture.png())


if __name__ == "__main__":
    main()
