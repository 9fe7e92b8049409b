"""The HTTP server. Telegram's webhook and the status pages have separate ports.

So the webhook can be open to the internet while the status pages are not.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from bot.errors import CommandError
from bot.metrics import MetricsPage
from bot.services.ports import HealthCheck
from bot.system_errors import describe_bind_error

WEBHOOK = "/telegram"
"""The path of Telegram's webhook."""

SHUTDOWN_TIMEOUT = 1.0
"""Seconds that requests in progress have to finish when the process stops."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Routes = Mapping[tuple[str, str], Handler]
"""Handlers by method and path."""


class WebServer:
    """Serves routes on a port of this machine. Use it as a context."""

    def __init__(self, host: str, port: int, routes: Routes) -> None:
        """Serve `routes` on `port` of the address `host`. Port 0 takes a free port."""
        self._where = (host, port)
        self._routes = routes
        self._runner: web.AppRunner | None = None
        self.port = port

    async def __aenter__(self) -> "WebServer":
        """Start to serve. Raises OSError if the port cannot be used."""
        app = web.Application()
        for (method, path), handler in self._routes.items():
            app.router.add_route(method, path, handler)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, *self._where).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish the requests that are in progress, and stop."""
        if self._runner is not None:
            await self._runner.cleanup()


async def serve(stack: AsyncExitStack, key: str, host: str, port: int, routes: Routes) -> int:
    """Serve `routes` until `stack` closes. Return the port.

    Raises CommandError; `key` is the setting under [web] that names the port.
    """
    try:
        return (await stack.enter_async_context(WebServer(host, port, routes))).port
    except OSError as error:
        raise CommandError(
            describe_bind_error(error, host, port),
            fix="Stop that program or bot, or choose another port or address.",
            where=f"web.{key}",
        ) from None


def status_routes(problem: HealthCheck, metrics_page: MetricsPage) -> Routes:
    """Return the status pages. `problem` returns why the process cannot serve, or None."""

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def ready(_: web.Request) -> web.Response:
        found = await problem()
        return web.Response(text=f"{found or 'ready'}\n", status=503 if found else 200)

    async def metrics(_: web.Request) -> web.Response:
        body = await metrics_page.text(ready=await problem() is None)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    return {("GET", "/healthz"): alive, ("GET", "/readyz"): ready, ("GET", "/metrics"): metrics}
