"""Check the mail server: connection, encryption, log-in, and what it offers."""

from datetime import datetime

from bot.doctor import certificates
from bot.doctor.finding import CheckContext, Finding, Status
from bot.mail.smtp.connecting import ServerInfo
from bot.mail.smtp.pool import SmtpPool
from bot.mail.smtp.server import SmtpServer, parse_smtp_url
from bot.mail.smtp.smtp_replies import SendReport
from bot.settings.addresses import is_loopback
from bot.system_errors import describe_connection_error

_SUBJECT = "mail server"

_WRONG_LOGIN = (530, 534, 535)
"""Replies that refuse user and password (RFC 4954, section 6)."""

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
        return (_unusable(server, info),)
    return (login(server, info), _encryption(server, info, context.clock()))


def _unusable(server: SmtpServer, report: SendReport) -> Finding:
    """Return why the server can't be used, by its reply or by how the connection failed."""
    reply = f"{report.code or ''} {report.text}".strip()
    observed, fix = f"It can't be used: {reply}.", "Its reply says why; ask the server's operator."
    if report.certificate is not None:
        fix = certificates.fix_for(report.certificate)
    elif report.code in _WRONG_LOGIN:
        observed = f"It refuses user or password: {reply}."
        fix = "Fix them in smtp.url. Some providers want an app password instead of yours."
    elif report.code is None:
        found = describe_connection_error(report.text, server.host, server.port)
        observed, fix = found or (observed, "Check host, port, user and password.")
    return Finding(_SUBJECT, Status.BAD, observed, "No mail is sent.", fix)


def login(server: SmtpServer, info: ServerInfo) -> Finding:
    """Return whether we are logged in, and the largest message that the server accepts."""
    observed = "Connected and logged in." if server.user else "Connected, without logging in."
    size = info.extensions.get("size", "")
    # 0 means that the server has no fixed limit (RFC 1870, section 3).
    if size.isdecimal() and int(size):
        observed += f" It accepts messages of up to {int(size) / 1e6:.1f} MB."
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
