"""The mailbox that is watched for what comes back."""

import asyncio
import ssl

from bot.doctor import certificates
from bot.doctor.finding import Finding, Tools, Well
from bot.mail.incoming.imap import (
    LOOKS_BACK,
    Error,
    Mailbox,
    account,
)

_WHAT = "mailbox"


async def mailbox(url: str, tools: Tools) -> tuple[Finding, ...]:
    """Log in and look into the folder, without changing anything in it."""
    at = account(url)
    box = Mailbox(at, tools.trust)
    try:
        await asyncio.to_thread(box.open)
        count = len(await asyncio.to_thread(box.mails, 0))
    except (Error, OSError) as error:
        # Only the kind: a server's words may hold anything.
        seen = f"It cannot be looked into ({type(error).__name__})."
        mend = "Compare host, port, user, password and folder of mail.imap."
        if isinstance(error, ssl.SSLCertVerificationError):
            mend = certificates.mend(error.verify_code)
        means = "What comes back of letters, and “this wasn't me”, is not heard."
        return (Finding(_WHAT, Well.BAD, seen, means, mend, at.host),)
    finally:
        await asyncio.to_thread(box.cut)
    return (
        Finding(
            _WHAT,
            Well.GOOD,
            f"{count} mails of the last {LOOKS_BACK.days} days lie in {at.folder}.",
            about=at.host,
        ),
    )
