"""A minimal mail server, which accepts every mail and passes it on unchanged."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

Took = Callable[[str, bytes], None]
"""Called with each mail's recipient, and its content without the final dot."""

_END = b"\r\n.\r\n"
_ANSWERS = {b"EHLO": b"250 sink\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class _Session(asyncio.Protocol):
    def __init__(self, took: Took) -> None:
        self._took = took
        self._came = b""
        self._recipient = ""
        self._takes = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # cast, not isinstance: uvloop's transports are no subclass of asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._came += data
        while (end := _END if self._takes else b"\r\n") in self._came:
            part, _, self._came = self._came.partition(end)
            self._transport.write(self._answer(part))

    def _answer(self, part: bytes) -> bytes:
        if self._takes:
            self._takes = False
            self._took(self._recipient, part)
            return b"250 taken\r\n"
        verb = part[:4].upper()
        if verb == b"RCPT":
            self._recipient = part.partition(b"<")[2].partition(b">")[0].decode()
        self._takes = verb == b"DATA"
        return _ANSWERS.get(verb, b"250 ok\r\n")


@asynccontextmanager
async def sinking(took: Took) -> AsyncIterator[int]:
    """Accept mail until the context ends; yields the port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Session(took), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
