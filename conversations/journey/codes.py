"""The one-time code that proves an address: its digits, its mail and its deep link."""

from conversations.core.context import Context
from conversations.core.effects.journey import QueueCode
from conversations.text.html import Html, plain

LIFETIME_MINUTES = 30
"""How long a code is valid. NIST SP 800-63B (5.1.3.1) allows codes by mail up to 24 hours."""

RESEND_PAUSE = 60
"""How many seconds pass before another code is mailed to the same address."""

LINK_PREFIX = "c_"
"""Begins the payload of the deep link in a mail with a code. No campaign's slug has an underscore.
"""

_POSSIBLE_CODES = 10**8


def is_link(payload: str) -> bool:
    """Whether the payload of a deep link carries a code."""
    return payload.startswith(LINK_PREFIX)


def minutes(seconds: int) -> int:
    """Return `seconds` in minutes, rounded up."""
    return -(-seconds // 60)


MAX_MINUTES_SHOWN = 90
"""A longer wait is shown in hours."""


def hours(seconds: int) -> int:
    """Return `seconds` in hours, rounded up."""
    return -(-seconds // 3600)


def queue(context: Context, address: str) -> QueueCode:
    """Return the effect that mails a fresh code to `address`.

    The mail holds nothing that the supporter typed, since it may reach a stranger. In a discreet
    conversation it names neither the campaign, nor the organisation, nor the bot.
    """
    kind = "_discreet" if context.journey.is_discreet else ""
    digits = f"{context.chance % _POSSIBLE_CODES:08}"
    shown = f"{digits[:4]} {digits[4:]}"
    campaign = context.campaign

    def text(context: Context) -> Html:
        way_out = "reply" if context.deployment.reads_replies else "ignore"
        return context.wording.say(
            f"mail.code.text{kind}",
            code=shown,
            link=f"https://t.me/{context.deployment.username}?start={LINK_PREFIX}{digits}",
            count=LIFETIME_MINUTES,
            title=context.texts.title,
            organisation=campaign.organisation,
            not_you=context.wording.label(f"mail.code.{way_out}{kind}"),
        )

    return QueueCode(
        campaign=campaign.slug,
        organisation="" if context.journey.is_discreet else campaign.organisation,
        address=address,
        code=digits,
        language=context.journey.language,
        subject=context.wording.label(f"mail.code.subject{kind}", code=shown),
        text=plain(context.with_original(text, f"mail.code.text{kind}")),
    )
