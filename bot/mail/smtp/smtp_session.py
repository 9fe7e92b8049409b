"""A logged-in SMTP connection: send commands and read each reply.

aiosmtplib connects, encrypts, sends EHLO and logs in. It cannot send several commands at once
(PIPELINING, RFC 2920) and loses further replies that arrive with the first, so this class takes
over the connection from there.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from aiosmtplib import SMTPException, SMTPResponse, SMTPResponseException, SMTPServerDisconnected

_MAX_REPLY_BYTES = 2**15
"""RFC 5321, section 4.5.3.1.5, allows 512 bytes in each line of a reply."""


class SmtpSession(asyncio.Protocol):
    """Sends commands and reads replies. An unexpected reply closes it, so that none is mixed up."""

    def __init__(self, transport: asyncio.WriteTransport, extensions: Mapping[str, str]) -> None:
        """Take over `transport`; `extensions`, in lower case, are those of the server."""
        self.extensions = extensions
        self._transport = transport
        self._buffer = bytearray()
        self._reply_lines: list[bytes] = []
        self._expected = 0
        self._replies: deque[SMTPResponse] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._error: SMTPException | None = None
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether commands can be sent."""
        return self._error is None and not self._transport.is_closing()

    def info(self, name: str) -> Any:
        """Return information about the transport (`BaseTransport.get_extra_info`)."""
        return self._transport.get_extra_info(name)

    def send(self, commands: bytes, *, replies: int = 1) -> None:
        """Send commands that get so many replies. Raises SMTPServerDisconnected."""
        if not self.is_open:
            raise self._error or SMTPServerDisconnected("Connection lost")
        self._expected += replies
        self._transport.write(commands)

    async def reply(self, timeout_seconds: float) -> SMTPResponse:
        """Return the next reply.

        Raises SMTPServerDisconnected, SMTPResponseException for a malformed reply, or TimeoutError;
        the session is closed then.
        """
        if not self._replies and self._error is None:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            timer = loop.call_later(timeout_seconds, self._time_out)
            try:
                await self._waiter
            except BaseException:
                self.close()
                raise
            finally:
                timer.cancel()
                self._waiter = None
        if self._replies:
            return self._replies.popleft()
        raise self._error or SMTPServerDisconnected("Connection lost")

    def close(self) -> None:
        """Close the connection without QUIT. Replies that were not read are dropped."""
        self._replies.clear()
        self._end(SMTPServerDisconnected("Connection lost"))

    def data_received(self, data: bytes) -> None:
        """Read what the server sends."""
        self._buffer += data
        lines = self._buffer.split(b"\n")
        self._buffer = lines.pop()
        for line in lines:
            self._read_line(bytes(line))
        if len(self._buffer) + sum(map(len, self._reply_lines)) > _MAX_REPLY_BYTES:
            self._end(SMTPResponseException(-1, "Response too long"))

    def connection_lost(self, exc: Exception | None) -> None:
        """End the session, and wake the caller that waits for a reply."""
        lost = SMTPServerDisconnected("Connection lost")
        lost.__cause__ = exc
        self._end(lost)

    def _read_line(self, line: bytes) -> None:
        """Read one line of a reply (RFC 5321, section 4.2.1)."""
        if self._error is not None:
            return
        if not self._expected:
            # No reply is expected: mostly the server says that it closes the connection.
            self._end(SMTPServerDisconnected("Connection lost"))
            return
        if not line[:3].isdigit():
            text = line.decode(errors="ignore")
            self._end(SMTPResponseException(-1, f"Malformed SMTP response line: {text}"))
            return
        self._reply_lines.append(line[4:].strip())
        if line[3:4] == b"-":
            return
        text = b"\n".join(self._reply_lines).decode(errors="surrogateescape")
        self._reply_lines.clear()
        self._expected -= 1
        self._replies.append(SMTPResponse(int(line[:3]), text))
        self._wake()

    def _end(self, error: SMTPException) -> None:
        self._error = self._error or error
        self._transport.close()
        self._wake()

    def _time_out(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(TimeoutError())

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
