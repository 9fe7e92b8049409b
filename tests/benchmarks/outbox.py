"""Letters a second through the whole outbox, beside Postfix's own `smtp-source`.

Both bring mails of one size, over so many connections each, to the same Postfix, which discards
them. Ours come from SQLite, where each attempt and each result is committed, and are signed; the
peer's are one text that it has in memory.
"""

import asyncio
import shutil
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import trustme
from sqlalchemy import Connection, func, select

from bot.app import utc_now
from bot.mail.carrier import MailCarrier
from bot.mail.domains import Domains
from bot.mail.envelopes import Envelopes
from bot.mail.message import Post
from bot.mail.smtp import Courier, server
from bot.services.delivering import Delivering
from storage.database import Database
from storage.engines import open_database
from storage.keys import load_or_create
from storage.migrations import upgrade
from storage.tables import outbox as mails
from storage.vault import Vault
from tests.benchmarks.figures import Contender, Result, Run
from tests.benchmarks.processes import START, Broken
from tests.bot.mail.signatures import SIGNER
from tests.peers.postfix import MINISTER, Postfix, postfix
from tests.storage.people import queues

CONNECTIONS = 8
SENDER = "actions@send.example"
SIZE = 2600
"""Bytes of each mail, about: one page, and a signature."""

_BODY = "The river belongs to those who live by it. Let it flow.\n" * 30
_AT_ONCE = 200

Send = Callable[[int], Awaitable[Run]]


class Ours:
    """A database with an outbox, and the worker that drains it."""

    def __init__(self, database: Database, vault: Vault, peer: Postfix) -> None:
        self._database, self._vault, self._peer = database, vault, peer
        self._queued = self._told = 0
        self._done = asyncio.Event()

    async def send(self, letters: int) -> Run:
        """Queue so many letters, and measure from when the worker begins until all are accepted."""
        await self._fill(letters)
        courier = Courier(server(self._peer.url("plain")), connections=CONNECTIONS)
        post = Post(Envelopes(self._vault, "send.example"), SENDER, Domains(), signer=SIGNER)
        carrier = MailCarrier(post, courier, 3 * CONNECTIONS)
        self._told = 0
        self._done.clear()
        delivering = Delivering(
            self._database, self._vault, carrier, utc_now, lambda: self._tell(letters)
        )
        begin, cpu = time.perf_counter(), time.process_time()
        working = asyncio.create_task(delivering.run())
        async with asyncio.timeout(START):
            await self._done.wait()
        took, used = time.perf_counter() - begin, time.process_time() - cpu
        working.cancel()
        await asyncio.wait((working,))
        await courier.close()
        accepted = await self._database.read(_accepted)
        if accepted != self._queued:
            raise Broken(f"{self._queued} letters were queued, and {accepted} accepted.")
        return Run(letters / took, {"ms CPU": used / letters * 1000})

    def _tell(self, letters: int) -> None:
        self._told += 1
        if self._told == letters:
            self._done.set()

    async def _fill(self, letters: int) -> None:
        until, now = self._queued + letters, utc_now()

        def work(connection: Connection) -> None:
            for number in range(self._queued, min(self._queued + _AT_ONCE, until)):
                queues(connection, self._vault, number, now, _BODY)

        while self._queued < until:
            await self._database.transact(work)
            self._queued = min(self._queued + _AT_ONCE, until)


class Source:
    """Postfix's `smtp-source`, which keeps its connections, as ours are kept."""

    def __init__(self, peer: Postfix) -> None:
        self._peer = peer

    async def send(self, letters: int) -> Run:
        program = shutil.which("smtp-source", path="/usr/sbin")
        assert program
        begin = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            program,
            *("-d", "-s", str(CONNECTIONS), "-m", str(letters), "-l", str(SIZE)),
            *("-f", SENDER, "-t", MINISTER, f"127.0.0.1:{self._peer.ports['plain']}"),
            stdout=DEVNULL,
            stderr=PIPE,
        )
        _, words = await process.communicate()
        took = time.perf_counter() - begin
        if process.returncode:
            raise Broken(words.decode())
        return Run(letters / took, {"ms CPU": 0.0})


CONTENDERS: tuple[tuple[str, float | None], ...] = (
    ("ours, from SQLite, signed", None),
    ("smtp-source", 0.5),
)


async def measure(rounds: int, letters: int, folder: Path, tell: Callable[[], None]) -> Result:
    """Let each send so many letters, in turn, `rounds` times."""
    runs: dict[str, list[Run]] = {name: [] for name, _ in CONTENDERS}
    url = f"sqlite:///{folder / 'outbox.db'}"
    await asyncio.to_thread(upgrade, url)
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(postfix(trustme.CA(), transport="discard"))
        database = await open_database(url)
        stack.push_async_callback(database.close)
        ours = Ours(database, Vault(load_or_create(folder / "outbox.keys")), peer)
        sends: list[Send] = [ours.send, Source(peer).send]
        for send in sends:
            await _rested(peer, send, max(letters // 10, CONNECTIONS))
        for _ in range(rounds):
            for (name, _), send in zip(CONTENDERS, sends, strict=True):
                runs[name].append(await _rested(peer, send, letters))
                tell()
    return Result(
        "outbox",
        "letters a second",
        f"{CONNECTIONS} connections each, to a Postfix that discards; medians of {rounds}"
        f" interleaved runs of {letters} mails of about {SIZE} bytes; ms CPU is that of our"
        " process for each letter",
        tuple(Contender(name, runs[name], expected) for name, expected in CONTENDERS),
    )


async def _rested(peer: Postfix, send: Send, letters: int) -> Run:
    """Let it send, and then let Postfix come to rest."""
    until = peer.sent + letters
    run = await send(letters)
    await peer.delivered(until)
    return run


def _accepted(connection: Connection) -> int:
    query = select(func.count()).select_from(mails).where(mails.c.state == "accepted")
    return connection.execute(query).scalar_one()
