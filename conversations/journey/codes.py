"""The one-time code: its digits, and the mail that carries it."""

from conversations.core.context import Context
from conversations.core.effects.journey import QueueCode
from conversations.journey.play import CODE_LINK

MINUTES = 30
"""How long a code is good for. NIST SP 800-63B (5.1.3.1) allows codes by mail up to 24 hours."""

PAUSE = 60
"""How many seconds pass before another code is mailed to the same address."""

_CODES = 10**8


def queue(context: Context, address: str) -> QueueCode:
    """Return the effect that mails a fresh code to `address`.

    The mail holds nothing that somebody typed: it may reach a stranger.
    """
    digits = f"{context.chance % _CODES:08}"
    shown = f"{digits[:4]} {digits[4:]}"
    link = f"https://t.me/{context.deployment.username}?start={CODE_LINK}{digits}"
    wording, campaign = context.wording, context.campaign
    return QueueCode(
        campaign=campaign.slug,
        organisation=campaign.organisation,
        address=address,
        code=digits,
        language=context.journey.language,
        subject=wording.label("mail.code.subject", code=shown),
        text=wording.label(
            "mail.code.text",
            code=shown,
            link=link,
            count=MINUTES,
            title=context.texts.title,
            organisation=campaign.organisation,
        ),
    )
