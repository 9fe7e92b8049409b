"""A mail server that fails as it is told: at any verb, in any way, on the test's own loop.

    sink.at("RCPT", "450 4.2.0 later")          the next RCPT is answered so, and then as usual
    sink.at("DOT", DIES, about="bad@")          only where the line or the recipient tells of bad@
    sink.always("AUTH", "535 5.7.8 no")         every time
    hold = sink.hold("DOT")                     waits there, until `hold.release()`

Beside the verbs there are GREETING, TEXT (in the middle of what follows 354) and DOT. `came` is
called for each mail that was taken, before it is answered.
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes

LIMIT = 2**20

_USUAL = {
    "GREETING": "220 sink ESMTP",
    "HELO": "250 sink",
    "STARTTLS": "220 2.0.0 go on",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    "DOT": "250 2.0.0 taken",
    "RSET": "250 2.0.0 ok",
    "NOOP": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
    "TEXT": "",
}


@dataclass(frozen=True)
class Move:
    """What the server does: an answer, byte for byte, or none; and whether it goes away then.

    At the dot it takes a mail with 250, or where `takes` says so although its answer never comes.
    """

    answer: bytes = b""
    dies: bool = False
    takes: bool = False


DIES = Move(dies=True)
TAKES_AND_DIES = Move(dies=True, takes=True)


def then_dies(line: str) -> Move:
    return Move(_line(line), dies=True, takes=line.startswith("250"))


@dataclass
class Rule:
    verb: str
    about: str
    moves: list[Move]
    for_ever: bool = False


class Hold:
    """A place where sessions wait until they are released."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._came = asyncio.Condition()
        self._count = 0

    async def wait(self) -> None:
        async with self._came:
            self._count += 1
            self._came.notify_all()
        await self._open.wait()

    async def reached(self, count: int) -> None:
        async with asyncio.timeout(30), self._came:
            await self._came.wait_for(lambda: self._count >= count)

    def release(self) -> None:
        self._open.set()


@dataclass(frozen=True)
class Taken:
    sender: str
    recipient: str
    content: bytes

    @property
    def message_id(self) -> str:
        return str(message_from_bytes(self.content)["Message-ID"])

    @property
    def subject(self) -> str:
        return str(message_from_bytes(self.content)["Subject"])


@dataclass
class Sink:
    """What the server is to do, and what it has seen."""

    tls: ssl.SSLContext | None = None
    implicit: bool = False
    auth: bool = False
    pipelining: bool = False
    bytewise: bool = False
    most_mails: tuple[int, str] | None = None
    """How many mails a connection takes, and what it says to DATA then."""
    port: int = 0
    connections: int = 0
    most: int = 0
    verbs: list[str] = field(default_factory=list)
    mails: list[Taken] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    holds: dict[str, Hold] = field(default_factory=dict)
    sessions: dict["asyncio.Task[None]", asyncio.StreamWriter] = field(default_factory=dict)
    came: Callable[[Taken], Awaitable[None]] | None = None

    @property
    def accepted(self) -> Counter[str]:
        """How many of each Message-ID were taken."""
        return Counter(mail.message_id for mail in self.mails)

    @property
    def url(self) -> str:
        scheme = "smtp+plain" if self.tls is None else "smtps" if self.implicit else "smtp"
        user = "river:secret@" if self.auth else ""
        return f"{scheme}://{user}127.0.0.1:{self.port}"

    def at(self, verb: str, *moves: Move | str, about: str = "") -> None:
        self.rules.append(Rule(verb, about, [_move(move) for move in moves]))

    def always(self, verb: str, move: Move | str, *, about: str = "") -> None:
        self.rules.append(Rule(verb, about, [_move(move)], for_ever=True))

    def hold(self, verb: str) -> Hold:
        return self.holds.setdefault(verb, Hold())

    def mended(self) -> None:
        self.rules.clear()
        for hold in self.holds.values():
            hold.release()

    def hang_up(self) -> None:
        """Close all connections, as servers do with idle ones."""
        for writer in self.sessions.values():
            writer.close()

    async def quiet(self) -> None:
        """Wait until no connection is left."""
        while self.sessions:
            async with asyncio.timeout(30):
                await asyncio.wait(list(self.sessions))

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.sessions[task] = writer
        self.connections += 1
        self.most = max(self.most, len(self.sessions))
        session = _Session(self, reader, writer)
        try:
            with suppress(OSError):
                await session.run()
        finally:
            del self.sessions[task]
            writer.close()
            session.writer.close()
            if not session.lost:
                with suppress(OSError):
                    await session.writer.wait_closed()


