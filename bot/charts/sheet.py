"""A sheet to draw on: texts and axes at places in pixels from the top left corner.

It is read on a phone, 390 points wide: a line of text is 42 pixels high if the sheet has 1080.
It does without pyplot, which keeps figures in memory and is made for interactive use.
"""

import io
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from bot.charts.fonts import shown
from conversations.model.stats.chart import Label

WIDTH = 1080
"""The width of a sheet in pixels."""
LINE = 43
"""The height of a line of text in pixels."""
TITLE_SIZE = 19
"""The size of a title in points. Titles are bold."""
TICK_SIZE = 13

PAPER, INK, GREY, RULE = "#fbfaf6", "#1c2330", "#5d6675", "#dcdad2"
"""The colors of the ground, of texts, of minor texts, and of lines."""

_DPI = 150
_OPPOSITE = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Box:
    """A part of the sheet, in pixels."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class TextStyle:
    """How a text looks."""

    size: float = 14
    """In points."""
    weight: str = "normal"
    color: str = INK
    align: str = "left"


class Sheet:
    """A sheet of WIDTH pixels. Its height must be set before anything is drawn."""

    def __init__(self, families: list[str], *, mirrored: bool = False) -> None:
        """Draw texts with fonts of `families`.

        `mirrored`: what is given from the left is drawn from the right, for readers of scripts that
        are written from right to left. Bars then grow to the left, and time passes to the left.
        """
        self._families = families
        self._mirrored = mirrored
        self.figure = Figure(dpi=_DPI, facecolor=PAPER)
        FigureCanvasAgg(self.figure)
        self._height = 0.0

    def set_height(self, height: float) -> None:
        """Set the height in pixels."""
        self._height = height
        self.figure.set_size_inches(WIDTH / _DPI, height / _DPI)

    def png(self) -> bytes:
        """Return the sheet as PNG."""
        written = io.BytesIO()
        self.figure.savefig(written, format="png", dpi=_DPI, facecolor=PAPER)
        return written.getvalue()

    def text_of(self, label: Label) -> str:
        """Return the text of `label`, or its plain one if a letter is in no font."""
        return shown(label, self._families)

    def font(self, size: float, weight: str = "normal") -> FontProperties:
        """Return a font of `size` points."""
        return FontProperties(family=self._families, size=size, weight=weight)

    def write(self, text: str, left: float, top: float, style: TextStyle) -> None:
        """Write a line. `top` is that of its line box, so that all scripts have one baseline."""
        baseline = top + LINE * 0.72 * max(style.size / 14, 1)
        align = _OPPOSITE[style.align] if self._mirrored else style.align
        self.figure.text(
            (WIDTH - left if self._mirrored else left) / WIDTH,
            1 - baseline / self._height,
            _escaped(text),
            fontproperties=self.font(style.size, style.weight),
            color=style.color,
            ha=align,
            va="baseline",
        )

    def wrap(self, label: Label, width: float, size: float, *, max_lines: int) -> list[str]:
        """Return the text in lines of at most `width` pixels. A text that is too long ends in …."""
        left = self.text_of(label)
        lines: list[str] = []
        while left and len(lines) < max_lines:
            fits = self._fitting(left, width, size)
            if fits < len(left) and len(lines) == max_lines - 1:
                fits = max(1, self._fitting(left, width - size * 2, size))
                return [*lines, left[:fits].rstrip() + "…"]
            cut = left.rfind(" ", 0, fits + 1) if fits < len(left) else fits
            cut = cut if cut > 0 else fits
            lines.append(left[:cut].strip())
            left = left[cut:].strip()
        return lines or [""]

    def width_of(self, text: str, size: float) -> float:
        """Return the width of `text` in pixels."""
        weight = "bold" if size >= TITLE_SIZE else "normal"
        artist = Text(0, 0, _escaped(text), fontproperties=self.font(size, weight))
        artist.set_figure(self.figure)
        return float(artist.get_window_extent(dpi=_DPI).width)

    def axes(self, name: str, box: Box) -> Axes:
        """Return axes in `box`, without lines around them."""
        left = WIDTH - box.left - box.width if self._mirrored else box.left
        axes = self.figure.add_axes(
            (
                left / WIDTH,
                1 - (box.top + box.height) / self._height,
                box.width / WIDTH,
                box.height / self._height,
            ),
            label=name,
        )
        self.strip(axes)
        if self._mirrored:
            axes.yaxis.tick_right()
        return axes

    def set_width(self, axes: Axes, start: float, end: float) -> None:
        """Let `axes` reach from one value to another, in the direction of reading."""
        axes.set_xlim(*((end, start) if self._mirrored else (start, end)))

    def strip(self, axes: Axes) -> None:
        """Remove the ground of `axes`, the lines around them and the marks of their ticks."""
        axes.set_facecolor("none")
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params(length=0, pad=10, colors=GREY)

    def set_tick_fonts(self, axes: Axes) -> None:
        """Write the labels of ticks in the sheet's fonts."""
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_fontproperties(self.font(TICK_SIZE))

    def _fitting(self, text: str, width: float, size: float) -> int:
        """Return how many letters of `text` fit into `width` pixels."""
        low, high = 1, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.width_of(text[:middle], size) <= width:
                low = middle
            else:
                high = middle - 1
        return low


def _escaped(text: str) -> str:
    """Return `text` without the formulas that matplotlib finds between dollar signs."""
    return text.replace("$", r"\$")
