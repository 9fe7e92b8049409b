"""The bot's process, from outside: born, told, killed."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Died(Exception):
    """The bot ended by itself; the text holds its last words."""


class BotProcess:
    """One bot after the other, never two at once."""

    def __init__(self, nursery: Process, log: Path) -> None:
        self._nursery, self._log = nursery, log
        self._pid = 0
        self._born, self.dead = asyncio.Event(), asyncio.Event()
        self._born.set()
        self.dead.set()
        self.claimed: int | None = None
        """The update in whose transaction the last bot killed itself."""
        self._failed = False

    async def start(self, ahead: float, *, answers: bool = True) -> None:
        """Let a bot be born whose clock is so many seconds ahead, or one that is but a worker."""
        await self.dead.wait()
        self.claimed = None
        self._born.clear()
        self.dead.clear()
        self._say(f"{'start' if answers else 'work'} {ahead}")
        await self._born.wait()

    def dies_in_claim(self, number: int) -> None:
        """Let it kill itself inside the transaction of the `number`-th update from now."""
        self._say(f"claim {number}")

    async def kill(self) -> None:
        """Send SIGKILL, and wait until it is dead. Raises Died where it was so before."""
        await self._born.wait()
        if not self.dead.is_set():
            os.kill(self._pid, signal.SIGKILL)
        await self.dead.wait()
        self.look()

    def look(self) -> None:
        """Raise Died if the bot ended otherwise than by being killed."""
        if self._failed:
            raise Died(self.words[-3000:])

    @property
    def words(self) -> str:
        """All that the bots ever logged."""
        return self._log.read_text(encoding="utf-8")

    async def watch(self) -> None:
        """Follow what the nursery tells."""
        assert self._nursery.stdout is not None
        async for line in self._nursery.stdout:
            what, number = line.split()
            match what:
                case b"born":
                    self._pid = int(number)
                    self._born.set()
                case b"claimed":
                    self.claimed = int(number)
                case b"dead":
                    self._failed = int(number) != -signal.SIGKILL
                    self.dead.set()
        self._failed = True
        self._born.set()
        self.dead.set()

    def _say(self, line: str) -> None:
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(f"{line}\n".encode())


@asynccontextmanager
async def nursing(environment: Mapping[str, str], log: Path) -> AsyncIterator[BotProcess]:
    """Have bots born with `environment`, which log to `log`. None outlives the context."""
    with log.open("wb") as words:
        nursery = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.chaos.bot",
            stdin=PIPE,
            stdout=PIPE,
            stderr=words,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
    process = BotProcess(nursery, log)
    watching = asyncio.create_task(process.watch())
    try:
        yield process
    finally:
        assert nursery.stdin is not None
        nursery.stdin.close()
        with suppress(ConnectionError):
            await nursery.stdin.wait_closed()
        await watching
        await nursery.wait()
