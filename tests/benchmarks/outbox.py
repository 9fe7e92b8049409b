"""Benchmark sending the outbox: letters a second, compared with Postfix's `smtp-source`.

Both run in separate processes and send mails of the same size, over the same number of connections,
to the same Postfix. Ours come from SQLite, where each attempt and each result is committed, and are
signed; `smtp-source` sends one text from memory. Postfix delivers the mails to a mailbox, or
discards them, which leaves more of the machine to the sender.
"""

import asyncio
import shutil
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import trustme

from storage.schema.migrations import upgrade
from tests.benchmarks.drain import CONNECTIONS, SENDER
from tests.benchmarks.figures import Contender, Result, Run
from tests.benchmarks.processes import START, Broken, beside, last_words
from tests.fork_server import ForkedProcess
from tests.peers.postfix import MINISTER, Postfix, postfix

SIZE = 2990
"""Approximate bytes of each mail: one page and a signature."""

_CALLED = {"virtual": "mailbox", "discard": "discard"}

LETTERS_AN_ACTION = 5
"""How many letters each action of one contender has. Runs are multiples of it."""

Send = Callable[[int], Awaitable[Run]]


class Ours:
    """A process with a database and the worker that drains its outbox."""

    def __init__(self, process: Process | ForkedProcess, log: Path, each: int = 1) -> None:
        """`each`: how many letters each action has."""
        self._process, self._log, self._each = process, log, each

    async def send(self, letters: int) -> Run:
        """Queue letters; measure from the start of the worker until all are accepted."""
        if await self._ask(f"{letters} {self._each}") != "queued":
            raise Broken(last_words(self._log))
        try:
            took, used = (float(each) for each in (await self._ask("drain")).split())
        except ValueError:
            raise Broken(last_words(self._log)) from None
        return Run(letters / took, {"ms CPU": used / letters * 1000})

    async def _ask(self, words: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{words}\n".encode())
        async with asyncio.timeout(START):
            return (await self._process.stdout.readline()).decode().strip()


class Source:
    """Postfix's `smtp-source`, which keeps its connections open, as ours does."""

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
    ("ours, five letters an action", None),
    ("smtp-source", 0.8),
)


async def measure(
    transport: str, rounds: int, letters: int, folder: Path, advance: Callable[[], None]
) -> Result:
    """Measure each sender `rounds` times, in turn; Postfix delivers with `transport`."""
    runs: dict[str, list[Run]] = {name: [] for name, _ in CONTENDERS}
    url, log = f"sqlite:///{folder / 'outbox.db'}", folder / "drain.log"
    await asyncio.to_thread(upgrade, url)
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(postfix(trustme.CA(), transport=transport))
        given = (url, str(folder / "outbox.keys"), peer.url("plain"))
        process = await stack.enter_async_context(beside("tests.benchmarks.drain", *given, log=log))
        sends: list[Send] = [
            Ours(process, log).send,
            Ours(process, log, LETTERS_AN_ACTION).send,
            Source(peer).send,
        ]
        for send in sends:
            await _send_and_settle(peer, send, max(letters // 10, CONNECTIONS * LETTERS_AN_ACTION))
        for _ in range(rounds):
            for (name, _), send in zip(CONTENDERS, sends, strict=True):
                runs[name].append(await _send_and_settle(peer, send, letters))
                advance()
    return Result(
        f"outbox-{_CALLED[transport]}",
        "letters a second",
        f"{CONNECTIONS} connections each; Postfix's transport: {transport}; medians of {rounds}"
        f" interleaved runs of {letters} mails of about {SIZE} bytes; ms CPU is the CPU time of"
        " our process for each letter",
        tuple(Contender(name, runs[name], expected) for name, expected in CONTENDERS),
    )


async def _send_and_settle(peer: Postfix, send: Send, letters: int) -> Run:
    """Send `letters`, and wait until Postfix has delivered them all."""
    until = peer.sent + letters
    run = await send(letters)
    await peer.delivered(until)
    return run
