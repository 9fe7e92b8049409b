"""A mail server on this machine that keeps what it takes, for everybody to look at."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from typing import Any, Self

from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import Envelope, Session


@dataclass(frozen=True)
class ReceivedEmail:
    """A mail as it came over the wire."""

    id: int
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, read."""
        return message_from_bytes(self.raw, policy=default)

    @property
    def text(self) -> str:
        """What its body says."""
        body = self.message.get_body(("plain",))
        return str(body.get_content()).replace("\r\n", "\n") if body else ""

    def view(self) -> dict[str, Any]:
        """Return what the page shows."""
        message = self.message
        date = message["Date"]
        return {
            "id": self.id,
            "from": str(message.get("From", self.sender)),
            "to": str(message.get("To", ", ".join(self.recipients))),
            "subject": str(message.get("Subject", "")),
            "date": date.datetime.isoformat() if date else "",
            "text": self.text,
        }

    def answered(self, text: str) -> bytes:
        """Return the mail that answers this one, as a mail program writes it."""
        message = self.message
        answer = EmailMessage(SMTP)
        answer["From"] = ", ".join(self.recipients)
        answer["To"] = str(message.get("Reply-To") or message.get("From"))
        answer["Subject"] = f"Re: {message.get('Subject', '')}"
        answer["In-Reply-To"] = str(message.get("Message-ID", ""))
        answer.set_content(text)
        return answer.as_bytes()


class Inbox:
    """Takes mail for any address. Use it as a context."""

    def __init__(self) -> None:
        """Begin empty."""
        self.mails: list[ReceivedEmail] = []
        self.port = 0
        self._came: Callable[[ReceivedEmail], Awaitable[None]] | None = None
        self._server: asyncio.Server | None = None
        self._news = asyncio.Condition()

    @property
    def url(self) -> str:
        """The address for the settings."""
        return f"smtp+plain://127.0.0.1:{self.port}"

    def on_mail(self, came: Callable[[ReceivedEmail], Awaitable[None]]) -> None:
        """Call `came` for each mail from now on."""
        self._came = came

    async def __aenter__(self) -> Self:
        """Start to listen."""
        loop = asyncio.get_running_loop()

        def protocol() -> Server:
            return Server(self, loop=loop, enable_SMTPUTF8=False, hostname="inbox.example")

        self._server = await loop.create_server(protocol, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop to listen."""
        if self._server is not None:
            self._server.close()
            await asyncio.sleep(0)

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        """Take a mail, as aiosmtpd hands it over."""
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        received = ReceivedEmail(
            len(self.mails) + 1, envelope.mail_from or "", tuple(envelope.rcpt_tos), raw
        )
        self.mails.append(received)
        async with self._news:
            self._news.notify_all()
        if self._came is not None:
            await self._came(received)
        return "250 2.0.0 taken"

    async def until(
        self, seen: Callable[[list[ReceivedEmail]], bool], seconds: float = 10
    ) -> list[ReceivedEmail]:
        """Wait until `seen` holds of the mails, and return them. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(lambda: seen(self.mails))
        return self.mails
