"""A mail to hand over, what happens around it, and certificates to look at."""

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime

import trustme

from bot.mail.smtp.pool import SmtpPool
from bot.mail.smtp.server import parse_smtp_url
from bot.mail.smtp.smtp_replies import SendReport
from tests.bot.mail.sink import Sink

SENDER, RECIPIENT = "a-1@send.example", "minister@gov.example"
PAST = datetime(2019, 6, 21, tzinfo=UTC)
MESSAGE = b"Message-ID: <1@send.example>\r\nSubject: The river\r\n\r\nLet it flow.\r\n"


@dataclass
class Go:
    """Notes with which verbs said it was asked; answers `yes`, or breaks."""

    sink: Sink
    yes: bool = True
    breaks: bool = False
    asked: list[tuple[str, ...]] = field(default_factory=list)

    async def __call__(self) -> bool:
        self.asked.append(tuple(self.sink.verbs))
        if self.breaks:
            raise RuntimeError
        return self.yes


def courier(sink: Sink, *, connections: int = 2, trust: ssl.SSLContext | None = None) -> SmtpPool:
    return SmtpPool(parse_smtp_url(sink.url), connections=connections, trust=trust)


async def sends(
    courier: SmtpPool,
    sink: Sink,
    message: bytes = MESSAGE,
    *,
    to: str = RECIPIENT,
    go: Go | None = None,
) -> SendReport:
    return await courier.send(SENDER, to, message, go or Go(sink))


def numbered(number: int) -> bytes:
    return MESSAGE.replace(b"<1@", b"<%d@" % number)


def shows(authority: trustme.CA, *, expired: bool = False) -> ssl.SSLContext:
    """Return what a server shows that `authority` vouches for, or did once."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", not_after=PAST if expired else None).configure_cert(context)
    return context


def trusts(authority: trustme.CA) -> ssl.SSLContext:
    """Return what a client believes that knows `authority` alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(context)
    return context
