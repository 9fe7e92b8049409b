"""The mailbox that is watched for what comes back."""

import asyncio
import ssl

from bot.doctor import certificates
from bot.doctor.finding import CheckContext, Finding, Status
from bot.mail.incoming.imap import (
    SEARCH_WINDOW,
    ImapError,
    Mailbox,
    parse_imap_url,
)

_WHAT = "mailbox"


async def mailbox(url: str, tools: CheckContext) -> tuple[Finding, ...]:
    """Log in and look into the folder, without changing anything in it."""
    at = parse_imap_url(url)
    box = Mailbox(at, tools.trust)
    try:
        await asyncio.to_thread(box.open)
        count = len(await asyncio.to_thread(box.mails, 0))
    except (ImapError, OSError) as error:
        # Only the kind: a server's words may hold anything.
        seen = f"It cannot be looked into ({type(error).__name__})."
        fix = "Compare host, port, user, password and folder of mail.imap."
        if isinstance(error, ssl.SSLCertVerificationError):
            fix = certificates.fix_for(error.verify_code)
        means = "What comes back of letters, and “this wasn't me”, is not heard."
        return (Finding(_WHAT, Status.BAD, seen, means, fix, at.host),)
    finally:
        await asyncio.to_thread(box.cut)
    return (
        Finding(
            _WHAT,
            Status.GOOD,
            f"{count} mails of the last {SEARCH_WINDOW.days} days lie in {at.folder}.",
            about=at.host,
        ),
    )
