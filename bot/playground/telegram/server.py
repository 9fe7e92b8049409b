"""Serves one bot of the embedded Telegram on a local port, for the demo and for tests."""

from aiohttp import web

from bot.playground.telegram.bot_api import MAX_REQUEST_BYTES, BotApi
from bot.playground.telegram.methods import Methods
from bot.playground.telegram.refusal import ApiRefusal
from bot.playground.telegram.state import TelegramState


class TelegramServer(BotApi):
    """Serves the Bot API on a local port, as an async context manager."""

    def __init__(self, telegram: TelegramState, host: str = "127.0.0.1", port: int = 0) -> None:
        """Serve the bot in `telegram`; port 0 picks a free one."""
        super().__init__(self._find_own)
        self.telegram = telegram
        self._methods = Methods(telegram)
        self._address = (host, port)
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> "TelegramServer":
        """Start serving."""
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        self.add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        host, port = self._address
        await web.TCPSite(self._runner, host, port).start()
        self.url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop serving."""
        await self.telegram.updates.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def _find_own(self, token: str) -> Methods:
        if token != self.telegram.token:
            raise ApiRefusal(401, "Unauthorized")
        return self._methods
