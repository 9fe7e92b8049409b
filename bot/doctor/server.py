"""The mail server: does it take our mail, how is the way to it, and what does it offer?"""

from datetime import datetime

from bot.doctor import certificates
from bot.doctor.finding import CheckContext, Finding, Status
from bot.mail.smtp.pool import ServerInfo, SmtpPool
from bot.mail.smtp.server import SmtpServer, parse_smtp_url
from bot.settings.addresses import is_loopback

_WHAT = "mail server"

_SOON = 14
"""Days before its end at which a certificate that renews itself would long have done so."""


async def mail_server(url: str, tools: CheckContext) -> tuple[Finding, ...]:
    """Connect, encrypt and log in, without sending anything."""
    to = parse_smtp_url(url)
    courier = SmtpPool(to, trust=tools.trust)
    try:
        offer = await courier.check()
    finally:
        await courier.close()
    if not isinstance(offer, ServerInfo):
        seen = f"{offer.code or ''} {offer.text}".strip()
        fix = "Compare host, port, user and password."
        if offer.certificate is not None:
            fix = certificates.fix_for(offer.certificate)
        return (Finding(_WHAT, Status.BAD, f"It cannot be used: {seen}.", "No mail leaves.", fix),)
    return (login(to, offer), _encryption(to, offer, tools.clock()))


def login(to: SmtpServer, offer: ServerInfo) -> Finding:
    """Return who we are there, and what it offers."""
    seen = "Connected and logged in." if to.user else "Connected, without a log-in."
    if size := offer.extensions.get("size", ""):
        seen += f" It takes mails of up to {int(size) // 1000} kB." if size.isdecimal() else ""
    if to.user or is_loopback(to.host):
        return Finding(_WHAT, Status.GOOD, seen)
    means = "It has to know this machine by its address, or it passes on nothing."
    fix = "See that it does, or set user and password in smtp.url; then send a test: --send"
    return Finding(_WHAT, Status.WARNING, seen, means, fix)


def _encryption(to: SmtpServer, offer: ServerInfo, now: datetime) -> Finding:
    """Return how the way there is protected."""
    if offer.until is None:
        return Finding("TLS", Status.GOOD, "None: the mail server is on this machine.")
    days = (offer.until - now).days
    seen = f"{offer.tls}; the certificate of {to.host} ends in {days} days."
    if days >= _SOON:
        return Finding("TLS", Status.GOOD, seen)
    means = "Once it has ended, no mail leaves."
    return Finding("TLS", Status.WARNING, seen, means, "Have whoever runs the server renew it.")
