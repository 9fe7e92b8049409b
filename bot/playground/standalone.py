"""The embedded Telegram alone: a Bot API server for other bots, and a page for each of them.

The server listens on this machine only, and forgets everything when it stops.
"""

from html import escape
from string import Template

from aiohttp import web

from bot.playground.bot_page import ASSETS, BotPage, add_routes, get_asset
from bot.playground.bots import Bots
from bot.playground.local_web import refuse_other_pages
from bot.playground.telegram import MAX_REQUEST_BYTES, BotApi

HOST = "127.0.0.1"


class Standalone:
    """Serves the Bot API and the pages on one port, as an async context manager."""

    def __init__(self, bots: Bots, port: int = 0) -> None:
        """Serve `bots`; port 0 picks a free one."""
        self.bots = bots
        self._port = port
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> "Standalone":
        """Start serving."""
        app = web.Application(middlewares=[refuse_other_pages], client_max_size=MAX_REQUEST_BYTES)
        BotApi(self.bots.find).add_routes(app)
        app.router.add_get("/", self._get_bots)
        app.router.add_get("/{bot:[0-9]+}", self._get_page)
        add_routes(app, self._find_page, "/{bot:[0-9]+}")
        app.router.add_get("/{asset}", get_asset)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop serving."""
        await self.bots.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _get_bots(self, _: web.Request) -> web.Response:
        """List the bots, with links to their pages."""
        shown = "\n".join(
            f'<li><a href="/{id_}/">{escape(bot.telegram.first_name)}</a></li>'
            for id_, bot in self.bots.bots.items()
        )
        page = Template((ASSETS / "bots.html").read_text("utf-8"))
        waiting = "<li>No bot yet. This page shows each one after its first call.</li>"
        text = page.substitute(url=escape(self.url), bots=shown or waiting)
        return web.Response(text=text, content_type="text/html")

    async def _get_page(self, request: web.Request) -> web.Response:
        """The page loads its files from below its address, which has to end with a slash."""
        raise web.HTTPFound(f"/{request.match_info['bot']}/")

    def _find_page(self, request: web.Request) -> BotPage:
        bot = self.bots.bots.get(int(request.match_info["bot"]))
        if bot is None:
            raise web.HTTPNotFound
        return bot.page
