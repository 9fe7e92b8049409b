"""The mail worker's transport: assemble an email, send it by SMTP, and report the result."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.mail.messages.message import MessageBuilder
from bot.mail.smtp.pool import DEFAULT_CONNECTIONS, SmtpPool
from bot.mail.smtp.smtp_replies import SendReport, Verdict
from bot.services.ports import AlertMail, AttemptResult, PreparedMail
from conversations.model.letters.delivery import DeliveryEvent
from storage.mail.delivery.sending import ClaimedMail

_EVENTS = {
    Verdict.ACCEPTED: DeliveryEvent.TAKEN,
    Verdict.DEFERRED: DeliveryEvent.PUT_OFF,
    Verdict.FAILED: DeliveryEvent.REFUSED,
    Verdict.UNKNOWN: DeliveryEvent.BROKEN_OFF,
    Verdict.UNREACHED: DeliveryEvent.NOT_SENT,
    Verdict.OURS: DeliveryEvent.NOT_SENT,
}
IN_HAND = 3 * DEFAULT_CONNECTIONS
"""How many emails the worker claims at once.

For each connection: one being sent, one ready, and one whose result is being stored. So no
connection waits for the database.
"""


@dataclass
class SmtpTransport:
    """Sends emails through the mail server in the settings."""

    builder: MessageBuilder
    pool: SmtpPool
    in_hand: int = IN_HAND

    async def assemble(self, claimed: ClaimedMail, now: datetime) -> PreparedMail:
        """Return the email, ready to be sent."""
        return await self.builder.assemble(claimed, now)

    async def notify(
        self, recipient: str, notice: AlertMail, id_: str, now: datetime
    ) -> AttemptResult:
        """Send an alert, without the outbox."""
        mail = await self.builder.notice(recipient, notice, id_, now)
        return _result(await self._send(mail, _always, _ignore))

    async def send(
        self,
        mail: PreparedMail,
        go: Callable[[], Awaitable[bool]],
        slow: Callable[[], None],
    ) -> AttemptResult | None:
        """Send the email. `go` is called right before the content; False stops it: None.

        `slow` is called if the server takes so long that other mail should not wait for this one.
        """
        report = await self._send(mail, go, slow)
        return None if report.verdict is Verdict.VOID else _result(report)

    async def _send(
        self, mail: PreparedMail, go: Callable[[], Awaitable[bool]], slow: Callable[[], None]
    ) -> SendReport:
        send = partial(self.pool.send, mail.sender, mail.recipient, mail.message, go, slow=slow)
        report = await send(urgent=mail.urgent)
        if mail.urgent and report.verdict is Verdict.UNREACHED and report.alone:
            # The server allows no connection beside those of the letters: wait for one of them.
            report = await send()
        return report

    async def probe(self) -> AttemptResult | None:
        """Log in without sending anything. Return why the server can't be used; None if it can."""
        found = await self.pool.check()
        return _result(found) if isinstance(found, SendReport) else None


async def _always() -> bool:
    return True


def _ignore() -> None:
    pass


def _result(report: SendReport) -> AttemptResult:
    return AttemptResult(
        event=_EVENTS[report.verdict],
        reply=report.reply,
        reached=report.verdict is not Verdict.UNREACHED,
        our_fault=report.verdict is Verdict.OURS,
        this_mail_only=report.alone,
        broke=report.broke,
        mailbox_full=report.mailbox_full,
    )
