"""The wire to our mail server: kept connections, TLS that cannot be stripped, honest reports."""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

# RFC 5321, section 4.5.3.2, in seconds: greeting, MAIL and RCPT; after the final dot.
COMMAND_TIMEOUT = 300.0
FINAL_DOT_TIMEOUT = 600.0

CONNECTIONS = 2
"""Kept connections. Providers answer many with 421."""

IDLE = 20.0
"""Seconds after which an unused connection is closed."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ADDRESS = re.compile(r"\S+@\S+")
_OURS = (530, 534, 535, 538)
_MOST_TEXT = 300


class Tls(StrEnum):
    """How a connection is encrypted."""

    IMPLICIT = "smtps"
    STARTTLS = "smtp"
    NONE = "smtp+plain"


class ServerUrlError(Exception):
    """The address of the mail server cannot be used; the text says why, without the password."""


@dataclass(frozen=True)
class Server:
    """Our mail server."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class Verdict(StrEnum):
    """What became of one try."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNREACHED = "unreached"
    OURS = "ours"
    VOID = "void"


@dataclass(frozen=True)
class Report:
    """A verdict with the server's code and its words, in which no address is left."""

    verdict: Verdict
    code: int | None = None
    text: str = ""

    @property
    def mailbox_full(self) -> bool:
        """Whether the mailbox was full (RFC 3463, X.2.2): try again after hours."""
        return self.verdict is Verdict.DEFERRED and "5.2.2" in self.text


def server(url: str) -> Server:
    """Return the server at `smtps://…`, `smtp://…` (STARTTLS) or, on loopback, `smtp+plain://…`.

    Raises ServerUrlError.
    """
    parts = urlsplit(url)
    if parts.scheme not in set(Tls) or not parts.hostname:
        raise ServerUrlError("Write smtps://user:password@host:465, or smtp://…:587 for STARTTLS")
    tls = Tls(parts.scheme)
    if tls is Tls.NONE and parts.hostname not in _LOOPBACK:
        raise ServerUrlError("smtp+plain:// is for this machine only: use smtps:// or smtp://")
    try:
        port = parts.port
    except ValueError:
        raise ServerUrlError("The port is no number from 1 to 65535.") from None
    usual = {Tls.IMPLICIT: 465, Tls.STARTTLS: 587, Tls.NONE: 25}
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return Server(parts.hostname, port or usual[tls], tls, user, password)


