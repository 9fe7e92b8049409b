"""What is served over HTTP: the webhook to the world, and to the house how the bot is.

The two never share a port: who opens the one to the world has not opened the other.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from bot.errors import CommandError
from bot.metrics import Exposition

WEBHOOK = "/telegram"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Routes = Mapping[tuple[str, str], Handler]
"""What is served, by method and path."""


class WebServer:
    """Serves on a port of this machine. Use it as a context."""

    def __init__(self, host: str, port: int, routes: Routes) -> None:
        """Serve these; port 0 takes one that is free."""
        self._where = (host, port)
        self._routes = routes
        self._runner: web.AppRunner | None = None
        self.port = port

    async def __aenter__(self) -> "WebServer":
        """Start serving. Raises OSError."""
        app = web.Application()
        for (method, path), handler in self._routes.items():
            app.router.add_route(method, path, handler)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, *self._where).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what is being answered, and stop."""
        if self._runner is not None:
            await self._runner.cleanup()


async def serve(stack: AsyncExitStack, key: str, host: str, port: int, routes: Routes) -> int:
    """Serve `routes` until `stack` ends; return the port. Raises Mistaken."""
    try:
        return (await stack.enter_async_context(WebServer(host, port, routes))).port
    except OSError as error:
        raise CommandError(
            f"Port {port} of {host} cannot be used ({type(error).__name__}).",
            fix="Another program has it, or it is not this machine's. Choose another one.",
            where=f"web.{key}",
        ) from None


def status(missing: Callable[[], Awaitable[str | None]], exposition: Exposition) -> Routes:
    """Return what tells how the bot is; `missing` returns why it cannot serve, or None."""

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def ready(_: web.Request) -> web.Response:
        why = await missing()
        return web.Response(text=f"{why or 'ready'}\n", status=503 if why else 200)

    async def metrics(_: web.Request) -> web.Response:
        body = await exposition.text(ready=await missing() is None)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    return {("GET", "/healthz"): alive, ("GET", "/readyz"): ready, ("GET", "/metrics"): metrics}
