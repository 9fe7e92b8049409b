"""The button that shares a campaign with friends."""

from urllib.parse import quote

from conversations.core.link_sources import SHARED
from conversations.core.replies import LinkButton
from conversations.model.campaign import Campaign
from conversations.text.wording import Wording


def share_button(username: str, campaign: Campaign, wording: Wording) -> LinkButton:
    """Return the button that opens Telegram's share dialogue with the campaign's deep link.

    `username` is the bot's.
    """
    link = quote(f"https://t.me/{username}?start={campaign.slug}__{SHARED}", safe="")
    text = quote(campaign.text(wording.reads).share, safe="")
    return LinkButton(
        wording.label("button.share"), f"https://t.me/share/url?url={link}&text={text}"
    )
