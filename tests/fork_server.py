"""Start our Python modules as processes in milliseconds, by forking a process that imported them.

Importing the bot takes a hundred times as long as forking. A fork server imports everything once
and forks for each request. The forked process runs a module as `python -m` does, with its own
arguments, environment and pipes; it receives signals and ends like any other process. This process
and all forked ones share one fork server, which ends with this process.

    process = await start("tests.bot.offline", "doctor", env={"COLUMNS": "80"})
    out, err = await process.communicate()
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
SOCKET_VARIABLE = "ACTIONBOT_TESTS_FORK_SERVER"
"""The environment variable that gives forked processes the path of the fork server's socket."""

_LAZY_IMPORTS = (
    *(
        "bot.app",
        "bot.cli.bounce",
        "bot.cli.commands",
        "bot.cli.setup.campaign_folders",
        "bot.doctor.configuration",
        "bot.cli.setup.init",
        "bot.mail.authentication.dkim_keys",
        "bot.cli.database.maintenance",
        "bot.services.conversation.facts.staff_facts",
        "bot.telegram.updates.webhook",
        "bot.web.public_counters",
    ),
    *("bot.doctor.checks", "bot.doctor.report", "bot.doctor.test_letter", "asyncpg", "uvloop"),
)
"""Modules that our commands and SQLAlchemy import only when they need them."""

_MAX_REQUEST_BYTES = 1 << 20


@dataclass
class ForkedProcess:
    """A running process, used like `asyncio.subprocess.Process`."""

    pid: int
    stdin: asyncio.StreamWriter | None
    """None unless the process was started with a pipe here; the same for `stdout` and `stderr`."""
    stdout: asyncio.StreamReader | None
    stderr: asyncio.StreamReader | None
    _exit_status: "asyncio.Task[int]"

    @property
    def returncode(self) -> int | None:
        """The exit status, negative for a signal; None while the process runs."""
        return self._exit_status.result() if self._exit_status.done() else None

    async def wait(self) -> int:
        """Wait until the process ends, and return its exit status."""
        status = await asyncio.shield(self._exit_status)
        if self.stdin is not None:
            self.stdin.close()
        return status

    async def communicate(self, input_: bytes = b"") -> tuple[bytes, bytes]:
        """Write `input_`, wait until the process ends, and return its stdout and stderr."""
        if self.stdin is not None:
            with suppress(ConnectionError):  # the process may end before it has read everything
                self.stdin.write(input_)
                await self.stdin.drain()
            self.stdin.close()
        out, err, _ = await asyncio.gather(
            _read_all(self.stdout), _read_all(self.stderr), self.wait()
        )
        return out, err

    def send_signal(self, number: int) -> None:
        """Send a signal if the process runs. Raises ProcessLookupError if it has just ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.send_signal(signal.SIGKILL)


async def start(
    module: str,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    stdin: int = PIPE,
    stdout: int = PIPE,
    stderr: int = PIPE,
) -> ForkedProcess:
    """Fork a process that runs `module`.

    `stdin`, `stdout` and `stderr` are each PIPE, DEVNULL, or a file descriptor.
    """
    path, loop = _fork_server(), asyncio.get_running_loop()
    ours: list[int | None] = [None, None, None]
    theirs = [stdin, stdout, stderr]
    opened: list[int] = []
    for number, wanted in enumerate(theirs):
        if wanted == PIPE:
            ends = os.pipe()
            theirs[number], ours[number] = ends if number == 0 else ends[::-1]
        elif wanted == DEVNULL:
            theirs[number] = os.open(os.devnull, os.O_RDWR)
        if wanted in (PIPE, DEVNULL):
            opened.append(theirs[number])
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    variables = {**(os.environ if env is None else env), SOCKET_VARIABLE: path}
    request = {"module": module, "arguments": arguments, "env": variables}
    socket.send_fds(connection, [json.dumps(request).encode()], theirs)
    for end in opened:
        os.close(end)
    answers, closing = await asyncio.open_connection(sock=connection)
    pid = int(await answers.readline())

    async def exit_status() -> int:
        status = int(await answers.readline())
        closing.close()
        return status

    writer = None
    if ours[0] is not None:
        protocol = asyncio.StreamReaderProtocol(asyncio.StreamReader())
        transport, _ = await loop.connect_write_pipe(lambda: protocol, os.fdopen(ours[0], "wb", 0))
        writer = asyncio.StreamWriter(transport, protocol, None, loop)
    out, err = [None if end is None else await _reader(end) for end in ours[1:]]
    return ForkedProcess(pid, writer, out, err, asyncio.create_task(exit_status()))


async def _reader(end: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(end, "rb", 0)
    )
    return reader


async def _read_all(reader: asyncio.StreamReader | None) -> bytes:
    return b"" if reader is None else await reader.read()


@cache
def _fork_server() -> str:
    """Return the path of the fork server's socket; start the server at the first call."""
    if inherited := os.environ.get(SOCKET_VARIABLE):
        return inherited
    folder = tempfile.mkdtemp(prefix="fork-server-")
    path = f"{folder}/socket"
    server = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "tests.fork_server", path],
        cwd=ROOT,
        stdin=PIPE,
        stdout=PIPE,
        env=os.environ | {"COLUMNS": "200"},  # Rich reads COLUMNS when it is imported
    )
    assert server.stdin
    assert server.stdout

    def end() -> None:
        server.communicate()
        shutil.rmtree(folder)

    atexit.register(end)
    assert server.stdout.readline() == b"listening\n"
    return path


# --- in the fork server's process -----------------------------------------------------------------


def serve(path: str) -> None:
    """Fork a process for each request on the socket at `path`, until standard input ends."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    os.write(1, b"listening\n")
    for name in _LAZY_IMPORTS:
        import_module(name)
    import_module("conversations.text.countries").find("Portugal")  # loads the index
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the supervisors' exit statuses are not needed
    descriptor = listener.fileno()
    while descriptor in select.select([descriptor, 0], [], [])[0]:
        connection, _ = listener.accept()
        sent, ends, _, _ = socket.recv_fds(connection, _MAX_REQUEST_BYTES, 3)
        request = json.loads(sent)
        import_module(request["module"])
        gc.freeze()
        if os.fork() == 0:
            listener.close()
            _supervise(connection, ends, request)
        for end in ends:
            os.close(end)
        connection.close()


def _supervise(connection: socket.socket, ends: Sequence[int], request: dict[str, Any]) -> NoReturn:
    """Fork the requested process; send its pid, and its exit status when it has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        connection.close()
        _run_module(ends, **request)
    for end in (0, 1, 2, *ends):
        os.close(end)
    with suppress(ConnectionError):  # the process that asked may be gone
        connection.sendall(f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _run_module(
    ends: Sequence[int], module: str, arguments: list[str], env: dict[str, str]
) -> NoReturn:
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
    sys.argv = [module, *arguments]
    sys.modules.pop(module)
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    serve(sys.argv[1])
