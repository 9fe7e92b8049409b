"""The bot's process, from outside: born, told, killed."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tests.nursery import Born, start


class Died(Exception):
    """The bot ended by itself; the text holds its last words."""


class BotProcess:
    """One bot after the other, never two at once."""

    def __init__(self, environment: Mapping[str, str], log: Path, words: BinaryIO) -> None:
        self._environment, self._log, self._words = environment, log, words
        self._born: Born | None = None
        self._watching: asyncio.Task[None] | None = None
        self.dead = asyncio.Event()
        self.dead.set()
        self.claimed: int | None = None
        """The update in whose transaction the last bot killed itself."""
        self._failed = False

    async def start(self, ahead: float, *, answers: bool = True) -> None:
        """Let a bot be born whose clock is so many seconds ahead, or one that is but a worker."""
        await self.dead.wait()
        self.claimed = None
        self._born = await start(
            "tests.chaos.bot",
            *("start" if answers else "work", str(ahead)),
            env={**os.environ, **self._environment},
            stderr=self._words.fileno(),
        )
        self.dead.clear()
        self._watching = asyncio.create_task(self._watch(self._born))

    def dies_in_claim(self, number: int) -> None:
        """Let it kill itself inside the transaction of the `number`-th update from now."""
        assert self._born
        assert self._born.stdin
        self._born.stdin.write(f"claim {number}\n".encode())

    async def kill(self) -> None:
        """Send SIGKILL, and wait until it is dead. Raises Died where it was so before."""
        if self._born and not self.dead.is_set():
            self._born.kill()
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

    async def _watch(self, born: Born) -> None:
        """Follow what it tells, until it is dead."""
        assert born.stdout
        async for line in born.stdout:
            self.claimed = int(line.split()[1])
        self._failed = await born.wait() != -signal.SIGKILL
        self.dead.set()


@asynccontextmanager
async def nursing(environment: Mapping[str, str], log: Path) -> AsyncIterator[BotProcess]:
    """Have bots born with `environment`, which log to `log`. None outlives the context."""
    with log.open("wb") as words:
        process = BotProcess(environment, log, words)
        try:
            yield process
        finally:
            with suppress(Died):
                await process.kill()
