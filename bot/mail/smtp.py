"""The wire to our mail server: kept connections, TLS that cannot be stripped, honest reports."""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
)

from bot.mail import verdicts
from bot.mail.dkim import ends_lines_with_crlf
from bot.mail.line import Line
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
        self._idle: list[tuple[Line, asyncio.TimerHandle]] = []
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
        async with self._slots:
            try:
                line, report = await self._announce(sender, recipient)
            except (SMTPException, OSError) as error:
                return verdicts.unreached(error)
            try:
                if report is None:
                    report = await _hand_over(line, message) if await go() else None
                if report is None:
                    # It waits for a content that does not come.
                    line.close()
                    return Report(Verdict.VOID)
                await _settle(line, report)
            except BaseException:
                line.close()
                raise
            self._keep(line)
            return report

    async def check(self) -> Offer | Report:
        """Connect, encrypt and log in, without sending anything; a report tells why not."""
        async with self._slots:
            try:
                line = await self._open()
                await _command(line, b"NOOP\r\n")
            except (SMTPException, OSError) as error:
                return verdicts.unreached(error)
            self._keep(line)
            return _offer(line)

    async def close(self) -> None:
        """Close all connections."""
        while self._idle:
            await _quit(self._take())
        if self._closing:
            await asyncio.wait(self._closing)

    async def _announce(self, sender: str, recipient: str) -> tuple[Line, Report | None]:
        """Return a connection that waits for the content, or the report why it does not.

        A kept connection may be dead, or the server may be done with it: the mail itself finds out,
        and as no content has gone yet, the next one is tried.
        """
        while self._idle:
            kept = self._take()
            report = await _announced(kept, sender, recipient)
            if report is None or (kept.is_open and report.code != _CLOSING):
                return kept, report
            kept.close()
        fresh = await self._open()
        return fresh, await _announced(fresh, sender, recipient)

    async def _open(self) -> Line:
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
        return Line(cast(asyncio.WriteTransport, connection.transport), connection.esmtp_extensions)

    def _take(self) -> Line:
        line, timer = self._idle.pop()
        timer.cancel()
        return line

    def _keep(self, line: Line) -> None:
        if not line.is_open:
            return
        loop = asyncio.get_running_loop()
        timer = loop.call_later(IDLE, self._expire, line)
        self._idle.append((line, timer))

    def _expire(self, line: Line) -> None:
        self._idle = [(kept, timer) for kept, timer in self._idle if kept is not line]
        task = asyncio.create_task(_quit(line))
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


def _offer(line: Line) -> Offer:
    tls = line.info("ssl_object")
    if tls is None:
        return Offer(line.extensions)
    until = ssl.cert_time_to_seconds(tls.getpeercert()["notAfter"])
    return Offer(line.extensions, tls.version(), datetime.fromtimestamp(until, UTC))


async def _announced(line: Line, sender: str, recipient: str) -> Report | None:
    """Say MAIL, RCPT and DATA; return why the server does not wait for the content, if so.

    They go in one piece where it takes them so (RFC 2920): it has no mail before it has the dot.
    """
    steps = (
        (f"MAIL FROM:<{sender}>\r\n", _WELL, verdicts.sender_refused, COMMAND_TIMEOUT),
        (f"RCPT TO:<{recipient}>\r\n", _WELL, verdicts.refused, COMMAND_TIMEOUT),
        ("DATA\r\n", (_GO_ON,), verdicts.refused, DATA_TIMEOUT),
    )
    at_once = "pipelining" in line.extensions
    report: Report | None = None
    try:
        if at_once:
            line.say("".join(said for said, *_ in steps).encode("ascii"), answers=len(steps))
        for said, well, judged, patience in steps:
            if not at_once:
                line.say(said.encode("ascii"))
            answer = await line.answer(patience)
            if answer.code not in well:
                report = report or judged(SMTPResponseException(*answer))
                if not at_once:
                    return report
    except (SMTPException, OSError) as error:
        line.close()
        return report or verdicts.unreached(error)
    if report is not None and answer.code == _GO_ON:
        # It waits for the content of what it has refused.
        line.close()
    return report


async def _hand_over(line: Line, message: bytes) -> Report:
    """Send the content, for which the server waits."""
    try:
        line.say(_stuffed(message))
        answer = await line.answer(FINAL_DOT_TIMEOUT)
    except (SMTPException, OSError):
        # RFC 1047: whether it was taken cannot be known.
        return Report(Verdict.UNKNOWN, None, "the connection broke off")
    if answer.code == _TAKEN:
        return Report(Verdict.ACCEPTED, answer.code, verdicts.words(answer.message))
    if not 400 <= answer.code < 600:
        return Report(Verdict.UNKNOWN, answer.code, verdicts.words(answer.message))
    return verdicts.refused(SMTPResponseException(*answer))


async def _settle(line: Line, report: Report) -> None:
    """Make `line` ready for the next mail, or close it where it is out of step."""
    if report.verdict is Verdict.ACCEPTED:
        return
    if report.verdict in (Verdict.UNREACHED, Verdict.UNKNOWN) or report.code == _CLOSING:
        line.close()
        return
    try:
        await _command(line, b"RSET\r\n")
    except (SMTPException, OSError):
        line.close()


async def _command(line: Line, said: bytes) -> None:
    """Say what is answered with 250. Raises SMTPException or OSError."""
    line.say(said)
    answer = await line.answer(COMMAND_TIMEOUT)
    if answer.code != _TAKEN:
        raise SMTPResponseException(*answer)


def _stuffed(message: bytes) -> bytes:
    """Return what stands on the wire after 354 (RFC 5321, section 4.5.2)."""
    if not ends_lines_with_crlf(message):
        message = b"\r\n".join(_LINE_END.split(message))
    ended = message.removesuffix(b"\r\n") + b"\r\n"
    return (b"\r\n" + ended).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


async def _quit(line: Line) -> None:
    with suppress(SMTPException, OSError):
        line.say(b"QUIT\r\n")
        await line.answer(QUIT_TIMEOUT)
    line.close()
