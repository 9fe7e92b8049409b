"""Who waits for a connection to the mail server, and how many connections there may be."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from bot.mail.smtp.smtp_session import SmtpSession
from bot.mail.smtp.smtp_transaction import SmtpEnvelope


@dataclass(frozen=True)
class Waiter:
    """A caller of `send` or `check` that waits for a connection."""

    envelope: SmtpEnvelope | None
    """The email's envelope; None for `check`."""

    turn: "asyncio.Future[SmtpSession | None]"
    """Resolves to the session on which the envelope was sent already, or to None."""


@dataclass
class Lane:
    """Places for connections, and who waits for one."""

    free: int
    waiting: deque[Waiter] = field(default_factory=deque)
    slow: int = 0
    """How many slow connections have given their places to others."""

    def next_waiter(self) -> Waiter | None:
        """Remove and return the first caller that still waits."""
        while self.waiting:
            waiter = self.waiting.popleft()
            if not waiter.turn.done():
                return waiter
        return None

    def give_place(self) -> None:
        """Give a place to the first caller that waits; otherwise it is free."""
        if waiter := self.next_waiter():
            waiter.turn.set_result(None)
        else:
            self.free += 1
