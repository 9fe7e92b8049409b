"""What is true of a letter's From and of its answers, and what fills a campaign's texts."""

from conversations.campaign import Campaign, Target
from conversations.placeholders import fill_rich
from conversations.rich import Html
from conversations.wording import Wording


def values(campaign: Campaign, wording: Wording, target: Target | None = None) -> dict[str, str]:
    """Return the values of the placeholders that do not depend on the supporter.

    `sender` and `answers` are sentences that follow the campaign's settings, so that no text can
    promise what the settings do not hold.
    """
    target = target or campaign.target_for("")
    closes = wording.day(campaign.closes.date()) if campaign.closes else ""
    return {
        "target": target.name_in(wording.language),
        "organisation": campaign.organisation,
        "contact": campaign.contact,
        "official_page": campaign.official_page,
        "privacy_policy": campaign.privacy_policy,
        "goal": wording.number(campaign.goal) if campaign.goal else "",
        "closes": closes,
        "keep_until": wording.day(campaign.keep_until),
        "sender": wording.label("sender.relay", organisation=campaign.organisation),
        "answers": wording.label(f"answers.whole.{campaign.reply_to}"),
    }


def filled(text: Html, campaign: Campaign, wording: Wording, target: Target | None = None) -> Html:
    """Return a campaign's rich text with its placeholders filled."""
    return fill_rich(text, values(campaign, wording, target))
