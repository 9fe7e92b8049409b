"""A pool of connections to one web server, for requests whose answers fit in memory.

A call costs a third of the CPU time that it costs with aiohttp's client: calls to the Bot API need
no cookies, redirects, encodings or streams. httptools parses the answers (its parser is Node's).
aiohappyeyeballs chooses among the addresses of the server (RFC 8305).
"""

import asyncio
import re
import ssl
from collections import deque
from socket import SOCK_STREAM
from typing import cast
from urllib.parse import urlsplit

import httptools
from aiohappyeyeballs import start_connection

MAX_IDLE_SECONDS = 30.0
"""How long an unused connection is kept."""

_NEXT_ADDRESS_DELAY = 0.25
"""Seconds after which the next address is tried beside the first (RFC 8305, section 5)."""

_FIRST_FINAL_STATUS = 200
"""Answers with a lower status announce another one (RFC 9110, section 15.2)."""

_TARGET = re.compile(r"/[!-~]*")
_PORTS = {"http": 80, "https": 443}


class RequestNotSent(Exception):
    """There was no connection: the server received nothing. The text is the kind of error."""


class NoResponse(Exception):
    """No complete answer came: the server may have received the request. The text is the kind."""


class HttpPool:
    """The connections to one server. Each carries one request at a time."""

    def __init__(self, url: str, *, max_connections: int, max_answer_bytes: int) -> None:
        """Prepare for the server of `url`, the path of which is ignored."""
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS.get(parts.scheme)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._head = f" HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\n".encode()
        self._max_answer_bytes = max_answer_bytes
        self._slots = asyncio.Semaphore(max_connections)
        self._idle: deque[_Connection] = deque()
        """The connections that are not in use, the last used one at the end."""
        self._is_open = True

    async def post(
        self,
        target: str,
        body: bytes,
        *,
        media_type: str = "application/json",
        connect_timeout: float | None,
        answer_timeout: float | None,
    ) -> tuple[int, bytes]:
        """Send `body` to the path `target`; return the status and the body of the answer.

        Timeouts are in seconds, for a connection and for the complete answer; None means no
        timeout. Raises RequestNotSent and NoResponse.
        """
        content = b"Content-Type: %b\r\nContent-Length: %d\r\n\r\n%b"
        content %= media_type.encode(), len(body), body
        return await self._request("POST", target, content, connect_timeout, answer_timeout)

    async def get(
        self, target: str, *, connect_timeout: float | None, answer_timeout: float | None
    ) -> tuple[int, bytes]:
        """Fetch the path `target`, as `post` does."""
        return await self._request("GET", target, b"\r\n", connect_timeout, answer_timeout)

    async def _request(
        self,
        method: str,
        target: str,
        content: bytes,
        connect_timeout: float | None,
        answer_timeout: float | None,
    ) -> tuple[int, bytes]:
        """Send a request that ends with `content`: the last headers, and the body."""
        if self._port is None or not _TARGET.fullmatch(target):
            raise RequestNotSent("no address")
        request = b"%b %b%b%b" % (method.encode(), target.encode(), self._head, content)
        connection = await self._acquire(connect_timeout)
        try:
            return await connection.exchange(request, answer_timeout)
        finally:
            self._release(connection)
            self._slots.release()

    async def close(self) -> None:
        """Close the idle connections now, and the others after their current request."""
        self._is_open = False
        for connection in self._idle:
            connection.close()
        while self._idle:
            await self._idle.pop().closed.wait()

    async def _acquire(self, connect_timeout: float | None) -> "_Connection":
        """Return a connection that occupies one of the slots."""
        if self._idle and not self._slots.locked():
            await self._slots.acquire()  # returns at once
            if connection := self._reuse():
                return connection
            self._slots.release()
        try:
            async with asyncio.timeout(connect_timeout):
                await self._slots.acquire()
                try:
                    return self._reuse() or await self._connect()
                except BaseException:
                    self._slots.release()
                    raise
        except (OSError, UnicodeError) as error:
            kind = type(error).__name__
        raise RequestNotSent(kind)

    async def _connect(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        addresses = await loop.getaddrinfo(self._host, self._port, type=SOCK_STREAM)
        connected = await start_connection(addresses, happy_eyeballs_delay=_NEXT_ADDRESS_DELAY)
        _, connection = await loop.create_connection(
            lambda: _Connection(self._max_answer_bytes),
            sock=connected,
            ssl=self._tls,
            server_hostname=self._host if self._tls else None,
        )
        return connection

    def _reuse(self) -> "_Connection | None":
        """Return the idle connection that was used last, so that the others can be closed."""
        oldest = asyncio.get_running_loop().time() - MAX_IDLE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open and connection.used_at > oldest:
                return connection
            connection.close()
        return None

    def _release(self, connection: "_Connection") -> None:
        now = asyncio.get_running_loop().time()
        while self._idle and self._idle[0].used_at <= now - MAX_IDLE_SECONDS:
            self._idle.popleft().close()
        if connection.is_open and self._is_open:
            connection.used_at = now
            self._idle.append(connection)
        else:
            connection.close()


class _Connection(asyncio.Protocol):
    """One connection. It is closed after any error, so that no answer goes to another request."""

    def __init__(self, max_answer_bytes: int) -> None:
        self.is_open = True
        self.closed = asyncio.Event()
        self.used_at = 0.0
        """When the last request ended, by the event loop's clock."""
        self._max_answer_bytes = max_answer_bytes
        self._transport: asyncio.Transport
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._size = 0
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        """Status and body of the answer that is awaited; None between requests."""

    async def exchange(self, request: bytes, answer_timeout: float | None) -> tuple[int, bytes]:
        """Send `request`; return the status and the body of the answer. Raises NoResponse."""
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        timer = None
        if answer_timeout is not None:
            timer = loop.call_later(answer_timeout, self._end, "TimeoutError")
        self._transport.write(request)
        try:
            return await self._answer
        except BaseException:
            self.close()
            raise
        finally:
            self._answer = None
            if timer is not None:
                timer.cancel()

    def close(self) -> None:
        """Close the connection at once."""
        self._end("closed")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # No isinstance: uvloop's transports do not inherit from asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._end(type(error).__name__)

    def eof_received(self) -> None:
        self._end("the server closed it")

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(type(exc).__name__ if exc else "the server closed it")
        self.closed.set()

    def on_message_begin(self) -> None:
        """Begin an answer; close the connection if no request awaits one."""
        self._body, self._size = [], 0
        if self._answer is None or self._answer.done():
            self.close()

    def on_body(self, part: bytes) -> None:
        """Add a part of the answer's body."""
        self._size += len(part)
        if self._size > self._max_answer_bytes:
            self._end("the answer is too large")
        else:
            self._body.append(part)

    def on_message_complete(self) -> None:
        """Return the answer to `exchange`."""
        status = self._parser.get_status_code()
        if self._answer is None or self._answer.done() or status < _FIRST_FINAL_STATUS:
            return
        self.is_open = self._parser.should_keep_alive()
        self._answer.set_result((status, b"".join(self._body)))

    def _end(self, reason: str) -> None:
        """Close the connection, and fail the request whose answer is awaited."""
        self.is_open = False
        self._transport.abort()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NoResponse(reason))
