"""Start and measure the processes of a benchmark. Each is ended by its own handle."""

import asyncio
import os
import signal
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.fork_server import ROOT as ROOT
from tests.fork_server import SOCKET_VARIABLE, ForkedProcess, start

START = 60.0
"""Seconds that a process may take to be ready, on a loaded machine."""

_SHUTDOWN_GRACE = 10.0


class Broken(Exception):
    """A process failed; the message is the end of its log."""


@asynccontextmanager
async def beside(
    module: str, *arguments: str, log: Path, env: Mapping[str, str] | None = None
) -> AsyncIterator[Process | ForkedProcess]:
    """Run one of our modules in its own Python process, with standard error going to `log`.

    `env` has the environment variables; None stands for those of this process. If this process was
    started by the tests' fork server, the module is started by it too.
    """
    process: Process | ForkedProcess
    with log.open("wb") as complaints:
        if SOCKET_VARIABLE in os.environ:
            process = await start(module, *arguments, env=env, stderr=complaints.fileno())
        else:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module, *arguments),
                stdin=PIPE,
                stdout=PIPE,
                stderr=complaints,
                cwd=ROOT,
                env=env,
            )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _SHUTDOWN_GRACE)
        except TimeoutError:
            process.kill()
            await process.wait()


async def ready(process: Process | ForkedProcess, came: asyncio.Event, log: Path) -> None:
    """Wait until `came` is set. Raises Broken if the process ends before, or takes too long."""
    waiting = asyncio.ensure_future(came.wait())
    ended = asyncio.ensure_future(process.wait())
    try:
        await asyncio.wait((waiting, ended), timeout=START, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        ended.cancel()
    if not came.is_set():
        raise Broken(f"It did not start:\n{last_words(log)}")


def last_words(log: Path) -> str:
    """Return the end of what a process wrote to standard error."""
    return log.read_text(encoding="utf-8", errors="replace")[-3000:]


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process (proc(5), stat: utime and stime); 0 if unknown."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def resident(process: int | str = "self") -> tuple[int, int]:
    """Return a process's resident bytes, now and at most (proc(5), status); 0, 0 if unknown."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0, 0
    fields = dict(line.split(":", 1) for line in status.splitlines())
    now, most = (int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


def forget_most_resident() -> None:
    """Reset the peak of the resident memory (proc(5), clear_refs: 5)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def end_with_parent() -> None:
    """Shut this process down when the one that started it is gone, which closes standard input."""

    def watch() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
