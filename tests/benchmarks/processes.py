"""Processes beside this one. None outlives it, and each is ended by its own handle."""

import asyncio
import os
import signal
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.nursery import ROOT as ROOT
from tests.nursery import WHERE, Born, start

START = 60.0
"""Seconds for a process to be ready, on a machine that has other things to do."""

_END = 10.0


class Broken(Exception):
    """A process did not do its part; the text holds its last words."""


@asynccontextmanager
async def beside(module: str, *arguments: str, log: Path) -> AsyncIterator[Process | Born]:
    """Run a module of ours in its own Python; what it complains about goes to `log`.

    Where only tests ask whether all this runs, a nursery bears it instead.
    """
    process: Process | Born
    with log.open("wb") as complaints:
        if WHERE in os.environ:
            process = await start(module, *arguments, stderr=complaints.fileno())
        else:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module, *arguments),
                stdin=PIPE,
                stdout=PIPE,
                stderr=complaints,
                cwd=ROOT,
            )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _END)
        except TimeoutError:
            process.kill()
            await process.wait()


async def ready(process: Process | Born, came: asyncio.Event, log: Path) -> None:
    """Wait until `came` is set. Raises Broken where the process ends before, or is too slow."""
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
    """Return the end of what a process complained about."""
    return log.read_text(encoding="utf-8", errors="replace")[-3000:]


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process (proc(5), stat: utime and stime); 0 where it is not told."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def resident() -> tuple[int, int]:
    """Return the bytes of this process in memory, now and at most (proc(5), status), or 0, 0."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0, 0
    told = dict(line.split(":", 1) for line in status.splitlines())
    now, most = (int(told[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


def forget_most_resident() -> None:
    """Begin anew with the most that is in memory (proc(5), clear_refs: 5)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def end_with_parent() -> None:
    """Let this process end in order when the one that started it is gone: standard input ends."""

    def watch() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
