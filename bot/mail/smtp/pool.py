"""The wire to our mail server: kept connections, TLS that cannot be stripped, honest reports."""

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
from bot.mail.smtp.smtp_replies import SendReport as Report
from bot.mail.smtp.smtp_replies import Verdict as Verdict
from bot.mail.smtp.smtp_session import SmtpSession
from bot.mail.smtp.smtp_transaction import SmtpEnvelope

DEFAULT_CONNECTIONS = 2
"""Kept connections. Providers answer many with 421."""

IDLE_TIMEOUT = 20.0
"""Seconds after which an unused connection is closed."""

_WRITABLE = re.compile(r"[!-;=?-~]+")
_CLOSING = 421


@dataclass(frozen=True)
class ServerInfo:
    """What a server shows of itself to who has logged in: its extensions, in small letters.

    `tls` is the version, or empty; `until` is when its certificate ends.
    """

    extensions: Mapping[str, str]
    tls: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class _Waiting:
    """A mail that waits for its turn; given is None, or the line on which it is announced."""

    envelope: SmtpEnvelope | None
    given: "asyncio.Future[SmtpSession | None]"


class SmtpPool:
    """Takes mail to one server over a few kept connections, one recipient a transaction."""

    def __init__(
        self,
        server: SmtpServer,
        *,
        connections: int = DEFAULT_CONNECTIONS,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare for `server`; nothing is opened before it is needed."""
        self._server = server
        self._trust = None
        if server.tls is not Tls.NONE:
            self._trust = trust or ssl.create_default_context()
            self._trust.minimum_version = ssl.TLSVersion.TLSv1_2
        self._free = connections
        self._waiting: deque[_Waiting] = deque()
        self._idle: list[tuple[SmtpSession, asyncio.TimerHandle]] = []
        self._closing: set[asyncio.Task[None]] = set()

    async def send(
        self,
        sender: str,
        recipient: str,
        message: bytes,
        go: Callable[[], Awaitable[bool]],
    ) -> Report:
        """Hand one mail over. `go` is asked right before the content; False calls it off."""
        if not _WRITABLE.fullmatch(recipient):
            return Report(Verdict.FAILED, None, "the address is not written in ASCII")
        envelope = SmtpEnvelope(sender, recipient)
        line, following = await self._turn(envelope), None
        try:
            try:
                line, report = await self._announce(envelope, line)
            except (SMTPException, OSError) as error:
                return smtp_replies.connection_failed(error)
            if report is not None:
                if line.is_open and not smtp_transaction.is_closing(report):
                    await smtp_transaction.reset(line)
            elif await go():
                following = self._next(line)
                report = await smtp_transaction.hand_over(
                    line, message, following.envelope if following else None
                )
            else:
                # It waits for a content that does not come.
                line.close()
                return Report(Verdict.VOID)
            if smtp_transaction.is_closing(report):
                line.close()
            return report
        except BaseException:
            if line is not None:
                line.close()
            raise
        finally:
            self._leave(line, following)

    async def check(self) -> ServerInfo | Report:
        """Connect, encrypt and log in, without sending anything; a report tells why not."""
        line = await self._turn(None)
        try:
            line = await self._open()
            await smtp_transaction.command(line, b"NOOP\r\n")
            return _offer(line)
        except (SMTPException, OSError) as error:
            return smtp_replies.connection_failed(error)
        finally:
            self._leave(line, None)

    async def close(self) -> None:
        """Close all connections."""
        while self._idle:
            await smtp_transaction.quit_session(self._take())
        if self._closing:
            await asyncio.wait(self._closing)

    async def _turn(self, envelope: SmtpEnvelope | None) -> SmtpSession | None:
        """Wait for a turn; return the line on which `envelope` is already announced, if it is."""
        if self._free:
            self._free -= 1
            return None
        given: asyncio.Future[SmtpSession | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(envelope, given))
        try:
            return await given
        except asyncio.CancelledError:
            if not given.cancelled():
                if line := given.result():
                    line.close()
                self._leave(None, None)
            raise

    def _next(self, line: SmtpSession) -> _Waiting | None:
        """Return the mail that is to be announced behind the content, if one waits."""
        while self._waiting and self._waiting[0].given.done():
            self._waiting.popleft()
        if (
            self._waiting
            and self._waiting[0].envelope
            and smtp_transaction.supports_pipelining(line)
        ):
            return self._waiting.popleft()
        return None

    def _leave(self, line: SmtpSession | None, following: _Waiting | None) -> None:
        """End a turn: it is given to what follows on `line`, or to who waits."""
        if following is not None and not following.given.done():
            following.given.set_result(line)
            return
        if line is not None:
            if following is not None:
                # It hears answers that nobody waits for.
                line.close()
            self._keep(line)
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.given.done():
                waiting.given.set_result(None)
                return
        self._free += 1

    async def _announce(
        self, envelope: SmtpEnvelope, announced: SmtpSession | None
    ) -> tuple[SmtpSession, Report | None]:
        """Return a connection that waits for the content, or the report why it does not.

        A kept connection may be dead, or the server may be done with it: the mail itself finds out,
        and as no content has gone yet, the next one is tried.
        """
        while announced or self._idle:
            kept = announced or self._take()
            report = await smtp_transaction.announce(kept, envelope, said=announced is not None)
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
            # True, not None: the default upgrades only where it is offered, which can be stripped.
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
        line, timer = self._idle.pop()
        timer.cancel()
        return line

    def _keep(self, line: SmtpSession) -> None:
        if not line.is_open:
            return
        loop = asyncio.get_running_loop()
        timer = loop.call_later(IDLE_TIMEOUT, self._expire, line)
        self._idle.append((line, timer))

    def _expire(self, line: SmtpSession) -> None:
        self._idle = [(kept, timer) for kept, timer in self._idle if kept is not line]
        task = asyncio.create_task(smtp_transaction.quit_session(line))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _introduce(connection: SMTP) -> None:
    """Say EHLO, or HELO to a server of old (RFC 5321, section 3.2)."""
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


def _offer(line: SmtpSession) -> ServerInfo:
    tls = line.info("ssl_object")
    if tls is None:
        return ServerInfo(line.extensions)
    until = ssl.cert_time_to_seconds(tls.getpeercert()["notAfter"])
    return ServerInfo(line.extensions, tls.version(), datetime.fromtimestamp(until, UTC))
