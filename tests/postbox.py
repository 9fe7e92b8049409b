"""An inbox that turns mail away where a test says so."""

from asyncio import WriteTransport
from typing import cast

from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import Envelope, Session

from bot.playground.inbox import Inbox


class Postbox(Inbox):
    """Takes mail, but for the mailboxes in `refusals`; in `dying`, the line breaks at the dot."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals: dict[str, str] = {}
        self.dying: set[str] = set()

    async def handle_RCPT(
        self, server: Server, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if self.dying & set(envelope.rcpt_tos):
            cast(WriteTransport, server.transport).abort()
        return answer
