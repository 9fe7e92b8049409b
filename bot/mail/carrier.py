"""The carrier that `delivering` sees: `Post` assembles, `Courier` hands over."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.mail.message import Post
from bot.mail.smtp import CONNECTIONS, Courier
from bot.mail.verdicts import Report, Verdict
from bot.services.delivering import Mail, Tried
from conversations.delivery import LetterState
from storage.sending import Claimed

_STATES = {
    Verdict.ACCEPTED: LetterState.ACCEPTED,
    Verdict.DEFERRED: LetterState.DEFERRED,
    Verdict.FAILED: LetterState.FAILED,
    Verdict.UNKNOWN: LetterState.UNKNOWN,
}
IN_HAND = 3 * CONNECTIONS
"""For each connection the mail that is on it, one that is ready, and one that is being recorded:
no connection waits for the database."""

_RESTS = (Verdict.UNREACHED, Verdict.OURS)


@dataclass
class MailCarrier:
    """Takes mail to the server that the settings name."""

    post: Post
    courier: Courier
    in_hand: int = IN_HAND

    async def assemble(self, claimed: Claimed, now: datetime) -> Mail:
        """Return the mail as it goes out."""
        return await self.post.assemble(claimed, now)

    async def send(self, mail: Mail, begin: Callable[[], Awaitable[bool]]) -> Tried:
        """Hand it over; `begin` notes the attempt right before DATA and may call it off."""
        report = await self.courier.send(mail.sender, mail.recipient, mail.message, begin)
        return _tried(report)


def _tried(report: Report) -> Tried:
    return Tried(
        state=_STATES.get(report.verdict),
        code=report.code,
        text=report.text,
        rests=report.verdict in _RESTS,
        alone=report.alone,
        mailbox_full=report.mailbox_full,
    )
