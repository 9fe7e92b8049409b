"""Check the IMAP mailbox that bounces and replies arrive in."""

import asyncio
import ssl

from bot.doctor import certificates
from bot.doctor.finding import CheckContext, Finding, Status
from bot.mail.incoming.imap import SEARCH_WINDOW, ImapError, Mailbox, parse_imap_url
from bot.system_errors import describe_connection_error

_SUBJECT = "mailbox"


async def mailbox(url: str, context: CheckContext) -> tuple[Finding, ...]:
    """Log in and count recent mail, without changing anything in the mailbox."""
    account = parse_imap_url(url)
    box = Mailbox(account, context.trust)
    try:
        await asyncio.to_thread(box.open)
        count = len(await asyncio.to_thread(box.mails, 0))
    except (ImapError, OSError) as error:
        # Only the error's class: a server's text may contain anything.
        observed = f"Can't open it ({type(error).__name__})."
        fix = "Check host, port, user, password and folder of mail.imap."
        if isinstance(error, ssl.SSLCertVerificationError):
            fix = certificates.fix_for(error.verify_code)
        elif found := describe_connection_error(error, account.host, account.port):
            observed, fix = found
        meaning = "Bounces and “this wasn't me” go unnoticed."
        return (Finding(_SUBJECT, Status.BAD, observed, meaning, fix, account.host),)
    finally:
        await asyncio.to_thread(box.abort)
    observed = f"Emails of the last {SEARCH_WINDOW.days} days in {account.folder}: {count}."
    return (Finding(_SUBJECT, Status.GOOD, observed, about=account.host),)
