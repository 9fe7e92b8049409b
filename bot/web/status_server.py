"""Serves the status pages to monitors: whether the process is alive and ready, and its metrics.

It needs none of aiohttp's memory, 9 MB: the pages have no parameters, and each answer closes its
connection.
"""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from bot.logs import error_fields
from bot.metrics import MetricsPage
from bot.services.ports import HealthCheck

log = structlog.get_logger()

REQUEST_SECONDS = 20.0
"""Seconds from a connection to the end of its answer."""

MAX_HEAD_BYTES = 2**14
"""The longest head of a request."""

_METHODS = ("GET", "HEAD")


@dataclass(frozen=True)
class _Page:
    status: HTTPStatus
    content: bytes
    media_type: str = "text/plain; charset=utf-8"


class StatusServer:
    """Serves /healthz, /readyz and /metrics on a port of this machine. Use it as a context."""

    def __init__(
        self, host: str, port: int, problem: HealthCheck, metrics_page: MetricsPage
    ) -> None:
        """Serve on `port` of the address `host`. Port 0 takes a free port.

        `problem` returns why the process cannot serve people, or None.
        """
        self._where = (host, port)
        self._problem = problem
        self._metrics_page = metrics_page
        self._server: asyncio.Server
        self.port = port

    async def __aenter__(self) -> "StatusServer":
        """Start to serve. Raises OSError if the port cannot be used."""
        self._server = await asyncio.start_server(self._serve, *self._where, limit=MAX_HEAD_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Accept no more connections."""
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request. A connection that sends no complete one gets no answer."""
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(await self._answer(head))
                await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _answer(self, head: bytes) -> bytes:
        """Return the answer to a request with `head`."""
        method, target, *_ = [*head.split(b"\r\n", 1)[0].decode("latin-1").split(" "), ""]
        page = await self._page(method, target.partition("?")[0])
        lines = (
            f"HTTP/1.1 {page.status} {page.status.phrase}",
            f"Content-Type: {page.media_type}",
            f"Content-Length: {len(page.content)}",
            "Connection: close",
        )
        content = b"" if method == "HEAD" else page.content
        return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + content

    async def _page(self, method: str, path: str) -> _Page:
        """Return the page at `path`."""
        if method not in _METHODS:
            return _Page(HTTPStatus.METHOD_NOT_ALLOWED, b"405: Method Not Allowed")
        try:
            match path:
                case "/healthz":
                    return _Page(HTTPStatus.OK, b"alive\n")
                case "/readyz":
                    found = await self._problem()
                    status = HTTPStatus.SERVICE_UNAVAILABLE if found else HTTPStatus.OK
                    return _Page(status, f"{found or 'ready'}\n".encode())
                case "/metrics":
                    metrics = await self._metrics_page.text(ready=await self._problem() is None)
                    return _Page(HTTPStatus.OK, metrics, CONTENT_TYPE_PLAIN_0_0_4)
        except Exception as error:
            log.error("status page failed", **error_fields(error))
            return _Page(HTTPStatus.INTERNAL_SERVER_ERROR, b"500: Internal Server Error")
        return _Page(HTTPStatus.NOT_FOUND, b"404: Not Found")
