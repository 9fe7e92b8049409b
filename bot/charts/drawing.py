"""`python -m bot.charts.drawing`: reads a Chart as JSON from standard input, writes a PNG."""

import sys
from collections.abc import Sequence

from matplotlib.axes import Axes
from pydantic import TypeAdapter

from bot.charts.fonts import families
from bot.charts.sheet import (
    GREY,
    INK,
    LINE,
    PAPER,
    RULE,
    TICK_SIZE,
    TITLE_SIZE,
    WIDTH,
    Box,
    Sheet,
    TextStyle,
)
from conversations.model.stats.chart import Bar, BarList, Chart, Label, LettersOverTime, Tick

_MARGIN, _GAP = 44, 36
"""Pixels around the drawing, and between its parts."""
_INNER_WIDTH = WIDTH - 2 * _MARGIN
_HEADING, _TITLE_LINE = 54, 54
"""The heights of a heading and of a line of the title."""
_COURSE, _COURSE_TICKS = 240, 52
"""The heights of the bars by day, and of the labels below them."""
_STRIP = 36
"""The height of the bar that shows how letters fared."""
_ASIDE = 170
"""The width of a note beside a row's number."""
_EMPTY = 100
"""The height of the sentence that replaces everything where there are no figures."""

_BLUE, _PALE, _PALER, _GREEN = "#3f7fe8", "#bcd4fa", "#e4edfb", "#15803d"
_STATE_COLORS = ("#2f9e6b", "#93a9c9", "#e0a020", "#e0662b", "#b3261e")
"""The states of letters, from good to bad."""

_HEADING_STYLE = TextStyle(15, "bold")