class Courier:
    """Takes mail to one server over a few kept connections, one recipient a transaction."""

    def __init__(
        self,
        server: Server,
        *,
        connections: int = CONNECTIONS,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare for `server`; nothing is opened before it is needed."""
        self._server = server
        self._trust = trust or ssl.create_default_context()
        self._trust.minimum_version = ssl.TLSVersion.TLSv1_2
        self._slots = asyncio.Semaphore(connections)
        self._idle: list[tuple[SMTP, asyncio.TimerHandle]] = []
        self._closing: set[asyncio.Task[None]] = set()

    async def send(
        self,
        sender: str,
        recipient: str,
        message: bytes,
        begin: Callable[[], Awaitable[bool]],
    ) -> Report:
        """Hand one mail over. `begin` notes the attempt right before DATA; False calls it off."""
        async with self._slots:
            try:
                connection = await self._connected()
            except (SMTPException, OSError) as error:
                return _unreached(error)
            report = await self._transact(connection, sender, recipient, message, begin)
            self._keep(connection)
            return report

    async def check(self) -> Report:
        """Connect, encrypt and log in, without sending anything."""
        async with self._slots:
            try:
                connection = await self._connected()
            except (SMTPException, OSError) as error:
                return _unreached(error)
            self._keep(connection)
            return Report(Verdict.ACCEPTED)

    async def close(self) -> None:
        """Close all connections."""
        while self._idle:
            connection, timer = self._idle.pop()
            timer.cancel()
            await _quit(connection)
        if self._closing:
            await asyncio.wait(self._closing)

    async def _transact(
        self,
        connection: SMTP,
        sender: str,
        recipient: str,
        message: bytes,
        begin: Callable[[], Awaitable[bool]],
    ) -> Report:
        try:
            await connection.mail(sender)
        except SMTPResponseException as error:
            # What it says of the sender is about us, whatever the code.
            verdict = Verdict.OURS if error.code >= 500 else Verdict.DEFERRED
            return await self._reset(connection, _report(error, verdict))
        except (SMTPException, OSError) as error:
            return _unreached(error)
        try:
            await connection.rcpt(recipient)
        except SMTPResponseException as error:
            return await self._reset(connection, _report(error, _refusal(error)))
        except (SMTPException, OSError) as error:
            return _unreached(error)
        if not await begin():
            return await self._reset(connection, Report(Verdict.VOID))
        try:
            answer = await connection.data(message, timeout=FINAL_DOT_TIMEOUT)
        except SMTPResponseException as error:
            return await self._reset(connection, _report(error, _refusal(error)))
        except (SMTPServerDisconnected, SMTPTimeoutError, OSError):
            # RFC 1047: whether it was taken cannot be known.
            connection.close()
            return Report(Verdict.UNKNOWN, None, "the connection broke off")
        return Report(Verdict.ACCEPTED, answer.code, _words(answer.message))

    async def _connected(self) -> SMTP:
        while self._idle:
            connection, timer = self._idle.pop()
            timer.cancel()
            if connection.is_connected:
                try:
                    await connection.noop(timeout=COMMAND_TIMEOUT)
                except (SMTPException, OSError):
                    connection.close()
                else:
                    return connection
        to = self._server
        connection = SMTP(
            hostname=to.host,
            port=to.port,
            username=to.user,
            password=to.password,
            use_tls=to.tls is Tls.IMPLICIT,
            # True, not None: the default upgrades only where it is offered, which can be stripped.
            start_tls=to.tls is Tls.STARTTLS,
            tls_context=None if to.tls is Tls.NONE else self._trust,
            timeout=COMMAND_TIMEOUT,
        )
        await connection.connect()
        return connection

    async def _reset(self, connection: SMTP, report: Report) -> Report:
        try:
            await connection.rset()
        except (SMTPException, OSError):
            connection.close()
        return report

    def _keep(self, connection: SMTP) -> None:
        if not connection.is_connected:
            return
        loop = asyncio.get_running_loop()
        timer = loop.call_later(IDLE, self._expire, connection)
        self._idle.append((connection, timer))

    def _expire(self, connection: SMTP) -> None:
        self._idle = [(kept, timer) for kept, timer in self._idle if kept is not connection]
        task = asyncio.create_task(_quit(connection))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _quit(connection: SMTP) -> None:
    try:
        await connection.quit(timeout=5)
    except (SMTPException, OSError):
        connection.close()


def _refusal(error: SMTPResponseException) -> Verdict:
    """Return what a refusal of recipient or content means (RFC 3463)."""
    if error.code < 500:
        return Verdict.DEFERRED
    words = error.message.lower()
    if error.code in _OURS or "relay" in words:
        return Verdict.OURS
    return Verdict.DEFERRED if "5.2.2" in words else Verdict.FAILED


def _report(error: SMTPResponseException, verdict: Verdict) -> Report:
    return Report(verdict, error.code, _words(error.message))


def _unreached(error: Exception) -> Report:
    """Return what a failure before the first command means: nothing was sent."""
    if isinstance(error, SMTPAuthenticationError):
        return Report(Verdict.OURS, error.code, _words(error.message))
    if isinstance(error, SMTPResponseException):
        return Report(Verdict.UNREACHED, error.code, _words(error.message))
    return Report(Verdict.UNREACHED, None, type(error).__name__)


def _words(message: str) -> str:
    """Return a server's words on one line, without addresses: they may be a supporter's."""
    line = " ".join(message.split())[:_MOST_TEXT]
    return _ADDRESS.sub("…", line)
