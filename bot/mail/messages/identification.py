"""Optional headers and the From of letters, as the settings choose them."""

from dataclasses import dataclass

from storage.mail.delivery.content import MailKind
from storage.mail.delivery.sending import ClaimedMail

REPORT_ABUSE_ON, REPORT_ABUSE_OFF = "on", "off"

_SENDER = "actionbot"
_MAX_LINE = 78
"""Characters of a line (RFC 5322, section 2.1.1)."""


@dataclass(frozen=True)
class MailLook:
    """How our mail looks, by the settings."""

    one_from: bool = False
    """Letters come from our mailbox; otherwise each comes from an opaque address of its own."""

    report_abuse: str = REPORT_ABUSE_ON
    """“on”, “off”, or the text of the X-Report-Abuse header before the letter's code."""

    feedback_id: bool = True
    """Whether mail has a Feedback-ID."""


def report_abuse_header(look: MailLook, mailbox: str, shown: str) -> tuple[str, ...]:
    """Return the header that tells whom to write to about the letter with the public id `shown`."""
    code = f"abuse-{shown}"
    link = f" <mailto:{mailbox}?subject={code}>"
    match look.report_abuse:
        case "off":
            return ()
        case "on" if len(link) < _MAX_LINE:
            return (f"X-Report-Abuse:\r\n{link}",)
        case "on":
            return (f"X-Report-Abuse: {mailbox}\r\n {code}",)
        case text:
            return (f"X-Report-Abuse: {text}\r\n {code}",)


def feedback_header(look: MailLook, claimed: ClaimedMail) -> tuple[str, ...]:
    """Return the Feedback-ID: campaign, kind and sender. It is the same for many mails.

    Large receivers count complaints by its parts. In a supporter's mailbox, a code doesn't name the
    campaign.
    """
    if not look.feedback_id:
        return ()
    to_owner = claimed.kind in (MailKind.CODE, MailKind.OWNER)
    campaign = "" if to_owner else f"{claimed.campaign}:"
    return (f"Feedback-ID: {campaign}{claimed.kind}:{_SENDER}",)
