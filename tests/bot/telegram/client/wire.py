"""A server in Telegram's place that answers as a test says: for what goes wrong on the wire."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from bot.telegram.client.request import TelegramRequest

SECRET = "AAF-kept-by-nobody-else_0123456789"
TOKEN = f"110201543:{SECRET}"


@dataclass(frozen=True)
class Call:
    """What arrived: the method, its parameters, and the contents of files that came along."""

    method: str
    parameters: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)


def result(value: object, **more: object) -> web.Response:
    """Return the answer of a method that went well."""
    return _json({"ok": True, "result": value, **more}, 200)


def refused(status: int, description: str, **parameters: object) -> web.Response:
    """Return a refusal in Telegram's form."""
    answer: dict[str, object] = {"ok": False, "error_code": status, "description": description}
    return _json({**answer, "parameters": parameters} if parameters else answer, status)


def too_many(seconds: int) -> web.Response:
    """Return a 429."""
    return refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def _json(value: object, status: int) -> web.Response:
    return web.Response(
        body=orjson.dumps(value), status=status, content_type="application/json", charset="utf-8"
    )


Answer = Callable[[Call], web.StreamResponse]


@dataclass
class Wire:
    """Where the server is, what arrived, and what is answered: by `answers`, one a call, in the
    order of asking, then by `otherwise`.
    """

    request: TelegramRequest
    api: str
    calls: list[Call]
    answers: list[web.StreamResponse | Answer]
    otherwise: Answer = lambda call: result(True)

    def methods(self) -> list[str]:
        return [call.method for call in self.calls]

    def next(self, call: Call) -> web.StreamResponse:
        answer = self.answers.pop(0) if self.answers else self.otherwise
        return answer if isinstance(answer, web.StreamResponse) else answer(call)


async def read(request: web.Request) -> Call:
    """Return what `request` calls."""
    method = request.path.rpartition("/")[2]
    if request.content_type == "application/json":
        return Call(method, orjson.loads(await request.read()))
    parameters: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = value.file.read()
        else:
            parameters[name] = value
    return Call(method, parameters, files)


@asynccontextmanager
async def wired(*answers: web.StreamResponse | Answer) -> AsyncIterator[Wire]:
    """Serve on loopback."""
    application = web.Application()
    runner = web.AppRunner(application, access_log=None)

    async def answer(request: web.Request) -> web.StreamResponse:
        call = await read(request)
        wire.calls.append(call)
        return wire.next(call)

    application.router.add_route("*", "/{path:.*}", answer)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    api = f"http://127.0.0.1:{runner.addresses[0][1]}"
    request = TelegramRequest(TOKEN, api=api)
    await request.initialize()
    wire = Wire(request, api, [], list(answers))
    try:
        yield wire
    finally:
        await request.shutdown()
        await runner.cleanup()


@asynccontextmanager
async def broken(
    answer: bytes, *, hang: bool = False, read_timeout: float = 20
) -> AsyncIterator[Wire]:
    """Answer each connection with these bytes and hang up, or go silent with `hang`.

    The received calls are recorded without their parameters.
    """
    served: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(writer)
        head = await reader.readuntil(b"\r\n\r\n")
        wire.calls.append(Call(head.split(b" ")[1].rpartition(b"/")[2].decode(), {}))
        writer.write(answer)
        await writer.drain()
        if not hang:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    api = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    request = TelegramRequest(TOKEN, api=api, read_timeout=read_timeout)
    await request.initialize()
    wire = Wire(request, api, [], [])
    try:
        yield wire
    finally:
        await request.shutdown()
        server.close()
        for writer in served:
            writer.close()
