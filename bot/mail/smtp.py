"""The wire to our mail server: kept connections, TLS that cannot be stripped, honest reports."""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from bot.mail import verdicts
from bot.mail.dkim import ends_lines_with_crlf
from bot.mail.server import Server, Tls
from bot.mail.verdicts import Report as Report
from bot.mail.verdicts import Verdict as Verdict

# RFC 5321, section 4.5.3.2, in seconds: greeting, MAIL and RCPT; DATA; after the final dot.
COMMAND_TIMEOUT = 300.0
DATA_TIMEOUT = 120.0
FINAL_DOT_TIMEOUT = 600.0

QUIT_TIMEOUT = 5.0
"""Seconds for a goodbye: by then all is said."""

CONNECTIONS = 2
"""Kept connections. Providers answer many with 421."""

IDLE = 20.0
"""Seconds after which an unused connection is closed."""

_WRITABLE = re.compile(r"[!-;=?-~]+")
_GO_ON, _TAKEN, _CLOSING = 354, 250, 421
_WELL = (250, 251)
"""What follows MAIL or RCPT where it is well (RFC 5321, section 4.3.2)."""

_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class Offer:
    """What a server shows of itself to who has logged in: its extensions, in small letters.

    `tls` is the version, or empty; `until` is when its certificate ends.
    """

    extensions: Mapping[str, str]
    tls: str = ""
    until: datetime | None = None


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
        self._trust = None
        if server.tls is not Tls.NONE:
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
        go: Callable[[], Awaitable[bool]],
    ) -> Report:
        """Hand one mail over. `go` is asked right before DATA; False calls it off."""
        if not _WRITABLE.fullmatch(recipient):
            return Report(Verdict.FAILED, None, "the address is not written in ASCII")
        async with self._slots:
            try:
                connection, report = await self._say_mail(sender)
            except (SMTPException, OSError) as error:
                return verdicts.unreached(error)
            try:
                report = report or await _transact(connection, recipient, message, go)
                await _settle(connection, report)
            except BaseException:
                connection.close()
                raise
            self._keep(connection)
            return report

    async def check(self) -> Offer | Report:
        """Connect, encrypt and log in, without sending anything; a report tells why not."""
        async with self._slots:
            try:
                connection = await self._open()
                await connection.noop()
            except (SMTPException, OSError) as error:
                return verdicts.unreached(error)
            self._keep(connection)
            return _offer(connection)

    async def close(self) -> None:
        """Close all connections."""
        while self._idle:
            await _quit(self._take())
        if self._closing:
            await asyncio.wait(self._closing)

    async def _say_mail(self, sender: str) -> tuple[SMTP, Report | None]:
        """Return a connection on which MAIL was said, and the report where it was refused.

        A kept connection may be dead, or closed by the server: MAIL itself finds out.
        """
        while self._idle:
            kept = self._take()
            report = await _mail(kept, sender)
            if report is None or (kept.is_connected and report.code != _CLOSING):
                return kept, report
            kept.close()
        fresh = await self._open()
        return fresh, await _mail(fresh, sender)

    async def _open(self) -> SMTP:
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
            timeout=COMMAND_TIMEOUT,
        )
        await connection.connect()
        if connection.is_ehlo_or_helo_needed:
            await _introduce(connection)
        return connection

    def _take(self) -> SMTP:
        connection, timer = self._idle.pop()
        timer.cancel()
        return connection

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


def _offer(connection: SMTP) -> Offer:
    line = connection.get_transport_info("ssl_object")
    if line is None:
        return Offer(connection.esmtp_extensions)
    until = ssl.cert_time_to_seconds(line.getpeercert()["notAfter"])
    return Offer(connection.esmtp_extensions, line.version(), datetime.fromtimestamp(until, UTC))


async def _mail(connection: SMTP, sender: str) -> Report | None:
    """Say MAIL; return the report where it was refused, or where the connection broke."""
    try:
        await _say(connection, f"MAIL FROM:<{sender}>")
    except SMTPResponseException as error:
        return verdicts.sender_refused(error)
    except (SMTPException, OSError) as error:
        connection.close()
        return verdicts.unreached(error)
    except BaseException:
        connection.close()
        raise
    return None


async def _say(connection: SMTP, command: str) -> None:
    """Say MAIL or RCPT. aiosmtplib's own would read the address anew, which ours need not be."""
    answer = await connection.execute_command(command.encode("ascii"), timeout=COMMAND_TIMEOUT)
    if answer.code not in _WELL:
        raise SMTPResponseException(answer.code, answer.message)


async def _transact(
    connection: SMTP, recipient: str, message: bytes, go: Callable[[], Awaitable[bool]]
) -> Report:
    """Say RCPT and what follows it."""
    try:
        await _say(connection, f"RCPT TO:<{recipient}>")
    except SMTPResponseException as error:
        return verdicts.refused(error)
    except (SMTPException, OSError) as error:
        return verdicts.unreached(error)
    if not await go():
        return Report(Verdict.VOID)
    return await _hand_over(connection, message)


async def _settle(connection: SMTP, report: Report) -> None:
    """Make `connection` ready for the next mail, or close it where it is out of step."""
    match report.verdict:
        case Verdict.ACCEPTED:
            pass
        case Verdict.UNREACHED | Verdict.UNKNOWN:
            connection.close()
        case _:
            try:
                await connection.rset()
            except (SMTPException, OSError):
                connection.close()


async def _hand_over(connection: SMTP, message: bytes) -> Report:
    """Say DATA, and send the content; aiosmtplib's `data` does not tell at which it broke."""
    try:
        answer = await connection.execute_command(b"DATA", timeout=DATA_TIMEOUT)
    except (SMTPException, OSError) as error:
        return verdicts.unreached(error)
    if answer.code != _GO_ON:
        return verdicts.refused(SMTPResponseException(answer.code, answer.message))
    try:
        if connection.protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        connection.protocol.write(_stuffed(message))
        answer = await connection.protocol.read_response(timeout=FINAL_DOT_TIMEOUT)
    except (SMTPException, OSError):
        # RFC 1047: whether it was taken cannot be known.
        return Report(Verdict.UNKNOWN, None, "the connection broke off")
    if answer.code == _TAKEN:
        return Report(Verdict.ACCEPTED, answer.code, verdicts.words(answer.message))
    if not 400 <= answer.code < 600:
        return Report(Verdict.UNKNOWN, answer.code, verdicts.words(answer.message))
    return verdicts.refused(SMTPResponseException(answer.code, answer.message))


def _stuffed(message: bytes) -> bytes:
    """Return what stands on the wire after 354 (RFC 5321, section 4.5.2)."""
    if not ends_lines_with_crlf(message):
        message = b"\r\n".join(_LINE_END.split(message))
    ended = message.removesuffix(b"\r\n") + b"\r\n"
    return (b"\r\n" + ended).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


async def _quit(connection: SMTP) -> None:
    try:
        await connection.quit(timeout=QUIT_TIMEOUT)
    except (SMTPException, OSError):
        connection.close()
