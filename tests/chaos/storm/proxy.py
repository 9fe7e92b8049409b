"""A proxy between the bot and PostgreSQL: it cuts connections, refuses them, or stands still."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random

from sqlalchemy import URL, make_url

from tests.databases import plain

_CHUNK = 2**16


class DatabaseProxy:
    """Forwards what comes on a port of this machine to the server's Unix socket."""

    def __init__(self, url: str) -> None:
        self._target: URL = make_url(url)
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self.refuses = False
        """Whether new connections are closed at once."""
        self.left: int | None = None
        """After so many messages all connections are cut, and new ones refused; None: never."""
        self.port = 0

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._writers) // 2

    @property
    def url(self) -> str:
        """The URL of the database behind this proxy."""
        open_ = self._target.difference_update_query(["host"])
        return plain(open_.set(host="127.0.0.1", port=self.port).update_query_dict(_NO_TLS))

    def cut(self, chance: Random, share: float) -> None:
        """Cut this share of the connections, whatever happens on them."""
        for writer in list(self._writers):
            if chance.random() < share:
                writer.transport.abort()

    def stop(self) -> None:
        """Forward nothing until `flow`."""
        self._flows.clear()

    def flow(self) -> None:
        """Forward again, and accept connections."""
        self.refuses = False
        self._flows.set()

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        if self.refuses:
            writer.transport.abort()
            return
        folder = self._target.query["host"]
        try:
            there, back = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, back}
        self._writers |= pair
        try:
            await asyncio.gather(self._forward(reader, back), self._forward(there, writer))
        finally:
            self._writers -= pair

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                await self._flows.wait()
                if self._is_last():
                    return
                writer.write(data)
                await writer.drain()
        writer.close()

    def _is_last(self) -> bool:
        """Count a message; cut all connections at the last one."""
        if self.left is None:
            return False
        self.left -= 1
        if self.left:
            return False
        self.left, self.refuses = None, True
        for writer in list(self._writers):
            writer.transport.abort()
        return True


_NO_TLS = {"sslmode": "disable"}


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[DatabaseProxy]:
    """Run a proxy to the database at `url`, which is on a Unix socket."""
    proxy = DatabaseProxy(url)
    server = await asyncio.start_server(proxy.meet, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        proxy.flow()
        server.close()
