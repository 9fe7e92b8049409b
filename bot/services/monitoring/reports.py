"""Build the reports that staff ask for: figures as a chart with text, and as a CSV file.

Figures are read outside of all transactions that write. Charts are drawn in a separate process.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from functools import partial

from sqlalchemy import Connection

from bot.services.core import Core
from bot.services.ports import NotDrawn
from conversations.core.facts import Deployment
from conversations.core.replies import (
    CsvFile,
    Document,
    EditMessage,
    Picture,
    Say,
    StatsReport,
)
from conversations.model.stats.chart import Chart
from conversations.model.stats.figures import ALL_CAMPAIGNS, Figures, FiguresQuery
from conversations.stats import report, stats
from conversations.stats.chart_layout import Words
from conversations.stats.csv_export import sheet
from storage.stats import figures


class Reports:
    """Builds charts, texts and CSV files of figures."""

    def __init__(
        self, core: Core, draw: Callable[[Chart], Awaitable[bytes]], *, show_few: bool = False
    ) -> None:
        """Draw charts with `draw`, which returns a PNG or raises NotDrawn.

        `show_few` also shows countries and languages where only a few people acted.
        """
        self._core = core
        self._draw = draw
        self._show_few = show_few

    async def stats(self, wanted: StatsReport) -> Picture | Say | EditMessage:
        """Return the figures as a chart with a caption; as text alone if it cannot be drawn."""
        deployment, asked = self._core.deployment(), wanted.asked
        wording = deployment.staff_wording(wanted.language)
        found = await self._core.database.read(partial(self._read, deployment, asked))
        chart = report.picture(deployment, wording, asked.campaign, found, show_few=self._show_few)
        text = report.text(deployment, wording, asked.campaign, found, chart)
        buttons = stats.keyboard(deployment, wording, asked, admin=wanted.admin)
        try:
            picture = await self._draw(chart)
        except NotDrawn:
            return Say(text, buttons)
        return Picture(picture, text, buttons, wanted.is_new)

    async def sheet(self, wanted: CsvFile) -> Document:
        """Return the figures as a CSV file."""
        deployment, asked = self._core.deployment(), wanted.asked
        wording, last = deployment.staff_wording(wanted.language), self._last_day(asked)

        def read(connection: Connection) -> tuple[date, bytes]:
            slugs = _slugs(connection, asked)
            first, lines = figures.csv_rows(connection, slugs, asked.period, last)
            return first, sheet(lines, show_few=self._show_few)

        first, content = await self._core.database.read(read)
        title = Words(deployment, wording, {}).title(asked.campaign).text
        text = wording.say("stats.file", title=title, days=wording.days(first, last))
        campaign = "all" if asked.campaign == ALL_CAMPAIGNS else asked.campaign
        return Document(f"figures-{campaign}-{first}-{last}.csv", content, text)

    def _last_day(self, asked: FiguresQuery) -> date:
        return asked.last or self._core.clock().date()

    def _read(self, deployment: Deployment, asked: FiguresQuery, connection: Connection) -> Figures:
        slugs = _slugs(connection, asked)
        found = figures.read(connection, slugs, asked.period, self._last_day(asked))
        campaign = deployment.campaigns.get(asked.campaign)
        if campaign is None:
            return found
        counts = figures.people(connection, slugs) if campaign.goal_counts == "people" else None
        people = None if counts is None else counts.get(campaign.slug, 0)
        return replace(found, goal=campaign.goal, people=people)


def _slugs(connection: Connection, asked: FiguresQuery) -> tuple[str, ...]:
    return figures.campaigns(connection) if asked.campaign == ALL_CAMPAIGNS else (asked.campaign,)
