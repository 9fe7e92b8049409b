"""Serves the demo's page: all chats and the inbox, updated live.

The server listens on this machine only. Host and Origin of each request are checked, so that no
other page in the same browser can chat here, and the page loads nothing from elsewhere.
"""

from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from bot.playground.bot_page import BotPage, add_routes
from bot.playground.inbox import Inbox
from bot.playground.local_web import refuse_other_pages
from bot.playground.telegram import Person, TelegramState

MAX_REQUEST_BYTES = 28 * 1024 * 1024
"""Enough for files of 20 MB as base64."""


class Site(BotPage):
    """Serves the page of one bot, as an async context manager."""

    def __init__(
        self,
        telegram: TelegramState,
        people: Sequence[Person],
        inbox: Inbox,
        campaigns: Path,
        port: int,
    ) -> None:
        """Show the chats of `people` and all email in `inbox`.

        The page says that the campaign files are in the folder `campaigns`. Port 0 picks a free
        one.
        """
        super().__init__(telegram, people, inbox, str(campaigns))
        self._port = port
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> "Site":
        """Start serving."""
        app = web.Application(middlewares=[refuse_other_pages], client_max_size=MAX_REQUEST_BYTES)
        add_routes(app, lambda _: self)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop serving, and end the event streams of open pages."""
        self.close()
        if self._runner is not None:
            await self._runner.cleanup()
