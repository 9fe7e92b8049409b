"""What the status server answers, also to what is no request of a monitor."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from bot.metrics import MetricsPage
from bot.web import status_server
from bot.web.status_server import MAX_HEAD_BYTES, StatusServer

PLAIN = "text/plain; charset=utf-8"


class Page:
    async def text(self, *, ready: bool) -> bytes:
        return f"ready {ready:d}\n".encode()


@asynccontextmanager
async def serving(problem: str | Exception | None = None) -> AsyncIterator[StatusServer]:
    async def find_problem() -> str | None:
        if isinstance(problem, Exception):
            raise problem
        return problem

    page = cast(MetricsPage, cast(Any, Page()))
    async with StatusServer("127.0.0.1", 0, find_problem, page) as server:
        yield server


async def says(server: StatusServer, request: bytes, *, end: bool = False) -> bytes:
    """Return all that the server answers to `request`; with `end`, nothing more is sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request)
    if end:
        writer.write_eof()
    try:
        return await reader.read()
    except ConnectionResetError:  # it closed the connection before it read everything
        return b""
    finally:
        writer.close()


def answer(status: str, content: str, media_type: str = PLAIN) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(content)}\r\n"
        f"Connection: close\r\n\r\n{content}"
    ).encode()


async def get(server: StatusServer, path: str) -> bytes:
    return await says(server, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/healthz", answer("200 OK", "alive\n")),
        ("/readyz", answer("200 OK", "ready\n")),
        ("/readyz?full=1", answer("200 OK", "ready\n")),
        ("/metrics", answer("200 OK", "ready 1\n", "text/plain; version=0.0.4; charset=utf-8")),
        ("/telegram", answer("404 Not Found", "404: Not Found")),
        ("/", answer("404 Not Found", "404: Not Found")),
    ],
)
async def test_each_page(path: str, expected: bytes) -> None:
    async with serving() as server:
        assert await get(server, path) == expected


async def test_a_process_that_cannot_serve_says_why() -> None:
    async with serving("the database does not answer") as server:
        assert await get(server, "/readyz") == answer(
            "503 Service Unavailable", "the database does not answer\n"
        )
        assert b"\r\n\r\nready 0\n" in await get(server, "/metrics")
        assert await get(server, "/healthz") == answer("200 OK", "alive\n")


async def test_a_page_that_fails_says_nothing_of_the_error() -> None:
    async with serving(ValueError("a secret")) as server:
        assert await get(server, "/readyz") == answer(
            "500 Internal Server Error", "500: Internal Server Error"
        )


async def test_other_methods() -> None:
    refused = answer("405 Method Not Allowed", "405: Method Not Allowed")
    async with serving() as server:
        whole = answer("200 OK", "alive\n")
        assert await says(server, b"HEAD /healthz HTTP/1.1\r\n\r\n") == whole.removesuffix(
            b"alive\n"
        )
        for request in (b"POST /healthz HTTP/1.1\r\n\r\n", b"\xff\xfe\r\n\r\n", b"\r\n\r\n"):
            assert await says(server, request) == refused


async def test_what_is_no_complete_request_gets_no_answer() -> None:
    async with serving() as server:
        assert await says(server, b"GET /healthz HTTP/1.1\r\n", end=True) == b""
        assert await says(server, b"G" * (3 * MAX_HEAD_BYTES)) == b""
        assert await get(server, "/healthz") == answer("200 OK", "alive\n")


async def test_a_connection_that_says_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_server, "REQUEST_SECONDS", 0.05)
    async with serving() as server:
        assert await says(server, b"") == b""
