"""Send emails over a small pool of connections to our mail server, with mandatory TLS."""

import asyncio
import re
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from aiosmtplib import SMTP, SMTPException, SMTPHeloError

from bot.mail.smtp import smtp_replies, smtp_transaction
from bot.mail.smtp.server import SmtpServer, Tls
from bot.mail.smtp.smtp_replies import SendReport, Verdict
from bot.mail.smtp.smtp_session import SmtpSession
from bot.mail.smtp.smtp_transaction import SmtpEnvelope

DEFAULT_CONNECTIONS = 2
"""Connections that are kept open. Providers refuse many at once (421)."""

IDLE_TIMEOUT = 20.0
"""Seconds until an unused connection is closed."""

_ASCII_ADDRESS = re.compile(r"[!-;=?-~]+")
_CLOSING = 421


@dataclass(frozen=True)
class ServerInfo:
    """What a mail server tells us after logging in."""

    extensions: Mapping[str, str]
    """Its SMTP extensions in lower case, with their parameters."""

    tls: str = ""
    """The TLS version; "" without TLS."""

    until: datetime | None = None
    """When its certificate expires."""


@dataclass(frozen=True)
class _Waiter:
    """A caller of `send` or `check` that waits for a connection."""

    envelope: SmtpEnvelope | None
    """The email's envelope; None for `check`."""

    turn: "asyncio.Future[SmtpSession | None]"
    """Resolves to the session on which the envelope was sent already, or to None."""


