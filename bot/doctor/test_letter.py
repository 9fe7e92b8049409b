"""Send one test letter in the same way as real letters are sent."""

import asyncio
import secrets

from bot.clock import utc_now
from bot.doctor.finding import CheckContext, Finding, Status, check_failed, timed_out
from bot.errors import CommandError
from bot.mail.authentication.dkim_keys import open_signer
from bot.mail.messages.envelopes import Envelopes
from bot.mail.messages.message import MessageBuilder
from bot.mail.smtp.pool import SmtpPool
from bot.mail.smtp.server import parse_smtp_url
from bot.mail.smtp.smtp_replies import SendReport, Verdict
from bot.settings.addresses import is_loopback, is_reserved, parse_mailbox
from bot.settings.model import Settings
from storage.crypto.keys import KEY_SIZE, Keyring
from storage.crypto.vault import Vault

_SUBJECT = "test letter"

SEND_TIMEOUT = 60.0
"""Seconds. Some servers delay their greeting to strangers, or scan the message before the reply."""


def parse_recipient(text: str, settings: Settings) -> str:
    """Return the address that a test letter goes to. Raises CommandError if it can't receive it."""
    try:
        recipient = parse_mailbox(text)
    except ValueError:
        raise CommandError(
            "A test letter can't be sent there.",
            fix="Use an address: --send you@your-domain.example",
        ) from None
    host = parse_smtp_url(settings.smtp.url.get_secret_value()).host
    if is_reserved(recipient) and not is_loopback(host):
        raise CommandError(
            "Nobody receives mail at this address: its domain is reserved for examples.",
            fix="Use a mailbox that you can read, at a large provider if possible.",
        )
    return recipient


async def send(settings: Settings, recipient: str, context: CheckContext) -> Finding:
    """Send a test letter to `recipient`, and return what the mail server replied.

    Nothing is stored: the letter's addresses use temporary keys, so that a bounce or a reply
    matches no real letter.
    """
    today = utc_now().date()
    keyring = Keyring(today, secrets.token_bytes(KEY_SIZE), secrets.token_bytes(KEY_SIZE))
    vault = Vault(keyring, lambda: today)
    envelopes = Envelopes(vault, settings.mail.domain)
    try:
        signer = open_signer(settings.mail)
    except CommandError as error:
        return check_failed(_SUBJECT, error)
    builder = MessageBuilder(envelopes, settings.mail.address, context.domains, signer=signer)
    mail = builder.trial(recipient, secrets.token_hex(16), context.clock())
    pool = SmtpPool(parse_smtp_url(settings.smtp.url.get_secret_value()), trust=context.trust)
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            report = await pool.send(mail.sender, mail.recipient, mail.message, _always)
    except TimeoutError:
        return timed_out(_SUBJECT, SEND_TIMEOUT)
    finally:
        await pool.close()
    return _describe(report)


async def _always() -> bool:
    return True


def _describe(report: SendReport) -> Finding:
    """Return what happened to the test letter."""
    reply = f"{report.code or ''} {report.text}".strip()
    if report.verdict is Verdict.ACCEPTED:
        return Finding(
            _SUBJECT,
            Status.GOOD,
            f"The mail server accepted it: {reply}",
            "Accepted isn't delivered: look up the ID above in the server's log.",
            "Open it. Check that it isn't in spam, and that its Authentication-Results header "
            "says spf=pass, dkim=pass and dmarc=pass.",
        )
    if report.verdict is Verdict.UNKNOWN:
        return Finding(_SUBJECT, Status.BAD, f"It may or may not have been sent: {reply}")
    meaning = "A letter would wait, and be sent again."
    if report.verdict is Verdict.FAILED:
        meaning = "A letter would have failed."
    fix = "Its reply says why; ask the server's operator."
    return Finding(_SUBJECT, Status.BAD, f"The mail server refused it: {reply}", meaning, fix)
