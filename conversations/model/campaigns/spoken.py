"""Which languages a person can choose in a campaign, and which of our catalogues goes with them."""

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from conversations.model.campaigns.campaign import Campaign
from conversations.text.languages import DEFAULT, Index, index, is_reviewed, match, offered


def choices(campaign: Campaign | None) -> tuple[str, ...]:
    """Return the languages to choose from: the campaign's own, then the others of the bot."""
    if campaign is None:
        return offered()
    return _choices(index(), campaign.languages, _accepted(campaign))


def choose(wanted: Iterable[str], campaign: Campaign | None) -> str:
    """Return the language for a person who prefers `wanted`, the most wanted one first.

    A campaign's own language goes before a language that only the bot speaks. Who prefers none of
    them gets the campaign's `fallback`, else English.
    """
    tags = choices(campaign)
    fallback = campaign.fallback if campaign else None
    ranked = (*wanted, fallback or DEFAULT)
    return _first_match(ranked, tags)


def catalogue(language: str, campaign: Campaign | None) -> str:
    """Return the language of the bot's own words for a reader of `language`.

    It is the nearest one that the bot has, else the campaign's `fallback`, else English.
    """
    fallback = campaign.fallback if campaign else None
    accepted = _accepted(campaign) if campaign else None
    return _nearest(index(), (language, fallback or DEFAULT), accepted)


def original(language: str, campaign: Campaign | None, keys: Iterable[str] = ()) -> str | None:
    """Return the language in which the texts of `keys` are repeated; None if that isn't needed.

    Where taking part can be dangerous, nobody has to rely on a translation that no native speaker
    has checked.
    """
    if campaign is None or not campaign.at_risk or language == DEFAULT or is_reviewed(language):
        return None
    if keys and all(is_reviewed(language, key) for key in keys):
        return None
    fallback = campaign.fallback
    return fallback if fallback and is_reviewed(fallback) else DEFAULT


def may_be_offered(language: str, campaign: Campaign | None) -> bool:
    """Whether a language is good enough: where people are at risk, a native speaker checked it.

    A campaign can accept others in `accept_unreviewed`.
    """
    return campaign is None or _is_accepted(language, _accepted(campaign))


def _accepted(campaign: Campaign) -> tuple[str, ...] | None:
    """Return the languages that are good enough for a campaign without a review; None: all are."""
    if not campaign.at_risk:
        return None
    return (campaign.languages[0], *campaign.accept_unreviewed)


def _is_accepted(language: str, accepted: tuple[str, ...] | None) -> bool:
    return accepted is None or language in accepted or is_reviewed(language)


@lru_cache(maxsize=1000)
def _choices(
    index: Index, own: tuple[str, ...], accepted: tuple[str, ...] | None
) -> tuple[str, ...]:
    """Return a campaign's `own` languages, then the others of the bot.

    Unless `accepted` is None, each must be one of these, or reviewed.
    """
    tags = dict.fromkeys((*own, *index.offered))
    return tuple(tag for tag in tags if _is_accepted(tag, accepted))


@lru_cache(maxsize=1000)
def _nearest(index: Index, wanted: tuple[str, ...], accepted: tuple[str, ...] | None) -> str:
    """Return the first of the `wanted` languages that the bot has, else English.

    Unless `accepted` is None, it must be one of these, or reviewed. This is asked for each text.
    """
    available = [
        tag
        for tag in index.offered
        if accepted is None or tag in accepted or index.languages[tag].is_reviewed
    ]
    return _first_match(wanted, tuple(available))


@lru_cache(maxsize=1000)
def _first_match(wanted: tuple[str, ...], available: tuple[str, ...]) -> str:
    return next((found for tag in wanted if (found := match(tag, available))), DEFAULT)


class Offer(StrEnum):
    """Whether people can choose a language in a campaign, and why not."""

    WHOLE = "whole"
    """The campaign and the bot speak it."""
    CAMPAIGN_ONLY = "campaign only"
    """The campaign speaks it; the bot's own words come in the nearest other language."""
    BOT_ONLY = "bot only"
    """The bot speaks it; the campaign's texts come in its first language."""
    INCOMPLETE = "incomplete"
    """Texts of the bot are missing, and the campaign has none."""
    UNREVIEWED = "unreviewed"
    """People are at risk, no native speaker has checked it, and the campaign doesn't accept it."""


def offer(language: str, campaign: Campaign) -> Offer:
    """Return whether `language` is offered in a campaign."""
    is_own, is_ours = language in campaign.languages, language in offered()
    if not is_own and not is_ours:
        return Offer.INCOMPLETE
    if not may_be_offered(language, campaign):
        return Offer.UNREVIEWED
    if is_own:
        return Offer.WHOLE if is_ours else Offer.CAMPAIGN_ONLY
    return Offer.BOT_ONLY