class SmtpPool:
    """Sends emails to one server over a few connections, one recipient in each transaction."""

    def __init__(
        self,
        server: SmtpServer,
        *,
        connections: int = DEFAULT_CONNECTIONS,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Create the pool; connections are opened when they are needed.

        `trust` are the accepted certificate authorities, by default those of the system.
        """
        self._server = server
        self._trust = None
        if server.tls is not Tls.NONE:
            self._trust = trust or ssl.create_default_context()
            self._trust.minimum_version = ssl.TLSVersion.TLSv1_2
        self._free = connections
        self._waiting: deque[_Waiter] = deque()
        self._idle: list[tuple[SmtpSession, asyncio.TimerHandle]] = []
        self._closing: set[asyncio.Task[None]] = set()

    async def send(
        self,
        sender: str,
        recipient: str,
        message: bytes,
        may_send: Callable[[], Awaitable[bool]],
    ) -> SendReport:
        """Send one email. `may_send` is called right before the content; False stops it."""
        if not _ASCII_ADDRESS.fullmatch(recipient):
            return SendReport(Verdict.FAILED, None, "the address is not written in ASCII")
        envelope = SmtpEnvelope(sender, recipient)
        session, following = await self._turn(envelope), None
        try:
            try:
                session, report = await self._announce(envelope, session)
            except (SMTPException, OSError) as error:
                return smtp_replies.connection_failed(error)
            if report is not None:
                if session.is_open and not smtp_transaction.is_closing(report):
                    await smtp_transaction.reset(session)
            elif await may_send():
                following = self._next(session)
                report = await smtp_transaction.hand_over(
                    session, message, following.envelope if following else None
                )
            else:
                # The server waits for content that will not come.
                session.close()
                return SendReport(Verdict.VOID)
            if smtp_transaction.is_closing(report):
                session.close()
            return report
        except BaseException:
            if session is not None:
                session.close()
            raise
        finally:
            self._leave(session, following)

    async def check(self) -> ServerInfo | SendReport:
        """Connect, encrypt and log in without sending anything; return a report if that fails."""
        session = await self._turn(None)
        try:
            session = await self._open()
            await smtp_transaction.command(session, b"NOOP\r\n")
            return _server_info(session)
        except (SMTPException, OSError) as error:
            return smtp_replies.connection_failed(error)
        finally:
            self._leave(session, None)

    async def close(self) -> None:
        """Close all connections."""
        while self._idle:
            await smtp_transaction.quit_session(self._take())
        if self._closing:
            await asyncio.wait(self._closing)

    async def _turn(self, envelope: SmtpEnvelope | None) -> SmtpSession | None:
        """Wait for a connection; return the session on which `envelope` was sent, if any."""
        if self._free:
            self._free -= 1
            return None
        turn: asyncio.Future[SmtpSession | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiter(envelope, turn))
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                if session := turn.result():
                    session.close()
                self._leave(None, None)
            raise

    def _next(self, session: SmtpSession) -> _Waiter | None:
        """Return the email whose commands may follow this one's content, if one is waiting."""
        while self._waiting and self._waiting[0].turn.done():
            self._waiting.popleft()
        if (
            self._waiting
            and self._waiting[0].envelope
            and smtp_transaction.supports_pipelining(session)
        ):
            return self._waiting.popleft()
        return None

    def _leave(self, session: SmtpSession | None, following: _Waiter | None) -> None:
        """Give the connection to the `following` email, or to the next that waits."""
        if following is not None and not following.turn.done():
            following.turn.set_result(session)
            return
        if session is not None:
            if following is not None:
                # Replies to the following email's commands would arrive on it.
                session.close()
            self._keep(session)
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.turn.done():
                waiting.turn.set_result(None)
                return
        self._free += 1

    async def _announce(
        self, envelope: SmtpEnvelope, announced: SmtpSession | None
    ) -> tuple[SmtpSession, SendReport | None]:
        """Return a session on which the server waits for the content, or a report why not.

        A kept connection may be dead, or the server may be closing it. That shows only now; as no
        content was sent yet, the next connection is tried.
        """
        while announced or self._idle:
            kept = announced or self._take()
            report = await smtp_transaction.announce(
                kept, envelope, already_sent=announced is not None
            )
            if report is None or (kept.is_open and report.code != _CLOSING):
                return kept, report
            kept.close()
            announced = None
        fresh = await self._open()
        return fresh, await smtp_transaction.announce(fresh, envelope)

    async def _open(self) -> SmtpSession:
        to = self._server
        connection = SMTP(
            hostname=to.host,
            port=to.port,
            username=to.user,
            password=to.password,
            use_tls=to.tls is Tls.IMPLICIT,
            # True, not None: with None, an attacker who removes the offer of STARTTLS prevents TLS.
            start_tls=to.tls is Tls.STARTTLS,
            tls_context=self._trust,
            timeout=smtp_transaction.COMMAND_TIMEOUT,
        )
        await connection.connect()
        if connection.is_ehlo_or_helo_needed:
            await _introduce(connection)
        return SmtpSession(
            cast(asyncio.WriteTransport, connection.transport), connection.esmtp_extensions
        )

    def _take(self) -> SmtpSession:
        session, timer = self._idle.pop()
        timer.cancel()
        return session

    def _keep(self, session: SmtpSession) -> None:
        if not session.is_open:
            return
        loop = asyncio.get_running_loop()
        timer = loop.call_later(IDLE_TIMEOUT, self._expire, session)
        self._idle.append((session, timer))

    def _expire(self, session: SmtpSession) -> None:
        self._idle = [(kept, timer) for kept, timer in self._idle if kept is not session]
        task = asyncio.create_task(smtp_transaction.quit_session(session))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _introduce(connection: SMTP) -> None:
    """Send EHLO, or HELO to an old server (RFC 5321, section 3.2)."""
    try:
        try:
            await connection.ehlo()
        except SMTPHeloError as error:
            if error.code == _CLOSING:
                raise
            await connection.helo()
    except BaseException:
        connection.close()
        raise


def _server_info(session: SmtpSession) -> ServerInfo:
    tls = session.info("ssl_object")
    if tls is None:
        return ServerInfo(session.extensions)
    until = ssl.cert_time_to_seconds(tls.getpeercert()["notAfter"])
    return ServerInfo(session.extensions, tls.version(), datetime.fromtimestamp(until, UTC))
