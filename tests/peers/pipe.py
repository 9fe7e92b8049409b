"""A command for a mail server's pipe, behind which the test answers.

A mail server runs such a command as a user who may not reach the interpreter of the tests, so the
command only hands on where it was started, with which words, and the mail.
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
_PATIENCE = 30.0


@dataclass(frozen=True)
class Handed:
    """A mail that was handed over: in which folder, with which words."""

    folder: str
    words: tuple[str, ...]
    mail: bytes


@dataclass(frozen=True)
class Pipe:
    """The command lies in `folder`."""

    folder: Path
    _status: list[int] = field(default_factory=list)

    @property
    def command(self) -> Path:
        return self.folder / "actionbot"

    async def takes(self) -> Handed:
        """Wait until a mail is handed over, and read it."""
        reader, loop = asyncio.StreamReader(), asyncio.get_running_loop()
        end = os.open(self.folder / "mail", os.O_RDONLY | os.O_NONBLOCK)
        # The transport closes it: closed here as well, its number might be another file's by then.
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(end, "rb")
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                folder, words, mail = (await reader.read()).split(b"\n", 2)
        finally:
            transport.close()
        return Handed(folder.decode(), tuple(words.decode().split()), mail)

    def ends(self, status: int) -> None:
        """Let the command end, with `status`."""
        os.write(self._status[0], f"{status}\n".encode())

    @contextmanager
    def laid(self) -> Iterator["Pipe"]:
        """Lay it for as long as the context lasts."""
        self.command.write_text(_SCRIPT.format(folder=self.folder), "utf-8")
        self.command.chmod(0o755)
        for name in ("mail", "status"):
            os.mkfifo(self.folder / name)
            (self.folder / name).chmod(0o666)
        # Open for both, it never waits for the other side.
        self._status.append(os.open(self.folder / "status", os.O_RDWR))
        yield self
        os.close(self._status.pop())
