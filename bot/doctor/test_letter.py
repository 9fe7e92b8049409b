"""One test letter, over the way that letters take."""

import asyncio
import secrets

from bot.doctor.finding import (
    CheckContext,
    Finding,
    Status,
    check_failed,
    timed_out,
)
from bot.errors import CommandError
from bot.mail.authentication.dkim_keys import open_signer
from bot.mail.messages.envelopes import Envelopes
from bot.mail.messages.message import MessageBuilder
from bot.mail.smtp.pool import SmtpPool
from bot.mail.smtp.server import parse_smtp_url
from bot.mail.smtp.smtp_replies import SendReport, Verdict
from bot.settings.addresses import is_loopback, is_reserved, parse_mailbox
from bot.settings.model import Settings
from storage.crypto.keys import Keyring
from storage.crypto.vault import Vault

_WHAT = "test letter"

SEND_TIMEOUT = 60.0
"""Seconds. Some servers let a stranger wait before they greet, or look into the mail at the dot."""


def parse_recipient(text: str, settings: Settings) -> str:
    """Return the address to which a test letter goes. Raises Mistaken."""
    try:
        recipient = parse_mailbox(text)
    except ValueError:
        raise CommandError(
            "A test letter cannot go there.", fix="Write an address: --send you@your-domain.org"
        ) from None
    host = parse_smtp_url(settings.smtp.url.get_secret_value()).host
    if is_reserved(recipient) and not is_loopback(host):
        raise CommandError(
            "Mail to this address reaches nobody: its domain is for examples.",
            fix="Take a mailbox that you can read, at a large provider if you can.",
        )
    return recipient


async def send(settings: Settings, recipient: str, tools: CheckContext) -> Finding:
    """Send a test letter to `recipient`, and tell what the mail server said.

    Nothing of it is kept: its addresses are made with keys of the moment, so that whatever comes
    back is taken for nobody's.
    """
    vault = Vault(Keyring({1: secrets.token_bytes(32)}, secrets.token_bytes(32)))
    envelopes = Envelopes(vault, settings.mail.domain)
    try:
        signer = open_signer(settings.mail)
    except CommandError as mistaken:
        return check_failed(_WHAT, mistaken)
    post = MessageBuilder(envelopes, settings.mail.address, tools.domains, signer=signer)
    mail = post.trial(recipient, secrets.token_hex(16), tools.clock())
    courier = SmtpPool(parse_smtp_url(settings.smtp.url.get_secret_value()), trust=tools.trust)
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            report = await courier.send(mail.sender, mail.recipient, mail.message, _go)
    except TimeoutError:
        return timed_out(_WHAT, SEND_TIMEOUT)
    finally:
        await courier.close()
    return _told(report)


async def _go() -> bool:
    return True


def _told(report: SendReport) -> Finding:
    """Return what became of it."""
    answer = f"{report.code or ''} {report.text}".strip()
    if report.verdict is Verdict.ACCEPTED:
        return Finding(
            _WHAT,
            Status.GOOD,
            f"The mail server took it: {answer}",
            "Taken is not arrived: the name that it gave the mail finds it in the server's log.",
            "Read it, and see in its headers, at Authentication-Results, that spf=pass, dkim=pass "
            "and dmarc=pass; and that it does not lie in spam.",
        )
    if report.verdict is Verdict.UNKNOWN:
        return Finding(_WHAT, Status.BAD, f"It may have left or not: {answer}")
    means = "A letter would wait, and be sent again."
    if report.verdict is Verdict.FAILED:
        means = "A letter would have failed."
    fix = "Its words tell why; ask whoever runs it."
    return Finding(_WHAT, Status.BAD, f"The mail server did not take it: {answer}", means, fix)
