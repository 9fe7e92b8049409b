"""Kept connections: which answer belongs to which call, and when a connection is not used again."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.client.http_pool import (
    MAX_IDLE_SECONDS,
    HttpPool,
    NoResponse,
    RequestNotSent,
)

BODY = b'{"chat_id":4200,"text":"Good morning"}'
LARGEST = 1000


def said(content: bytes, *headers: str) -> bytes:
    lines = ("HTTP/1.1 200 OK", f"Content-Length: {len(content)}", *headers, "", "")
    return "\r\n".join(lines).encode() + content


@dataclass
class Server:
    """Answers calls in the order of `script`: a piece that is None closes the connection."""

    script: list[Sequence[bytes | None]]
    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    hears: asyncio.Event = field(default_factory=asyncio.Event)
    connections: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(writer)
        try:
            while self.script:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                size = int(length or 0)
                self.heard.append(head + await reader.readexactly(size))
                self.hears.set()
                for piece in self.script.pop(0):
                    if piece is None:
                        return
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
            await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def rests(self, lines: HttpPool) -> None:
        """Return when our side has closed what is unused."""
        async with asyncio.timeout(30):
            for line in lines._idle:
                await line.closed.wait()


@asynccontextmanager
async def serving(
    *script: Sequence[bytes | None],
    tls: ssl.SSLContext | None = None,
    most: int = 5,
) -> AsyncIterator[tuple[Server, HttpPool]]:
    server = Server(list(script))
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    scheme = "https" if tls else "http"
    lines = HttpPool(
        f"{scheme}://localhost:{server.port}", max_connections=most, max_answer_bytes=LARGEST
    )
    try:
        yield server, lines
    finally:
        await lines.close()
        for connection in server.connections:
            connection.close()
        listening.close()
        await listening.wait_closed()


async def post(lines: HttpPool) -> tuple[int, bytes]:
    return await lines.post("/bot1:x/sendMessage", BODY, connect_timeout=5, answer_timeout=5)


async def test_what_is_said_is_one_post_with_its_length() -> None:
    async with serving([said(b"{}")]) as (server, lines):
        assert await post(lines) == (200, b"{}")
    assert server.heard == [
        b"POST /bot1:x/sendMessage HTTP/1.1\r\n"
        b"Host: localhost:%d\r\n"
        b"Content-Type: application/json\r\n"
        b"Content-Length: 38\r\n\r\n" % server.port + BODY
    ]


async def test_a_file_is_fetched() -> None:
    fetched = b"GET /file/bot1:x/a%20b.pdf HTTP/1.1\r\n"
    async with serving([said(b"%PDF")]) as (server, lines):
        path = "/file/bot1:x/a%20b.pdf"
        assert await lines.get(path, connect_timeout=5, answer_timeout=5) == (200, b"%PDF")
        assert server.heard == [fetched + b"Host: localhost:%d\r\n\r\n" % server.port]


async def test_a_connection_is_used_again() -> None:
    async with serving([said(b"1")], [said(b"2")]) as (server, lines):
        assert [await post(lines), await post(lines)] == [(200, b"1"), (200, b"2")]
        assert len(server.connections) == 1


@pytest.mark.parametrize(
    "answer",
    [
        [said(b"1", "Connection: close")],
        [b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n1"],
        [said(b"1"), None],
        [said(b"1") + said(b"of nobody")],
        [said(b"1"), b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"],
    ],
    ids=["it says so", "of old", "it hangs up", "two answers", "a word that nobody asked for"],
)
async def test_a_connection_that_ended_is_not_used_again(answer: list[bytes | None]) -> None:
    async with serving(answer, [said(b"2")]) as (server, lines):
        assert await post(lines) == (200, b"1")
        await server.rests(lines)
        assert await post(lines) == (200, b"2")
        assert len(server.connections) == 2


async def test_a_connection_that_was_unused_for_long_is_not_used_again() -> None:
    async with serving([said(b"1")], [said(b"2")]) as (server, lines):
        await post(lines)
        lines._idle[0].used_at -= MAX_IDLE_SECONDS
        assert await post(lines) == (200, b"2")
        assert len(server.connections) == 2


async def test_an_answer_may_come_in_chunks_and_be_announced() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    async with serving([early, chunked], [said(b"2")]) as (_, lines):
        assert await post(lines) == (200, b"{}")
        assert await post(lines) == (200, b"2")


@given(cuts=st.lists(st.integers(0, 60), max_size=5))
async def test_an_answer_may_come_in_any_pieces(cuts: list[int]) -> None:
    whole = said(b'{"ok":true}', "Server: nginx")
    ends = [*sorted(cuts), len(whole)]
    pieces = [whole[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    async with serving(pieces, [said(b"2")]) as (server, lines):
        assert await post(lines) == (200, b'{"ok":true}')
        assert await post(lines) == (200, b"2")
        assert len(server.connections) == 1


@pytest.mark.parametrize(
    "answer",
    [
        [None],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", None],
        [b"HTTP/1.1 200 OK\r\n\r\n{}", None],
        [b"SSH-2.0-OpenSSH\r\n"],
        [said(b" " * (LARGEST + 1))],
    ],
    ids=["nothing", "half", "one without an end", "another protocol", "too much"],
)
async def test_what_is_no_whole_answer_leaves_it_open(answer: list[bytes | None]) -> None:
    async with serving(answer, [said(b"2")]) as (_, lines):
        with pytest.raises(NoResponse):
            await post(lines)
        assert await post(lines) == (200, b"2")


async def test_who_gives_up_waiting_leaves_no_answer_to_the_next() -> None:
    async with serving([], [said(b"2")]) as (server, lines):
        first = asyncio.create_task(post(lines))
        async with asyncio.timeout(30):
            await server.hears.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await post(lines) == (200, b"2")
        assert len(server.connections) == 2


async def test_no_more_connections_than_may_be_are_open_at_once() -> None:
    answers = [[said(b"%d" % number)] for number in range(20)]
    async with serving(*answers, most=3) as (server, lines):
        came = await asyncio.gather(*(post(lines) for _ in range(20)))
        assert sorted(int(body) for _, body in came) == list(range(20))
        assert len(server.connections) == 3


@pytest.mark.parametrize(
    ("name", "trusted", "kind"),
    [
        ("localhost", True, None),
        ("other.example", True, RequestNotSent),
        ("localhost", False, RequestNotSent),
    ],
)
async def test_a_server_must_prove_who_it_is(
    name: str, *, trusted: bool, kind: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, default = trustme.CA(), ssl.create_default_context
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(tls)

    def trusting() -> ssl.SSLContext:
        context = default()
        if trusted:
            authority.configure_trust(context)
        return context

    monkeypatch.setattr("bot.telegram.client.http_pool.ssl.create_default_context", trusting)
    async with serving([said(b"1")], tls=tls) as (server, lines):
        if kind is None:
            assert await post(lines) == (200, b"1")
        else:
            with pytest.raises(kind, match="SSLCertVerificationError"):
                await post(lines)
            assert server.heard == []


@pytest.mark.parametrize("target", ["", "getMe", "/a b", "/a\r\nHost: evil", "/ö"])
async def test_what_is_no_path_is_not_said(target: str) -> None:
    async with serving([said(b"1")]) as (server, lines):
        with pytest.raises(RequestNotSent):
            await lines.post(target, BODY, connect_timeout=5, answer_timeout=5)
        assert server.connections == []
