"""A connection to a mail server that is ready for mail: what is said on it, and each answer.

aiosmtplib connects, encrypts, introduces us and logs in. It says one thing at a time, and what
else an answer brings along is lost to it: so from there on the talk is ours, and several commands
may go in one piece (PIPELINING, RFC 2920).
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from aiosmtplib import SMTPException, SMTPResponse, SMTPResponseException, SMTPServerDisconnected

_LONGEST = 2**15
"""Bytes of an answer; RFC 5321, section 4.5.3.1.5, has 512 for each of its lines."""


class SmtpSession(asyncio.Protocol):
    """Says and hears. It is closed where it is out of step: no answer is ever taken for another."""

    def __init__(self, transport: asyncio.WriteTransport, extensions: Mapping[str, str]) -> None:
        """Take over `transport`; the server has announced `extensions`, in small letters."""
        self.extensions = extensions
        self._transport = transport
        self._heard = bytearray()
        self._words: list[bytes] = []
        self._owed = 0
        self._answers: deque[SMTPResponse] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._error: SMTPException | None = None
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether something may be said."""
        return self._error is None and not self._transport.is_closing()

    def info(self, name: str) -> Any:
        """Return what the transport tells of itself (`BaseTransport.get_extra_info`)."""
        return self._transport.get_extra_info(name)

    def say(self, words: bytes, *, answers: int = 1) -> None:
        """Say `words`, to which so many answers come. Raises SMTPServerDisconnected."""
        if not self.is_open:
            raise self._error or SMTPServerDisconnected("Connection lost")
        self._owed += answers
        self._transport.write(words)

    async def answer(self, patience: float) -> SMTPResponse:
        """Return the next answer; wait so many seconds for it.

        Raises SMTPServerDisconnected, SMTPResponseException for what is no answer, or TimeoutError;
        then nothing more comes.
        """
        if not self._answers and self._error is None:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            timer = loop.call_later(patience, self._late)
            try:
                await self._waiter
            except BaseException:
                self.close()
                raise
            finally:
                timer.cancel()
                self._waiter = None
        if self._answers:
            return self._answers.popleft()
        raise self._error or SMTPServerDisconnected("Connection lost")

    def close(self) -> None:
        """Go without a goodbye."""
        self._end(SMTPServerDisconnected("Connection lost"))

    def data_received(self, data: bytes) -> None:
        """Take in what the server says."""
        self._heard += data
        lines = self._heard.split(b"\n")
        self._heard = lines.pop()
        for line in lines:
            self._hear(bytes(line))
        if len(self._heard) + sum(map(len, self._words)) > _LONGEST:
            self._end(SMTPResponseException(-1, "Response too long"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits."""
        lost = SMTPServerDisconnected("Connection lost")
        lost.__cause__ = exc
        self._end(lost)

    def _hear(self, line: bytes) -> None:
        """Take one line of an answer (RFC 5321, section 4.2.1)."""
        if self._error is not None:
            return
        if not self._owed:
            # A goodbye, mostly: nobody has asked.
            self.close()
            return
        if not line[:3].isdigit():
            said = line.decode(errors="ignore")
            self._end(SMTPResponseException(-1, f"Malformed SMTP response line: {said}"))
            return
        self._words.append(line[4:].strip())
        if line[3:4] == b"-":
            return
        text = b"\n".join(self._words).decode(errors="surrogateescape")
        self._words.clear()
        self._owed -= 1
        self._answers.append(SMTPResponse(int(line[:3]), text))
        self._wake()

    def _end(self, error: SMTPException) -> None:
        self._error = self._error or error
        self._transport.close()
        self._wake()

    def _late(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(TimeoutError())

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
