"""What is true of a letter's From and of its answers, and what fills a campaign's texts."""

from dataclasses import dataclass

from conversations.model.campaign import Campaign, Identity, Target
from conversations.model.placeholders import fill_rich
from conversations.text.html import Html
from conversations.text.wording import Wording


@dataclass(frozen=True)
class SenderDecision:
    """As whom a letter goes out, and in a word why not as the campaign permits."""

    identity: Identity
    reason: str = ""


def sender(campaign: Campaign, wording: Wording) -> str:
    """Return a sentence that tells from which address letters come."""
    return wording.label(f"sender.{campaign.identity}", organisation=campaign.organisation)


def answers(campaign: Campaign) -> str:
    """Return how the keys of sentences end that tell who sees the address, and where answers go.

    Where it may stand in From, it is seen even though answers go to the organisation.
    """
    if campaign.reply_to == "organisation" and campaign.identity != "relay":
        return "organisation_shown"
    return campaign.reply_to


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
        "sender": sender(campaign, wording),
        "answers": wording.label(f"answers.whole.{answers(campaign)}"),
    }


def filled(text: Html, campaign: Campaign, wording: Wording, target: Target | None = None) -> Html:
    """Return a campaign's rich text with its placeholders filled."""
    return fill_rich(text, values(campaign, wording, target))
