"""The one-time code: its digits, and the mail that carries it."""

from conversations.effects import QueueCode
from conversations.play import CODE_LINK
from conversations.scene import Scene

MINUTES = 30
"""How long a code is good for. NIST SP 800-63B (5.1.3.1) allows codes by mail up to 24 hours."""

PAUSE = 60
"""How many seconds pass before another code is mailed to the same address."""

_CODES = 10**8


def queue(scene: Scene, address: str) -> QueueCode:
    """Return the effect that mails a fresh code to `address`.

    The mail holds nothing that somebody typed: it may reach a stranger.
    """
    digits = f"{scene.chance % _CODES:08}"
    shown = f"{digits[:4]} {digits[4:]}"
    link = f"https://t.me/{scene.house.username}?start={CODE_LINK}{digits}"
    wording, campaign = scene.wording, scene.campaign
    return QueueCode(
        campaign=campaign.slug,
        organisation=campaign.organisation,
        address=address,
        code=digits,
        language=scene.journey.language,
        subject=wording.label("mail.code.subject", code=shown),
        text=wording.label(
            "mail.code.text",
            code=shown,
            link=link,
            count=MINUTES,
            title=scene.texts.title,
            organisation=campaign.organisation,
        ),
    )