class _Gone(ConnectionError):
    """The server goes away in mid-talk."""


class _Session:
    def __init__(
        self, sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.sink, self.reader, self.writer = sink, reader, writer
        self.encrypted = sink.implicit
        self.lost = False
        self.sender = self.recipient = ""
        self.taken = 0

    async def run(self) -> None:
        await self.answers("GREETING")
        while line := (await self.reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            self.sink.verbs.append(verb)
            if verb == "MAIL":
                self.sender, self.recipient = _path(line), ""
            if verb == "RCPT":
                self.recipient = _path(line)
            answer = await self.answers(verb, line)
            if verb == "STARTTLS" and answer.startswith(b"220"):
                await self.encrypts()
            if verb == "DATA" and answer.startswith(b"354"):
                await self.takes()
            if verb == "QUIT":
                return

    async def encrypts(self) -> None:
        # Where the handshake fails, asyncio never tells a stream that it is closed.
        self.lost = True
        assert self.sink.tls is not None
        loop, reader = asyncio.get_running_loop(), asyncio.StreamReader(limit=LIMIT)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport = await loop.start_tls(
            self.writer.transport, protocol, self.sink.tls, server_side=True
        )
        if transport is None:
            raise _Gone
        protocol.connection_made(transport)
        self.reader = reader
        self.writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        self.lost, self.encrypted = False, True

    async def takes(self) -> None:
        content = [await self.reader.readline()]
        await self.answers("TEXT")
        while content[-1] not in (b".\r\n", b""):
            content.append(await self.reader.readline())
        if content.pop() == b"":
            raise _Gone
        plain = b"".join(line.removeprefix(b".") for line in content)
        await self.answers("DOT", content=plain)

    async def answers(self, verb: str, line: str = "", content: bytes | None = None) -> bytes:
        if hold := self.sink.holds.get(verb):
            await hold.wait()
        move = self.move(verb, line)
        if content is not None and (move.takes or move.answer.startswith(b"250")):
            taken = Taken(self.sender, self.recipient, content)
            self.sink.mails.append(taken)
            self.taken += 1
            if self.sink.came is not None:
                await self.sink.came(taken)
        size = 1 if self.sink.bytewise else max(len(move.answer), 1)
        for start in range(0, len(move.answer), size):
            if self.writer.transport.is_closing():
                raise _Gone
            self.writer.write(move.answer[start : start + size])
            await self.writer.drain()
            await asyncio.sleep(0)
        if move.dies:
            raise _Gone
        return move.answer

    def move(self, verb: str, line: str) -> Move:
        if verb == "DATA" and self.sink.most_mails and self.taken >= self.sink.most_mails[0]:
            return _move(self.sink.most_mails[1])
        for rule in self.sink.rules:
            told = rule.about in line or rule.about in self.recipient
            if rule.verb == verb and told and rule.moves:
                return rule.moves[0] if rule.for_ever else rule.moves.pop(0)
        if verb == "EHLO":
            return Move(self.extensions())
        usual = _USUAL.get(verb, "500 5.5.1 what?")
        return _move(usual) if usual else Move()

    def extensions(self) -> bytes:
        offered = ["sink"]
        if self.sink.tls is not None and not self.encrypted:
            offered.append("STARTTLS")
        if self.sink.auth:
            offered.append("AUTH PLAIN")
        if self.sink.pipelining:
            offered.append("PIPELINING")
        lines = [*(f"250-{each}" for each in offered), "250 HELP"]
        return b"".join(_line(each) for each in lines)


@asynccontextmanager
async def sinking(
    tls: ssl.SSLContext | None = None, *, implicit: bool = False, auth: bool = False
) -> AsyncIterator[Sink]:
    """Serve on loopback for as long as the context lasts."""
    sink = Sink(tls, implicit, auth)
    server = await asyncio.start_server(
        sink.meet, "127.0.0.1", 0, ssl=tls if implicit else None, limit=LIMIT
    )
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()
        sink.mended()
        sink.hang_up()
        await sink.quiet()
        await server.wait_closed()


def _move(move: Move | str) -> Move:
    return Move(_line(move)) if isinstance(move, str) else move


def _line(text: str) -> bytes:
    return text.encode() + b"\r\n"


def _path(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]
