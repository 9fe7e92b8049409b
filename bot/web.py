"""What is served over HTTP: the webhook, and whether the bot is alive and ready."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.telegram.webhook import Handler

WEBHOOK = "/telegram"


class WebServer:
    """Serves on a port of this machine. Use it as a context."""

    def __init__(
        self,
        host: str,
        port: int,
        ready: Callable[[], Awaitable[str | None]],
        webhook: Handler | None = None,
    ) -> None:
        """Serve; `ready` returns what is missing, or None."""
        self._where = (host, port)
        self._ready = ready
        self._webhook = webhook
        self._runner: web.AppRunner | None = None
        self.port = port

    async def __aenter__(self) -> "WebServer":
        """Start serving."""
        app = web.Application()
        app.router.add_get("/healthz", self._alive)
        app.router.add_get("/readyz", self._is_ready)
        if self._webhook is not None:
            app.router.add_post(WEBHOOK, self._webhook)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await self._runner.setup()
        await web.TCPSite(self._runner, *self._where).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what is being answered, and stop."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _alive(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _is_ready(self, _: web.Request) -> web.Response:
        missing = await self._ready()
        return web.Response(text=f"{missing or 'ready'}\n", status=503 if missing else 200)
