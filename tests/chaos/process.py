"""Start the bot in its own process, send it commands, and kill it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tests.fork_server import ForkedProcess, start


class BotCrashed(Exception):
    """The bot ended without being killed; the message is the end of its log."""


class BotProcess:
    """Runs one bot process at a time; each one shares the environment and the log file."""

    def __init__(self, environment: Mapping[str, str], log_path: Path, log_file: BinaryIO) -> None:
        self._environment, self._log_path, self._log_file = environment, log_path, log_file
        self._process: ForkedProcess | None = None
        self._watching: asyncio.Task[None] | None = None
        self.dead = asyncio.Event()
        self.dead.set()
        self.claimed: int | None = None
        """The id of the update in whose transaction the last bot killed itself."""
        self.armed = asyncio.Event()
        """Set once the bot knows in which claim to kill itself."""
        self._failed = False

    async def start(self, ahead: float, *words: str, mode: str = "start") -> None:
        """Start a bot whose clock is `ahead` seconds ahead; `tests.chaos.bot` lists the modes, and
        the words that may follow.
        """
        await self.dead.wait()
        self.claimed = None
        self._process = await start(
            "tests.chaos.bot",
            *(mode, str(ahead), *words),
            env={**os.environ, **self._environment},
            stderr=self._log_file.fileno(),
        )
        self.dead.clear()
        self._watching = asyncio.create_task(self._watch(self._process))

    def kill_in_claim(self, number: int) -> None:
        """Make the bot kill itself in the transaction that claims its `number`-th next update."""
        assert self._process
        assert self._process.stdin
        self.armed.clear()
        self._process.stdin.write(f"claim {number}\n".encode())

    def pause(self, *, paused: bool) -> None:
        """Send SIGSTOP, or SIGCONT, if the bot runs."""
        if self._process and not self.dead.is_set():
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGSTOP if paused else signal.SIGCONT)

    async def kill(self) -> None:
        """Send SIGKILL, and wait for the end. Raises BotCrashed if the bot had ended before."""
        if self._process and not self.dead.is_set():
            self._process.kill()
        await self.dead.wait()
        self.raise_if_crashed()

    def raise_if_crashed(self) -> None:
        """Raise BotCrashed if the bot ended without being killed."""
        if self._failed:
            raise BotCrashed(self.log[-3000:])

    @property
    def has_crashed(self) -> bool:
        """Whether the last bot ended without being killed."""
        return self._failed

    @property
    def pid(self) -> int:
        """The id of the running process."""
        assert self._process
        return self._process.pid

    @property
    def log(self) -> str:
        """Everything that all these bots have logged."""
        return self._log_path.read_text(encoding="utf-8")

    async def _watch(self, process: ForkedProcess) -> None:
        """Read what the bot reports, until it is dead."""
        assert process.stdout
        async for line in process.stdout:
            report, number = line.split()
            if report == b"armed":
                self.armed.set()
            else:
                self.claimed = int(number)
        self._failed = await process.wait() != -signal.SIGKILL
        self.dead.set()


@asynccontextmanager
async def bot_processes(environment: Mapping[str, str], log: Path) -> AsyncIterator[BotProcess]:
    """Yield a BotProcess that logs to `log`; the bot is killed when the context ends."""
    with log.open("wb") as log_file:
        process = BotProcess(environment, log, log_file)
        try:
            yield process
        finally:
            with suppress(BotCrashed):
                await process.kill()


def memory_of(pid: int) -> int:
    """Return the memory that a process shares with no other, in bytes (proc(5), smaps_rollup).

    The processes of the tests are forked from one that has loaded more than a bot does.
    """
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    private = [line.split()[1] for line in rollup if line.startswith("Private_")]
    return sum(map(int, private)) * 1024
