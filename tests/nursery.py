"""Processes of ours that start in milliseconds, since importing takes a hundred times as long.

A nursery imports everything once, and forks whenever it is asked to. What is born runs a module as
`python -m` does, with words, variables and pipes of its own; it is a process that gets signals and
dies as any other. One nursery serves this process and all that are born of it; it ends with this
one.
"""

import asyncio
import atexit
import gc
import json
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parent.parent
WHERE = "ACTIONBOT_TESTS_NURSERY"
"""The variable by which those that are born know where they may have others born."""

_LATER = (
    *(
        "bot.app",
        "bot.cli.bounce",
        "bot.cli.campaign_folders",
        "bot.doctor.configuration",
        "bot.cli.init",
        "bot.mail.authentication.dkim_keys",
        "bot.cli.maintenance",
    ),
    *("bot.doctor.checks", "bot.doctor.report", "bot.doctor.test_letter", "asyncpg", "uvloop"),
)
"""What our commands, and SQLAlchemy, import only when they need it."""

_MOST = 1 << 20


@dataclass
class Born:
    """A process, as one of asyncio: what is a pipe can be read, or written to."""

    pid: int
    stdin: asyncio.StreamWriter | None
    stdout: asyncio.StreamReader | None
    stderr: asyncio.StreamReader | None
    _dying: "asyncio.Task[int]"

    @property
    def returncode(self) -> int | None:
        """The status it ended with, negative for a signal; None while it lives."""
        return self._dying.result() if self._dying.done() else None

    async def wait(self) -> int:
        """Wait for its end, and return its status."""
        status = await asyncio.shield(self._dying)
        if self.stdin is not None:
            self.stdin.close()
        return status

    async def communicate(self, given: bytes = b"") -> tuple[bytes, bytes]:
        """Let it read `given`, and return what it wrote until its end."""
        if self.stdin is not None:
            with suppress(ConnectionError):  # it may end before it has read all
                self.stdin.write(given)
                await self.stdin.drain()
            self.stdin.close()
        out, err, _ = await asyncio.gather(_all(self.stdout), _all(self.stderr), self.wait())
        return out, err

    def send_signal(self, number: int) -> None:
        """Send a signal, if it lives. Raises ProcessLookupError where it has just ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.send_signal(signal.SIGKILL)


async def start(
    module: str,
    *words: str,
    env: Mapping[str, str] | None = None,
    stdin: int = PIPE,
    stdout: int = PIPE,
    stderr: int = PIPE,
) -> Born:
    """Let a process be born that runs `module`; each end is PIPE, DEVNULL, or a file's number."""
    where, loop = _nursery(), asyncio.get_running_loop()
    ours: list[int | None] = [None, None, None]
    theirs = [stdin, stdout, stderr]
    opened: list[int] = []
    for number, given in enumerate(theirs):
        if given == PIPE:
            ends = os.pipe()
            theirs[number], ours[number] = ends if number == 0 else ends[::-1]
        elif given == DEVNULL:
            theirs[number] = os.open(os.devnull, os.O_RDWR)
        if given in (PIPE, DEVNULL):
            opened.append(theirs[number])
    line = socket.socket(socket.AF_UNIX)
    line.connect(where)
    variables = {**(os.environ if env is None else env), WHERE: where}
    order = json.dumps({"module": module, "words": words, "env": variables}).encode()
    socket.send_fds(line, [order], theirs)
    for end in opened:
        os.close(end)
    told, closing = await asyncio.open_connection(sock=line)
    pid = int(await told.readline())

    async def dies() -> int:
        status = int(await told.readline())
        closing.close()
        return status

    writer = None
    if ours[0] is not None:
        protocol = asyncio.StreamReaderProtocol(asyncio.StreamReader())
        transport, _ = await loop.connect_write_pipe(lambda: protocol, os.fdopen(ours[0], "wb", 0))
        writer = asyncio.StreamWriter(transport, protocol, None, loop)
    out, err = [None if end is None else await _reader(end) for end in ours[1:]]
    return Born(pid, writer, out, err, asyncio.create_task(dies()))


async def _reader(end: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(end, "rb", 0)
    )
    return reader


async def _all(reader: asyncio.StreamReader | None) -> bytes:
    return b"" if reader is None else await reader.read()


@cache
def _nursery() -> str:
    """Return where the nursery listens, which is started at the first need."""
    if given := os.environ.get(WHERE):
        return given
    folder = tempfile.mkdtemp(prefix="nursery-")
    where = f"{folder}/socket"
    nursery = subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-m", "tests.nursery", where],
        cwd=ROOT,
        stdin=PIPE,
        stdout=PIPE,
        # Rich looks at it when it is imported.
        env=os.environ | {"COLUMNS": "200"},
    )
    assert nursery.stdin
    assert nursery.stdout

    def end() -> None:
        nursery.communicate()
        shutil.rmtree(folder)

    atexit.register(end)
    assert nursery.stdout.readline() == b"listening\n"
    return where


# --- the nursery ----------------------------------------------------------------------------------


def nurse(where: str) -> None:
    """Let processes be born until standard input ends."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(where)
    listener.listen()
    os.write(1, b"listening\n")
    for name in _LATER:
        import_module(name)
    import_module("conversations.text.countries").build_index()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who only attend
    door = listener.fileno()
    while door in select.select([door, 0], [], [])[0]:
        line, _ = listener.accept()
        words, ends, _, _ = socket.recv_fds(line, _MOST, 3)
        order = json.loads(words)
        import_module(order["module"])
        gc.freeze()
        if os.fork() == 0:
            listener.close()
            _attend(line, ends, order)
        for end in ends:
            os.close(end)
        line.close()


def _attend(line: socket.socket, ends: Sequence[int], order: dict[str, Any]) -> NoReturn:
    """Let one be born, and tell over `line` its number, and at last its status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        line.close()
        _live(ends, **order)
    for end in (0, 1, 2, *ends):
        os.close(end)
    with suppress(ConnectionError):  # whoever asked may be gone
        line.sendall(f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        line.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _live(ends: Sequence[int], module: str, words: list[str], env: dict[str, str]) -> NoReturn:
    """Run `module` as `python -m` does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, end in enumerate(ends):
        os.dup2(end, number)
        os.close(end)
    os.environ.clear()
    os.environ.update(env)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace", closefd=False)
    sys.argv = [module, *words]
    sys.modules.pop(module)
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    nurse(sys.argv[1])