class ChartDrawing:
    """Draws a chart from top to bottom."""

    def __init__(self, chart: Chart) -> None:
        """Prepare a sheet with the fonts that the chart needs."""
        self._chart = chart
        self._sheet = Sheet(families(chart), mirrored=chart.right_to_left)
        self.figure = self._sheet.figure

    def draw(self) -> None:
        """Draw everything."""
        chart = self._chart
        title = self._sheet.wrap(chart.title, _INNER_WIDTH, TITLE_SIZE, max_lines=2)
        self._sheet.set_height(_total_height(chart, len(title)))
        top = self._head(title)
        if chart.nothing:
            self._write(chart.nothing, _MARGIN, top + 20, TextStyle(15))
            return
        top += _GAP / 2
        self._course(chart.course, top)
        top += _COURSE_HEIGHT + _GAP
        self._rows("funnel", chart.funnel, Box(_MARGIN, top, _INNER_WIDTH, 0), _GREEN)
        top += _rows_height(chart.funnel) + _GAP
        self._states(chart.fates, top)
        top += _STATES_HEIGHT + _GAP
        column = (_INNER_WIDTH - _GAP) / 2
        right = _MARGIN + column + _GAP
        self._rows("countries", chart.countries, Box(_MARGIN, top, column, 0))
        self._rows("languages", chart.languages, Box(right, top, column, 0))
        top += _rows_height(chart.languages) + _GAP
        self._rows("sources", chart.sources, Box(right, top, column, 0))

    def png(self) -> bytes:
        """Return the drawing as PNG."""
        return self._sheet.png()

    def _write(self, label: Label, left: float, top: float, style: TextStyle) -> None:
        self._sheet.write(self._sheet.text_of(label), left, top, style)

    def _head(self, title: Sequence[str]) -> float:
        """Draw the title and the subtitle; return where they end."""
        top = float(_MARGIN)
        for line in title:
            self._sheet.write(line, _MARGIN, top, TextStyle(TITLE_SIZE, "bold"))
            top += _TITLE_LINE
        self._write(self._chart.subtitle, _MARGIN, top, TextStyle(15, color=GREY))
        return top + _HEADING

    # --- letters by day -------------------------------------------------------------------------

    def _course(self, course: LettersOverTime, top: float) -> None:
        """Draw the letters as bars, and their running total as a line over the same days."""
        self._write(course.heading, _MARGIN, top, TextStyle(15, "bold", _BLUE))
        if course.total_heading:
            style = TextStyle(15, "bold", _GREEN, "right")
            self._write(course.total_heading, WIDTH - _MARGIN, top, style)
        left, right = self._tick_width(course.up), self._tick_width(course.total_up)
        box = Box(_MARGIN + left, top + _HEADING + 8, _INNER_WIDTH - left - right, _COURSE)
        axes = self._sheet.axes("course", box)
        days = len(course.counts)
        axes.bar(range(days), course.counts, width=0.72 if days < 90 else 1.0, color=_BLUE)
        self._sheet.set_width(axes, -0.6, days - 0.4)
        axes.set_ylim(0, max(course.up[-1].at, 1))
        axes.set_xticks(*self._ticks(course.across))
        axes.set_yticks(*self._ticks(course.up))
        axes.grid(axis="y", color=RULE, lw=1)
        axes.set_axisbelow(True)
        self._sheet.set_tick_fonts(axes)
        if course.totals:
            self._totals(axes, course)

    def _totals(self, axes: Axes, course: LettersOverTime) -> None:
        line = axes.twinx()
        line.set_label("totals")
        self._sheet.strip(line)
        if self._chart.right_to_left:
            axes.yaxis.tick_right()  # twinx has moved it
            line.yaxis.tick_left()
        marker = "o" if len(course.totals) < 3 else ""
        line.plot(range(len(course.totals)), course.totals, color=_GREEN, lw=3, marker=marker)
        highest = max(course.total_up[-1].at, course.goal.at if course.goal else 0, 1)
        line.set_ylim(0, highest * 1.04)
        line.set_yticks(*self._ticks(course.total_up))
        if course.goal:
            self._goal(line, course.goal)
        self._sheet.set_tick_fonts(line)

    def _goal(self, line: Axes, goal: Tick) -> None:
        line.axhline(goal.at, color=_GREEN, lw=2, ls=(0, (4, 4)))
        line.annotate(
            self._sheet.text_of(goal.label),
            (0, goal.at),
            xytext=(-4 if self._chart.right_to_left else 4, -4),
            textcoords="offset points",
            ha="right" if self._chart.right_to_left else "left",
            va="top",
            fontproperties=self._sheet.font(TICK_SIZE),
            color=_GREEN,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1, "alpha": 0.85},
        )

    def _ticks(self, ticks: Sequence[Tick]) -> tuple[list[float], list[str]]:
        return [tick.at for tick in ticks], [self._sheet.text_of(tick.label) for tick in ticks]

    def _tick_width(self, ticks: Sequence[Tick]) -> float:
        """Return the width that the labels of an axis need."""
        texts = [self._sheet.text_of(tick.label) for tick in ticks]
        return max((self._sheet.width_of(text, TICK_SIZE) + 24 for text in texts), default=0)

    # --- tables ---------------------------------------------------------------------------------

    def _rows(self, name: str, rows: BarList, box: Box, color: str = INK) -> None:
        """Draw a table whose bars lie behind its texts."""
        self._write(rows.heading, box.left, box.top, _HEADING_STYLE)
        top = box.top + _HEADING
        if not rows.bars:
            self._sheet.write("–", box.left, top, TextStyle(color=GREY))
            return
        height = LINE * len(rows.bars)
        self._bars(self._sheet.axes(name, Box(box.left, top, box.width, height)), rows.bars)
        for place, bar in enumerate(rows.bars):
            self._row(bar, box, top + LINE * place)
        if rows.more:
            self._write(rows.more, box.left + 12, top + height, TextStyle(13, color=GREY))

    def _bars(self, axes: Axes, bars: Sequence[Bar]) -> None:
        axes.axis("off")
        places = range(len(bars))
        if any(bar.pale for bar in bars):
            axes.barh(places, [bar.pale for bar in bars], height=0.82, color=_PALER)
        axes.barh(places, [bar.value for bar in bars], height=0.82, color=_PALE)
        self._sheet.set_width(axes, 0, max(max(bar.value, bar.pale) for bar in bars) or 1)
        axes.set_ylim(len(bars) - 0.5, -0.5)

    def _row(self, bar: Bar, box: Box, top: float) -> None:
        right = box.left + box.width
        note = self._sheet.text_of(bar.note)
        taken = self._sheet.width_of(note, 14) + 40
        if bar.aside:
            strong, faint = ("bold", _STATE_COLORS[-1]), ("normal", GREY)
            style = TextStyle(14, *(strong if bar.stands_out else faint), "right")
            self._write(bar.aside, right - _ASIDE, top, style)
            taken = _ASIDE + 130
        (label,) = self._sheet.wrap(bar.label, box.width - taken, 14, max_lines=1)
        self._sheet.write(label, box.left + 12, top, TextStyle())
        self._sheet.write(note, right - 10, top, TextStyle(align="right"))

    # --- states of letters ----------------------------------------------------------------------

    def _states(self, states: BarList, top: float) -> None:
        """Draw one bar for all letters, and below it what each color means and how many."""
        self._write(states.heading, _MARGIN, top, _HEADING_STYLE)
        box = Box(_MARGIN, top + _HEADING, _INNER_WIDTH, _STRIP)
        axes = self._strip("fates", box, sum(bar.value for bar in states.bars) or 1, RULE)
        start = 0.0
        for bar, color in zip(states.bars, _STATE_COLORS, strict=True):
            axes.barh([0], [bar.value], left=[start], height=1, color=color)
            start += bar.value
        below, width = top + _HEADING + _STRIP + 14, _INNER_WIDTH / 3
        for place, (bar, color) in enumerate(zip(states.bars, _STATE_COLORS, strict=True)):
            row, column = divmod(place, 3)
            self._key(bar, color, Box(_MARGIN + column * width, below + row * LINE, width, LINE))

    def _key(self, bar: Bar, color: str, box: Box) -> None:
        square = Box(box.left, box.top + 10, 24, 24)
        self._strip(f"key {bar.label.plain}", square, 1, color)
        text = f"{self._sheet.text_of(bar.label)}  {self._sheet.text_of(bar.note)}"
        (line,) = self._sheet.wrap(Label(text, text), box.width - 44, 14, max_lines=1)
        self._sheet.write(line, box.left + 38, box.top, TextStyle())

    def _strip(self, name: str, box: Box, length: float, color: str) -> Axes:
        """Draw a bar that fills `box`, and return its axes."""
        axes = self._sheet.axes(name, box)
        axes.axis("off")
        axes.barh([0], [length], height=1, color=color)
        self._sheet.set_width(axes, 0, length)
        axes.set_ylim(-0.5, 0.5)
        return axes


_COURSE_HEIGHT = _HEADING + 8 + _COURSE + _COURSE_TICKS
_STATES_HEIGHT = _HEADING + _STRIP + 14 + 2 * LINE


def _rows_height(rows: BarList) -> float:
    return _HEADING + LINE * (max(1, len(rows.bars)) + bool(rows.more))


def _total_height(chart: Chart, title_lines: int) -> float:
    head = _MARGIN + _TITLE_LINE * title_lines + _HEADING
    if chart.nothing:
        return head + _EMPTY
    right = _rows_height(chart.languages) + _GAP + _rows_height(chart.sources)
    tables = max(_rows_height(chart.countries), right)
    parts = (_COURSE_HEIGHT, _rows_height(chart.funnel), _STATES_HEIGHT, tables)
    return head + _GAP / 2 + sum(parts) + 3 * _GAP + _MARGIN


def main() -> None:
    """Draw the chart from standard input."""
    drawing = ChartDrawing(TypeAdapter(Chart).validate_json(sys.stdin.buffer.read()))
    drawing.draw()
    sys.stdout.buffer.write(drawing.png())


if __name__ == "__main__":
    main()
