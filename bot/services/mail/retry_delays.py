"""How long a mail waits before it is tried again."""

import random
from datetime import datetime, timedelta

from storage.mail.delivery.content import MailKind
from storage.mail.delivery.sending import ClaimedMail

MAILBOX_FULL_DELAY = timedelta(hours=4)
"""How long a mail waits when the recipient's mailbox is full."""

SUSPECT_DELAY = timedelta(seconds=60)
"""How long a mail waits that may be the only one refused, from now or from the end of a pause."""

BUSY_SERVER_DELAY = timedelta(seconds=2)
"""How long a mail waits for which the mail server allowed no connection beside the others."""

FIRST_BREAK_DELAY, BREAK_DELAY = timedelta(seconds=1), timedelta(seconds=30)
"""How long a mail waits at whose envelope the connection broke: for the first time, and again."""

LETTER_SECONDS, CODE_SECONDS = (300.0, 4000.0), (10.0, 120.0)
"""The shortest and the longest delay of letters, and of codes, which expire after half an hour."""

JITTER = 0.2
"""The share by which a delay varies, so that mails that failed together return one by one."""


def retry_delay(claimed: ClaimedMail, now: datetime) -> timedelta:
    """Return the delay: the mail's age, within the limits of its kind, as Postfix does."""
    least, most = CODE_SECONDS if claimed.kind is MailKind.CODE else LETTER_SECONDS
    age = (now - claimed.queued).total_seconds()
    jitter = 1 + JITTER * (2 * random.random() - 1)  # noqa: S311 - no secret
    return timedelta(seconds=min(max(age, least), most) * jitter)
