"""Kept connections to one web server, each of which has one call at a time, of JSON.

A call costs a fraction of what it does with aiohttp's client, which brings files: JSON for the Bot
API needs no cookies, redirects, encodings or streams. httptools reads the answers (its parser is
Node's), and aiohappyeyeballs finds the way to a server of several addresses (RFC 8305).
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

KEPT = 30.0
"""Seconds after which an unused connection is not used again."""

_NEXT_ADDRESS = 0.25
"""Seconds after which the next address is tried beside the first (RFC 8305, section 5)."""

_FINAL = 200
"""The least status of an answer; what is below announces one (RFC 9110, section 15.2)."""

_TARGET = re.compile(r"/[!-~]*")
_PORTS = {"http": 80, "https": 443}


class RequestNotSent(Exception):
    """There was no connection: the server saw nothing. The words name the kind of error alone."""


class NoResponse(Exception):
    """No whole answer came: the server may have heard. The words name the kind of error alone."""


class HttpPool:
    """The connections to one server."""

    def __init__(self, url: str, *, most: int, largest: int) -> None:
        """Prepare for at most so many to the server of `url`, and answers of so many bytes."""
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS.get(parts.scheme)
        self._trust = ssl.create_default_context() if parts.scheme == "https" else None
        self._head = (
            f" HTTP/1.1\r\nHost: {parts.netloc.rpartition('@')[2]}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self._largest = largest
        self._slots = asyncio.Semaphore(most)
        self._idle: deque[_Line] = deque()
        self._is_open = True

    async def post(
        self, target: str, body: bytes, *, connect: float | None, answer: float | None
    ) -> tuple[int, bytes]:
        """Send `body` to the path `target`; return status and body of the answer.

        It waits so many seconds for a connection, and for the whole answer; None has no end. Raises
        Unsent or Unheard.
        """
        if self._port is None or not _TARGET.fullmatch(target):
            raise RequestNotSent("no address")
        said = b"POST %b%b%d\r\n\r\n%b" % (target.encode(), self._head, len(body), body)
        line = await self._take(connect)
        try:
            return await line.ask(said, answer)
        finally:
            self._keep(line)
            self._slots.release()

    async def close(self) -> None:
        """Close what is not in use now, and the rest as soon as it is not."""
        self._is_open = False
        for line in self._idle:
            line.close()
        while self._idle:
            await self._idle.pop().closed.wait()

    async def _take(self, patience: float | None) -> "_Line":
        """Return a connection, in a slot of its own."""
        if self._idle and not self._slots.locked():
            await self._slots.acquire()  # at once
            if line := self._kept():
                return line
            self._slots.release()
        try:
            async with asyncio.timeout(patience):
                await self._slots.acquire()
                try:
                    return self._kept() or await self._open()
                except BaseException:
                    self._slots.release()
                    raise
        except (OSError, UnicodeError) as error:
            kind = type(error).__name__
        raise RequestNotSent(kind)

    async def _open(self) -> "_Line":
        loop = asyncio.get_running_loop()
        ways = await loop.getaddrinfo(self._host, self._port, type=SOCK_STREAM)
        reached = await start_connection(ways, happy_eyeballs_delay=_NEXT_ADDRESS)
        host = self._host if self._trust else None
        _, line = await loop.create_connection(
            lambda: _Line(self._largest), sock=reached, ssl=self._trust, server_hostname=host
        )
        return line

    def _kept(self) -> "_Line | None":
        """Return the connection that was used last; the others may be let go."""
        since = asyncio.get_running_loop().time() - KEPT
        while self._idle:
            line = self._idle.pop()
            if line.is_open and line.used > since:
                return line
            line.close()
        return None

    def _keep(self, line: "_Line") -> None:
        now = asyncio.get_running_loop().time()
        while self._idle and self._idle[0].used <= now - KEPT:
            self._idle.popleft().close()
        if line.is_open and self._is_open:
            line.used = now
            self._idle.append(line)
        else:
            line.close()


class _Line(asyncio.Protocol):
    """One connection. It is closed where it is out of step: no answer is taken for another's."""

    def __init__(self, largest: int) -> None:
        self.is_open = True
        self.closed = asyncio.Event()
        self.used = 0.0
        self._largest = largest
        self._transport: asyncio.Transport
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._size = 0
        self._waiter: asyncio.Future[tuple[int, bytes]] | None = None

    async def ask(self, said: bytes, patience: float | None) -> tuple[int, bytes]:
        """Say it; return status and body of the answer. Raises Unheard."""
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = None if patience is None else loop.call_later(patience, self._end, "TimeoutError")
        self._transport.write(said)
        try:
            return await self._waiter
        except BaseException:
            self.close()
            raise
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    def close(self) -> None:
        """Close at once: nothing is being said."""
        self._end("closed")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # No isinstance: uvloop's are of no class of asyncio's.
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
        """Begin an answer, if one was asked for."""
        self._body, self._size = [], 0
        if self._waiter is None or self._waiter.done():
            self.close()

    def on_body(self, part: bytes) -> None:
        """Take in a part of the answer."""
        self._size += len(part)
        if self._size > self._largest:
            self._end("it has no end")
        else:
            self._body.append(part)

    def on_message_complete(self) -> None:
        """Hand the answer over."""
        status = self._parser.get_status_code()
        if self._waiter is None or self._waiter.done() or status < _FINAL:
            return
        self.is_open = self._parser.should_keep_alive()
        self._waiter.set_result((status, b"".join(self._body)))

    def _end(self, why: str) -> None:
        self.is_open = False
        self._transport.abort()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(NoResponse(why))
