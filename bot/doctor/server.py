"""Check the mail server: connection, encryption, log-in, and what it offers."""

from datetime import datetime

from bot.doctor import certificates
from bot.doctor.finding import CheckContext, Finding, Status
from bot.mail.smtp.connecting import ServerInfo
from bot.mail.smtp.pool import SmtpPool
from bot.mail.smtp.server import SmtpServer, parse_smtp_url
from bot.settings.addresses import is_loopback

_SUBJECT = "mail server"

_RENEWAL_DAYS = 14
"""A certificate that renews itself is renewed well before this many days are left."""


async def mail_server(url: str, context: CheckContext) -> tuple[Finding, ...]:
    """Connect, encrypt and log in, without sending anything."""
    server = parse_smtp_url(url)
    pool = SmtpPool(server, trust=context.trust)
    try:
        info = await pool.check()
    finally:
        await pool.close()
    if not isinstance(info, ServerInfo):
        reply = f"{info.code or ''} {info.text}".strip()
        fix = "Check host, port, user and password."
        if info.certificate is not None:
            fix = certificates.fix_for(info.certificate)
        observed = f"It can't be used: {reply}."
        return (Finding(_SUBJECT, Status.BAD, observed, "No mail is sent.", fix),)
    return (login(server, info), _encryption(server, info, context.clock()))


def login(server: SmtpServer, info: ServerInfo) -> Finding:
    """Return whether we are logged in, and the largest message that the server accepts."""
    observed = "Connected and logged in." if server.user else "Connected, without logging in."
    size = info.extensions.get("size", "")
    if size.isdecimal():
        observed += f" It accepts messages of up to {int(size) // 1000} kB."
    if server.user or is_loopback(server.host):
        return Finding(_SUBJECT, Status.GOOD, observed)
    meaning = "It must allow this machine by IP address, or it won't relay mail."
    fix = "Check that it does, or set user and password in smtp.url; then send a test: --send"
    return Finding(_SUBJECT, Status.WARNING, observed, meaning, fix)


def _encryption(server: SmtpServer, info: ServerInfo, now: datetime) -> Finding:
    """Return how the connection is encrypted, and when the server's certificate expires."""
    if info.until is None:
        return Finding("TLS", Status.GOOD, "None: the mail server is on this machine.")
    days = (info.until - now).days
    observed = f"{info.tls}; the certificate of {server.host} expires in {days} days."
    if days >= _RENEWAL_DAYS:
        return Finding("TLS", Status.GOOD, observed)
    meaning = "Once it has expired, no mail is sent."
    fix = "Ask the server's operator to renew it."
    return Finding("TLS", Status.WARNING, observed, meaning, fix)
