"""How a supporter shares a campaign: Telegram's share dialogue, or a message to forward."""

from urllib.parse import quote

from conversations.core.buttons.persistent import SendShareCard
from conversations.core.context import Context, Turn
from conversations.core.link_sources import SHARED
from conversations.core.replies import MAX_CAPTION, LinkButton, PersistentButton, Picture
from conversations.core.turns import toast
from conversations.journey.letters.counter import counter
from conversations.model.campaigns.campaign import Campaign
from conversations.text.html import Html, bold, escape, length
from conversations.text.wording import Wording


def share_button(username: str, campaign: Campaign, wording: Wording) -> LinkButton:
    """Return the button that opens Telegram's share dialogue with the campaign's deep link.

    `username` is the bot's.
    """
    link = quote(_link(username, campaign), safe="")
    text = quote(campaign.text(wording.reads).share, safe="")
    return LinkButton(
        wording.label("button.share"), f"https://t.me/share/url?url={link}&text={text}"
    )


def card_button(campaign: Campaign, wording: Wording) -> PersistentButton:
    """Return the button that sends the share card of a campaign with a picture."""
    return PersistentButton(wording.label("button.share_card"), SendShareCard(campaign.slug))


def send_card(context: Context, slug: str) -> Turn:
    """Send a message to forward: the picture, the share text, the count and the link."""
    campaign = context.deployment.campaigns.get(slug)
    if campaign is None or campaign.picture is None:
        return toast(context, "toast.gone")
    link = _link(context.deployment.username, campaign)
    write = LinkButton(context.wording.label("button.write"), link)
    card = Picture(campaign.picture, _caption(context, campaign, link), ((write,),))
    return Turn(context.journey, (card,))


def _caption(context: Context, campaign: Campaign, link: str) -> Html:
    """Return the text of the card: without the share text where a caption is too short for it.

    The link stands in it as text too, because a forwarded message may lose its buttons.
    """
    texts = campaign.text(context.wording.reads)
    title, rest = bold(texts.title), (counter(context, campaign), escape(link))
    whole = _joined(title, escape(texts.share), *rest)
    return whole if length(whole) <= MAX_CAPTION else _joined(title, *rest)


def _joined(*parts: Html) -> Html:
    return Html("\n\n".join(part for part in parts if part))


def _link(username: str, campaign: Campaign) -> str:
    return f"https://t.me/{username}?start={campaign.slug}__{SHARED}"
