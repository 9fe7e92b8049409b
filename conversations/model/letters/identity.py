"""Sentences about a letter's sender and replies, and the placeholders of a campaign's texts."""

from collections.abc import Callable, Sequence
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


@dataclass(frozen=True)
class _Reader:
    """Who reads a campaign's text."""

    campaign: Campaign
    wording: Wording
    targets: Sequence[Target]
    """Those of the supporter."""

    hidden: bool
    """Whether the supporter's address is hidden from the target."""


class PlaceholderValues(dict[str, str]):
    """The values of the placeholders that do not depend on the supporter's details.

    Each is made when a text first needs it.
    """

    def __init__(self, reader: _Reader) -> None:
        """Make the values for `reader`."""
        super().__init__()
        self._reader = reader

    def __missing__(self, name: str) -> str:
        """Make a value. Raises KeyError for a placeholder that does not exist."""
        value = self[name] = _VALUES[name](self._reader)
        return value


def values(
    campaign: Campaign, wording: Wording, targets: Sequence[Target] = (), *, hidden: bool = False
) -> PlaceholderValues:
    """Return the values of the placeholders that do not depend on the supporter's details.

    `targets` are those of the supporter; without any, one stands for them.

    `sender`, `answers`, `settling` and `archive` are sentences derived from the campaign's settings
    and from whether the supporter's address is `hidden`, so that texts cannot promise what the
    letter does not do.
    """
    targets = targets or (campaign.target_for(""),)
    return PlaceholderValues(_Reader(campaign, wording, targets, hidden))


def _names(reader: _Reader) -> str:
    """Return the names of the targets, each once."""
    names = dict.fromkeys(each.name_in(reader.wording.reads) for each in reader.targets)
    return reader.wording.all_of(list(names))


def _goal(reader: _Reader) -> str:
    goal = reader.campaign.goal
    return reader.wording.number(goal) if goal else ""


def _closes(reader: _Reader) -> str:
    closes = reader.campaign.closes
    return reader.wording.day(closes.date()) if closes else ""


def _answers(reader: _Reader) -> str:
    key = answers(reader.campaign, hidden=reader.hidden)
    return reader.wording.label(f"answers.whole.{key}")


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


_VALUES: dict[str, Callable[[_Reader], str]] = {
    "target": _names,
    "organisation": lambda reader: reader.campaign.organisation,
    "contact": lambda reader: reader.campaign.contact,
    "official_page": lambda reader: reader.campaign.official_page,
    "privacy_policy": lambda reader: reader.campaign.privacy_policy,
    "goal": _goal,
    "closes": _closes,
    "keep_until": lambda reader: reader.wording.day(reader.campaign.keep_until),
    "transfer": lambda reader: transfer(reader.targets, reader.wording),
    "sender": lambda reader: sender(reader.campaign, reader.wording, hidden=reader.hidden),
    "answers": _answers,
    "settling": lambda reader: _settling(reader.campaign, reader.wording),
    "archive": lambda reader: _archive(reader.campaign, reader.wording),
}
"""How the value of each placeholder is made."""


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
