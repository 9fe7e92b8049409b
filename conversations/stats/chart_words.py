"""Says a chart of figures in words, for people who don't see pictures."""

from collections.abc import Iterator

from conversations.model.stats.chart import Bar, BarList, Chart
from conversations.model.stats.figures import Figures
from conversations.text.html import Html, bold, escape
from conversations.text.wording import Wording

BETWEEN = " · "


def lines(chart: Chart, wording: Wording, figures: Figures) -> tuple[Html, ...]:
    """Return each part of the chart, below its heading; none if the chart has no figures."""
    if chart.nothing:
        return ()
    parts = (chart.funnel, chart.fates, chart.countries, chart.languages, chart.sources)
    lists = (*(each for each in parts if each.bars), *chart.answers)
    return (*map(_line, lists), _course(chart, wording, figures))


def _line(rows: BarList) -> Html:
    said = [*map(_row, rows.bars), *([rows.more.text] if rows.more else [])]
    return Html(f"{bold(rows.heading.text)}\n{escape(BETWEEN.join(said))}")


def _row(bar: Bar) -> str:
    aside = f" ({bar.aside.text})" if bar.aside else ""
    return f"{bar.label.text} {bar.note.text}{aside}"


def _course(chart: Chart, wording: Wording, figures: Figures) -> Html:
    """Return how many letters there were on each day, or in each hour, that had any."""
    said = BETWEEN.join(_points(chart, wording, figures)) or "0"
    return Html(f"{bold(chart.course.heading.text)}\n{escape(said)}")


def _points(chart: Chart, wording: Wording, figures: Figures) -> Iterator[str]:
    is_one_day = len(figures.days) == 1
    for place, count in enumerate(chart.course.counts):
        if count:
            when = f"{place:02}:00" if is_one_day else wording.short_day(figures.days[place])
            yield f"{when} {wording.number(count)}"
