"""Connect to our mail server, encrypt and log in."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from aiosmtplib import SMTP, SMTPHeloError

from bot.mail.smtp import smtp_transaction
from bot.mail.smtp.server import SmtpServer, Tls
from bot.mail.smtp.smtp_replies import CLOSING
from bot.mail.smtp.smtp_session import SmtpSession


@dataclass(frozen=True)
class ServerInfo:
    """What a mail server tells us after logging in."""

    extensions: Mapping[str, str]
    """Its SMTP extensions in lower case, with their parameters."""

    tls: str = ""
    """The TLS version; "" without TLS."""

    until: datetime | None = None
    """When its certificate expires."""


async def open_session(server: SmtpServer, trust: ssl.SSLContext | None) -> SmtpSession:
    """Return a new session, encrypted as the settings say. Raises SMTPException or OSError."""
    connection = SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.tls is Tls.IMPLICIT,
        # True, not None: with None, an attacker who removes the offer of STARTTLS prevents TLS.
        start_tls=server.tls is Tls.STARTTLS,
        tls_context=trust,
        timeout=smtp_transaction.COMMAND_TIMEOUT,
    )
    await connection.connect()
    if connection.is_ehlo_or_helo_needed:
        await _introduce(connection)
    return SmtpSession(
        cast(asyncio.WriteTransport, connection.transport), connection.esmtp_extensions
    )


async def _introduce(connection: SMTP) -> None:
    """Send EHLO, or HELO to an old server (RFC 5321, section 3.2)."""
    try:
        try:
            await connection.ehlo()
        except SMTPHeloError as error:
            if error.code == CLOSING:
                raise
            await connection.helo()
    except BaseException:
        connection.close()
        raise


def server_info(session: SmtpSession) -> ServerInfo:
    """Return what the server of `session` said about itself."""
    tls = session.info("ssl_object")
    if tls is None:
        return ServerInfo(session.extensions)
    until = ssl.cert_time_to_seconds(tls.getpeercert()["notAfter"])
    return ServerInfo(session.extensions, tls.version(), datetime.fromtimestamp(until, UTC))
