"""The carrier that `delivering` sees: `Post` assembles, `Courier` hands over."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.mail.messages.message import MessageBuilder
from bot.mail.smtp.pool import DEFAULT_CONNECTIONS, SmtpPool
from bot.mail.smtp.smtp_replies import SendReport, Verdict
from bot.services.ports import AlertMail, AttemptResult, PreparedMail
from conversations.model.delivery import DeliveryEvent
from storage.mail.sending import ClaimedMail

_EVENTS = {
    Verdict.ACCEPTED: DeliveryEvent.TAKEN,
    Verdict.DEFERRED: DeliveryEvent.PUT_OFF,
    Verdict.FAILED: DeliveryEvent.REFUSED,
    Verdict.UNKNOWN: DeliveryEvent.BROKEN_OFF,
    Verdict.UNREACHED: DeliveryEvent.NOT_SENT,
    Verdict.OURS: DeliveryEvent.NOT_SENT,
}
IN_HAND = 3 * DEFAULT_CONNECTIONS
"""For each connection the mail that is on it, one that is ready, and one that is being recorded:
no connection waits for the database."""


@dataclass
class SmtpTransport:
    """Takes mail to the server that the settings name."""

    post: MessageBuilder
    courier: SmtpPool
    in_hand: int = IN_HAND

    async def assemble(self, claimed: ClaimedMail, now: datetime) -> PreparedMail:
        """Return the mail as it goes out."""
        return await self.post.assemble(claimed, now)

    async def notify(
        self, recipient: str, notice: AlertMail, id_: str, now: datetime
    ) -> AttemptResult:
        """Take a notice of ours to the server, past the outbox."""
        mail = await self.post.notice(recipient, notice, id_, now)
        return _told(await self.courier.send(mail.sender, mail.recipient, mail.message, _go))

    async def send(
        self, mail: PreparedMail, go: Callable[[], Awaitable[bool]]
    ) -> AttemptResult | None:
        """Hand it over; `go` is asked right before the content and may call it off: None."""
        report = await self.courier.send(mail.sender, mail.recipient, mail.message, go)
        return _tried(report)


async def _go() -> bool:
    return True


def _tried(report: SendReport) -> AttemptResult | None:
    return None if report.verdict is Verdict.VOID else _told(report)


def _told(report: SendReport) -> AttemptResult:
    return AttemptResult(
        event=_EVENTS[report.verdict],
        code=report.code,
        text=report.text,
        reached=report.verdict is not Verdict.UNREACHED,
        our_fault=report.verdict is Verdict.OURS,
        this_mail_only=report.alone,
        mailbox_full=report.mailbox_full,
    )
