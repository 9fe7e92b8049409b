"""Sentences about a letter's sender and replies, and the placeholders of a campaign's texts."""

from collections.abc import Sequence
from dataclasses import dataclass

from conversations.model.campaigns.campaign import Campaign, Identity, ReplyTo
from conversations.model.campaigns.placeholders import fill_html
from conversations.model.campaigns.targets import Target
from conversations.model.letters.transfer import transfer
from conversations.text.html import Html
from conversations.text.wording import Wording


@dataclass(frozen=True)
class SenderDecision:
    """Whose address a letter is sent from."""

    identity: Identity

    reason: str = ""
    """One word why it differs from the campaign's setting; "" if it does not."""


def shows_address(campaign: Campaign) -> bool:
    """Return whether the target can see the supporter's address, unless the supporter hides it."""
    return campaign.reply_to == "supporter" or campaign.identity != "relay"


def identity_of(campaign: Campaign, *, hidden: bool) -> Identity:
    """Return whose address letters may come from. A `hidden` address is never in From."""
    return "relay" if hidden else campaign.identity


def replies_to(campaign: Campaign, *, hidden: bool) -> ReplyTo:
    """Return who gets replies. They do not go to a supporter whose address is `hidden`."""
    return "none" if hidden and campaign.reply_to == "supporter" else campaign.reply_to


def sender(campaign: Campaign, wording: Wording, *, hidden: bool = False) -> str:
    """Return a sentence that says which address letters come from."""
    identity = identity_of(campaign, hidden=hidden)
    return wording.label(f"sender.{identity}", organisation=campaign.organisation)


def answers(campaign: Campaign, *, hidden: bool = False) -> str:
    """Return the last part of the catalogue keys about replies and who sees the address.

    If the supporter's address can be in From, the target sees it although replies go to the
    organisation.
    """
    reply_to = replies_to(campaign, hidden=hidden)
    if reply_to == "organisation" and identity_of(campaign, hidden=hidden) != "relay":
        return "organisation_shown"
    return reply_to


def values(
    campaign: Campaign, wording: Wording, targets: Sequence[Target] = (), *, hidden: bool = False
) -> dict[str, str]:
    """Return the values of the placeholders that do not depend on the supporter's details.

    `targets` are those of the supporter; without any, one stands for them.

    `sender`, `answers`, `settling` and `archive` are sentences derived from the campaign's settings
    and from whether the supporter's address is `hidden`, so that texts cannot promise what the
    letter does not do.
    """
    targets = targets or (campaign.target_for(""),)
    closes = wording.day(campaign.closes.date()) if campaign.closes else ""
    return {
        "target": wording.all_of(
            list(dict.fromkeys(each.name_in(wording.reads) for each in targets))
        ),
        "organisation": campaign.organisation,
        "contact": campaign.contact,
        "official_page": campaign.official_page,
        "privacy_policy": campaign.privacy_policy,
        "goal": wording.number(campaign.goal) if campaign.goal else "",
        "closes": closes,
        "keep_until": wording.day(campaign.keep_until),
        "transfer": transfer(targets, wording),
        "sender": sender(campaign, wording, hidden=hidden),
        "answers": wording.label(f"answers.whole.{answers(campaign, hidden=hidden)}"),
        "settling": _settling(campaign, wording),
        "archive": _archive(campaign, wording),
    }


def _settling(campaign: Campaign, wording: Wording) -> str:
    """Return when a letter's details are deleted, and who gets replies after that."""
    days = campaign.settle_days
    deleted = wording.label("settling", count=days) if days else wording.label("settling.at_once")
    if campaign.questions:
        deleted += wording.label("settling.answers")
    if campaign.late_replies == "none":
        return deleted
    return deleted + wording.label("settling.replies", organisation=campaign.organisation)


def _archive(campaign: Campaign, wording: Wording) -> str:
    """Return the sentence about the archive; "" if the campaign has none."""
    if campaign.archive == "none":
        return ""
    archived = wording.label("archive.sealed", organisation=campaign.organisation)
    return archived + wording.label("archive.answers") if campaign.questions else archived


def filled(
    text: Html,
    campaign: Campaign,
    wording: Wording,
    targets: Sequence[Target] = (),
    *,
    hidden: bool = False,
) -> Html:
    """Return a campaign's HTML text with its placeholders filled.

    `hidden`: the supporter hides the address from the target.
    """
    return fill_html(text, values(campaign, wording, targets, hidden=hidden))
