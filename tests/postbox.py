"""A mail server that refuses chosen mail or drops the connection, for tests."""

from asyncio import WriteTransport
from typing import cast

from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import Envelope, Session

from bot.playground.inbox import Inbox


class Postbox(Inbox):
    """An inbox that accepts all mail except for the mailboxes below."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals: dict[str, str] = {}
        """By mailbox: the answer to RCPT."""
        self.refusals_at_the_dot: dict[str, str] = {}
        """By mailbox: the answer to the final dot, after the mail was transferred."""
        self.dying: set[str] = set()
        """Mailboxes whose mail is accepted, but the connection is lost before the answer."""

    async def handle_RCPT(
        self, server: Server, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        for address in envelope.rcpt_tos:
            if address in self.refusals_at_the_dot:
                return self.refusals_at_the_dot[address]
        answer = await super().handle_DATA(server, session, envelope)
        if self.dying & set(envelope.rcpt_tos):
            cast(WriteTransport, server.transport).abort()
        return answer
