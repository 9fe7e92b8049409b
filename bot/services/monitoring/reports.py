"""Figures that were asked for: read beside all transactions, drawn in a process of their own."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection

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
from conversations.model.chart import Chart
from conversations.model.figures import EVERY, Asked, Figures
from conversations.stats import stats
from conversations.stats.chart_layout import Words
from conversations.stats.csv_export import sheet
from conversations.text.wording import Wording
from storage.engine.database import Database
from storage.stats import figures


class Reports:
    """Makes pictures, words and files of figures."""

    def __init__(
        self,
        database: Database,
        deployment: Callable[[], Deployment],
        clock: Callable[[], datetime],
        draw: Callable[[Chart], Awaitable[bytes]],
        *,
        tell_few: bool = False,
    ) -> None:
        """Use these; `draw` raises NotDrawn. `tell_few` tells of countries where few act, too."""
        self._database = database
        self._house = deployment
        self._clock = clock
        self._draw = draw
        self._tell_few = tell_few

    async def stats(self, wanted: StatsReport) -> Picture | Say | EditMessage:
        """Return the figures as a picture with words, or the words alone where none is drawn."""
        deployment, asked = self._house(), wanted.asked
        wording = Wording(wanted.language, deployment.show_keys)
        found = await self._database.read(partial(self._read, deployment, asked))
        text = stats.text(deployment, wording, asked.campaign, found)
        buttons = stats.keyboard(deployment, wording, asked, admin=wanted.admin)
        shown = partial(stats.picture, deployment, wording, asked.campaign, found)
        try:
            picture = await self._draw(shown(tell_few=self._tell_few))
        except NotDrawn:
            return Say(text, buttons)
        return Picture(picture, text, buttons, wanted.anew)

    async def sheet(self, wanted: CsvFile) -> Document:
        """Return the figures as a file."""
        deployment, asked = self._house(), wanted.asked
        wording, last = Wording(wanted.language, deployment.show_keys), self._last(asked)

        def read(connection: Connection) -> tuple[date, bytes]:
            slugs = _slugs(connection, asked)
            first, lines = figures.lines(connection, slugs, asked.period, last)
            return first, sheet(lines, tell_few=self._tell_few)

        first, content = await self._database.read(read)
        title = Words(deployment, wording, {}).title(asked.campaign).text
        text = wording.say("stats.file", title=title, days=wording.days(first, last))
        of = "all" if asked.campaign == EVERY else asked.campaign
        return Document(f"figures-{of}-{first}-{last}.csv", content, text)

    def _last(self, asked: Asked) -> date:
        return asked.last or self._clock().date()

    def _read(self, deployment: Deployment, asked: Asked, connection: Connection) -> Figures:
        slugs = _slugs(connection, asked)
        found = figures.read(connection, slugs, asked.period, self._last(asked))
        campaign = deployment.campaigns.get(asked.campaign)
        return replace(found, goal=campaign.goal) if campaign else found


def _slugs(connection: Connection, asked: Asked) -> tuple[str, ...]:
    return figures.campaigns(connection) if asked.campaign == EVERY else (asked.campaign,)
