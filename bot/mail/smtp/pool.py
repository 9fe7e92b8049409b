"""Send emails over a small pool of connections to our mail server, with mandatory TLS.

A connection that the server keeps waiting for long gives its place to another one, so that all
other mail goes on. Codes have a place of their own.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from aiosmtplib import SMTPException

from bot.mail.messages.mime import is_plain_address
from bot.mail.smtp import smtp_replies, smtp_transaction
from bot.mail.smtp.connecting import ServerInfo, open_session, server_info
from bot.mail.smtp.lanes import Lane, Waiter
from bot.mail.smtp.server import SmtpServer, Tls
from bot.mail.smtp.smtp_replies import SendReport, Verdict
from bot.mail.smtp.smtp_session import SmtpSession
from bot.mail.smtp.smtp_transaction import SmtpEnvelope
from conversations.model.letters.server_reply import ReplyMeaning

DEFAULT_CONNECTIONS = 2
"""Connections for letters that are kept open. Providers refuse many at once (421)."""

URGENT_CONNECTIONS = 1
"""Connections that only urgent mail uses."""

IDLE_TIMEOUT = 20.0
"""Seconds until an unused connection is closed."""

LIMIT_PAUSE = 60.0
"""Seconds for which a lane has one connection less after the server allowed no more."""

SLOW_AFTER, URGENT_SLOW_AFTER = 10.0, 2.0
"""Seconds after which another connection may take the place of a busy one: letters, urgent mail."""

MAX_SLOW_CONNECTIONS = 20
"""Slow connections of each lane: as many as Postfix opens to one destination by default."""


@dataclass(eq=False)
class _Transaction:
    """One email that has its turn."""

    lane: Lane
    slow: Callable[[], None]
    session: SmtpSession | None = None
    announced: bool = False
    """Whether the envelope was sent on `session` already, after the email before."""

    following: Waiter | None = None
    """The email whose envelope was sent after this one's content."""

    is_slow: bool = False
    """Whether another connection has taken its place."""

    is_refused: bool = False
    """Whether the server allows no connection beside another one of the lane."""

    timer: asyncio.TimerHandle | None = None

    @property
    def is_connected(self) -> bool:
        return self.session is not None and self.session.is_open


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
        self._lane, self._urgent_lane = Lane(connections), Lane(URGENT_CONNECTIONS)
        self._busy: set[_Transaction] = set()
        self._idle: list[tuple[SmtpSession, asyncio.TimerHandle]] = []
        self._closing: set[asyncio.Task[None]] = set()

    async def send(
        self,
        sender: str,
        recipient: str,
        message: bytes,
        may_send: Callable[[], Awaitable[bool]],
        *,
        urgent: bool = False,
        slow: Callable[[], None] = lambda: None,
    ) -> SendReport:
        """Send one email; an `urgent` one does not wait for others.

        `may_send` is called right before the content; False stops it. `slow` is called if the
        server takes so long that another connection takes the place of this one.
        """
        if not recipient.isascii():
            return SendReport(Verdict.FAILED, None, "the address is not written in ASCII")
        if not is_plain_address(recipient):
            return SendReport(Verdict.FAILED, None, "the address can't be used")
        envelope = SmtpEnvelope(sender, recipient)
        turn = await self._turn(envelope, self._urgent_lane if urgent else self._lane, slow)
        try:
            return await self._send(turn, envelope, message, may_send)
        except BaseException:
            if turn.session is not None:
                turn.session.close()
            raise
        finally:
            self._leave(turn)

    async def check(self) -> ServerInfo | SendReport:
        """Connect, encrypt and log in without sending anything; return a report if that fails."""
        turn = await self._turn(None, self._lane, lambda: None)
        try:
            turn.session = await open_session(self._server, self._trust)
            await smtp_transaction.command(turn.session, b"NOOP\r\n")
            return server_info(turn.session)
        except (SMTPException, OSError) as error:
            return smtp_replies.connection_failed(error)
        finally:
            self._leave(turn)

    async def close(self) -> None:
        """Close all connections."""
        while self._idle:
            await smtp_transaction.quit_session(self._take())
        if self._closing:
            await asyncio.wait(self._closing)

    async def _send(
        self,
        turn: _Transaction,
        envelope: SmtpEnvelope,
        message: bytes,
        may_send: Callable[[], Awaitable[bool]],
    ) -> SendReport:
        try:
            session, report = await self._announce(turn, envelope)
        except (SMTPException, OSError) as error:
            return self._not_connected(turn, error)
        if report is not None:
            if session.is_open and not report.ends_connection:
                await smtp_transaction.reset(session)
        elif smtp_transaction.exceeds_size_limit(session, message):
            # The server waits for content that will not come.
            session.close()
            return SendReport(
                Verdict.FAILED,
                None,
                "it is larger than the mail server accepts",
                meaning=ReplyMeaning.SIZE,
            )
        elif await may_send():
            turn.following = self._next(turn)
            report = await smtp_transaction.hand_over(
                session, message, turn.following.envelope if turn.following else None
            )
        else:
            session.close()
            return SendReport(Verdict.VOID)
        if report.ends_connection:
            session.close()
        return report

    async def _turn(
        self, envelope: SmtpEnvelope | None, lane: Lane, slow: Callable[[], None]
    ) -> _Transaction:
        """Wait for a place in `lane`."""
        turn = _Transaction(lane, slow)
        if lane.free:
            lane.free -= 1
        else:
            waiter = Waiter(envelope, asyncio.get_running_loop().create_future())
            lane.waiting.append(waiter)
            try:
                turn.session = await waiter.turn
            except asyncio.CancelledError:
                if not waiter.turn.cancelled():
                    if session := waiter.turn.result():
                        session.close()
                    lane.give_place()
                raise
            turn.announced = turn.session is not None
        self._busy.add(turn)
        self._watch(turn)
        return turn

    def _watch(self, turn: _Transaction) -> None:
        seconds = URGENT_SLOW_AFTER if turn.lane is self._urgent_lane else SLOW_AFTER
        turn.timer = asyncio.get_running_loop().call_later(seconds, self._replace, turn)

    def _replace(self, turn: _Transaction) -> None:
        """Give the place of a slow transaction to another one, and its following email back."""
        if turn.lane.slow >= MAX_SLOW_CONNECTIONS:
            self._watch(turn)
            return
        turn.is_slow = True
        turn.lane.slow += 1
        if turn.following is not None and not turn.following.turn.done():
            turn.lane.waiting.appendleft(turn.following)
        turn.lane.give_place()
        turn.slow()

    def _next(self, turn: _Transaction) -> Waiter | None:
        """Return the email whose commands may follow this one's content, if one is waiting."""
        session, waiting = turn.session, turn.lane.waiting
        while waiting and waiting[0].turn.done():
            waiting.popleft()
        if (
            waiting
            and waiting[0].envelope
            and not turn.is_slow
            and session is not None
            and smtp_transaction.supports_pipelining(session)
        ):
            return waiting.popleft()
        return None

    def _leave(self, turn: _Transaction) -> None:
        """Give the connection to the following email, or the place to the next that waits."""
        self._busy.discard(turn)
        if turn.timer is not None:
            turn.timer.cancel()
        session, following = turn.session, turn.following
        if turn.is_slow:
            turn.lane.slow -= 1
            if session is not None:
                session.close()
        elif turn.is_refused:
            asyncio.get_running_loop().call_later(LIMIT_PAUSE, turn.lane.give_place)
        elif following is not None and not following.turn.done():
            following.turn.set_result(session)
        else:
            if session is not None:
                if following is not None:
                    # Replies to the following email's commands would arrive on it.
                    session.close()
                self._keep(session)
            turn.lane.give_place()

    async def _announce(
        self, turn: _Transaction, envelope: SmtpEnvelope
    ) -> tuple[SmtpSession, SendReport | None]:
        """Return a session on which the server waits for the content, or a report why not.

        A kept connection may be dead, or may have reached a limit of the server. That shows only
        now; as no content was sent yet, a fresh connection is tried.
        """
        while turn.session or self._idle:
            kept = turn.session = turn.session or self._take()
            report = await smtp_transaction.announce(kept, envelope, already_sent=turn.announced)
            if report is None or report.is_final:
                return kept, report
            kept.close()
            turn.session, turn.announced = None, False
            if report.code is not None:
                break
        turn.session = await open_session(self._server, self._trust)
        report = await smtp_transaction.announce(turn.session, envelope)
        if report is not None and report.verdict is Verdict.UNREACHED:
            report = replace(report, broke=True)
        return turn.session, report

    def _not_connected(self, turn: _Transaction, error: Exception) -> SendReport:
        """Return what a failed connection means: beside others that are open, it may be a limit."""
        report = smtp_replies.connection_failed(error)
        others = [each for each in self._busy if each is not turn and each.is_connected]
        if report.verdict is Verdict.UNREACHED and report.code is not None:
            turn.is_refused = any(each.lane is turn.lane and not each.is_slow for each in others)
            if others or any(session.is_open for session, _ in self._idle):
                return replace(report, alone=True)
        return report

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
