"""A stand-in for `actionbot` that a mail server runs with each mail, and that the test controls.

The mail server runs the command as a user who cannot use the tests' Python. So the command is a
shell script: it passes its folder, its arguments and the mail to the test, and ends with the
status that the test gives it.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_SCRIPT = """\
#!/bin/sh
{{ echo "$PWD"; echo "$@"; cat; }} > {folder}/mail
read -r status < {folder}/status
exit "$status"
"""
_MAIL_TIMEOUT = 30.0


@dataclass(frozen=True)
class PipedMail:
    """A mail that the command received, with its working folder and arguments."""

    folder: str
    arguments: tuple[str, ...]
    mail: bytes


@dataclass(frozen=True)
class Pipe:
    """The command in `folder`."""

    folder: Path
    _status: list[int] = field(default_factory=list)

    @property
    def command(self) -> Path:
        return self.folder / "actionbot"

    async def next_mail(self) -> PipedMail:
        """Wait until the command receives a mail, and return it."""
        reader, loop = asyncio.StreamReader(), asyncio.get_running_loop()
        end = os.open(self.folder / "mail", os.O_RDONLY | os.O_NONBLOCK)
        # Only the transport closes the descriptor: its number may be reused at once.
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(end, "rb")
        )
        try:
            async with asyncio.timeout(_MAIL_TIMEOUT):
                folder, arguments, mail = (await reader.read()).split(b"\n", 2)
        finally:
            transport.close()
        return PipedMail(folder.decode(), tuple(arguments.decode().split()), mail)

    def finish(self, status: int) -> None:
        """Let the waiting command end with `status`."""
        os.write(self._status[0], f"{status}\n".encode())

    @contextmanager
    def installed(self) -> Iterator["Pipe"]:
        """Create the command until the context ends."""
        self.command.write_text(_SCRIPT.format(folder=self.folder), "utf-8")
        self.command.chmod(0o755)
        for name in ("mail", "status"):
            os.mkfifo(self.folder / name)
            (self.folder / name).chmod(0o666)
        # Opened for reading and writing, a FIFO does not wait for the other side.
        self._status.append(os.open(self.folder / "status", os.O_RDWR))
        yield self
        os.close(self._status.pop())
