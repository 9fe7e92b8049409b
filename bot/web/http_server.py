"""The HTTP server of what is open to the world: Telegram's webhook and public counters.

The status pages have a server and a port of their own, so that they need not be open.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

from aiohttp import web

from bot.web.bind_errors import bind_errors

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
    with bind_errors(key, host, port):
        return (await stack.enter_async_context(WebServer(host, port, routes))).port
