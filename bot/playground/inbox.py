"""A local mail server that accepts email for any address and stores it."""

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
    """An email as it was received."""

    id: int
    """A number, from 1 on."""
    sender: str
    """The envelope sender (RFC 5321, MAIL FROM)."""
    recipients: tuple[str, ...]
    """The envelope recipients (RFC 5321, RCPT TO)."""
    raw: bytes
    """Header and body."""

    @property
    def message(self) -> EmailMessage:
        """The parsed email."""
        return message_from_bytes(self.raw, policy=default)

    @property
    def text(self) -> str:
        """The plain text of the body; "" if there is none."""
        body = self.message.get_body(("plain",))
        return str(body.get_content()).replace("\r\n", "\n") if body else ""

    def view(self) -> dict[str, Any]:
        """Return what the page shows of the email."""
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

    def reply(self, text: str) -> bytes:
        """Return a reply to this email, as a mail program writes it."""
        message = self.message
        reply = EmailMessage(SMTP)
        reply["From"] = ", ".join(self.recipients)
        reply["To"] = str(message.get("Reply-To") or message.get("From"))
        reply["Subject"] = f"Re: {message.get('Subject', '')}"
        reply["In-Reply-To"] = str(message.get("Message-ID", ""))
        reply.set_content(text)
        return reply.as_bytes()


class Inbox:
    """Accepts email for any address; an async context manager."""

    def __init__(self) -> None:
        """Start empty."""
        self.mails: list[ReceivedEmail] = []
        self.port = 0
        self._on_mail: Callable[[ReceivedEmail], Awaitable[None]] | None = None
        self._server: asyncio.Server | None = None
        self._received = asyncio.Condition()

    @property
    def url(self) -> str:
        """The address of the server, for the setting `smtp.url`."""
        return f"smtp+plain://127.0.0.1:{self.port}"

    def on_mail(self, callback: Callable[[ReceivedEmail], Awaitable[None]]) -> None:
        """Call `callback` with each email from now on."""
        self._on_mail = callback

    async def __aenter__(self) -> Self:
        """Start the server."""
        loop = asyncio.get_running_loop()

        def protocol() -> Server:
            return Server(self, loop=loop, enable_SMTPUTF8=False, hostname="inbox.example")

        self._server = await loop.create_server(protocol, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop the server."""
        if self._server is not None:
            self._server.close()
            await asyncio.sleep(0)

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        """Store an email; aiosmtpd calls this after DATA."""
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        received = ReceivedEmail(
            len(self.mails) + 1, envelope.mail_from or "", tuple(envelope.rcpt_tos), raw
        )
        self.mails.append(received)
        async with self._received:
            self._received.notify_all()
        if self._on_mail is not None:
            await self._on_mail(received)
        return "250 2.0.0 taken"

    async def until(
        self, seen: Callable[[list[ReceivedEmail]], bool], seconds: float = 10
    ) -> list[ReceivedEmail]:
        """Wait until `seen` returns True for the emails, and return them. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._received:
            await self._received.wait_for(lambda: seen(self.mails))
        return self.mails
