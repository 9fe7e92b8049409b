"""To whom a supporter writes: the targets that follow from the answers, or were chosen."""

from collections.abc import Collection
from itertools import islice

from conversations.model.campaigns.campaign import Campaign
from conversations.model.campaigns.targets import MAX_LETTERS, Target
from conversations.model.journey import Answers

NONE_EXEMPT: frozenset[str] = frozenset()
"""For a campaign whose targets all get letters."""


def candidates(campaign: Campaign, answers: Answers) -> tuple[Target, ...]:
    """Return the targets that the answers lead to, also those that get no new letters."""
    return campaign.index.find(answers.country, _deciding_answer(campaign, answers))


def possible(campaign: Campaign, answers: Answers, exempt: frozenset[str] = NONE_EXEMPT) -> int:
    """Return how many targets a supporter may write to: none of those with the ids `exempt`."""
    deciding = _deciding_answer(campaign, answers)
    hidden = campaign.index.pick(exempt, answers.country, deciding)
    return len(candidates(campaign, answers)) - len(hidden)


def recipients(
    campaign: Campaign, answers: Answers, exempt: frozenset[str] = NONE_EXEMPT
) -> tuple[Target, ...]:
    """Return the targets that get a letter; none while the supporter has to choose."""
    most = {"one": 1, "all": MAX_LETTERS}.get(str(campaign.write_to))
    if most is None:
        most = int(campaign.write_to)
        if possible(campaign, answers, exempt) > most:
            return chosen(campaign, answers, exempt)[:most]
    found = candidates(campaign, answers)
    return tuple(islice((each for each in found if each.id not in exempt), most))


def chosen(
    campaign: Campaign, answers: Answers, exempt: frozenset[str] = NONE_EXEMPT
) -> tuple[Target, ...]:
    """Return the targets that a supporter ticked and may write to, in the order of all."""
    ids = [each for each in answers.chosen if each not in exempt]
    return campaign.index.pick(ids, answers.country, _deciding_answer(campaign, answers))


def search(campaign: Campaign, answers: Answers, wanted: str, language: str) -> list[int]:
    """Return the places, among all candidates, of those whose names have these letters.

    `wanted` is without case (`str.casefold`).
    """
    deciding = _deciding_answer(campaign, answers)
    return campaign.index.search(wanted, language, answers.country, deciding)


def places(campaign: Campaign, answers: Answers, ids: Collection[str]) -> frozenset[int]:
    """Return the places, among all candidates, of those with these ids."""
    return campaign.index.places(ids, answers.country, _deciding_answer(campaign, answers))


def _deciding_answer(campaign: Campaign, answers: Answers) -> str:
    """Return the answer to the question that decides about the area; "" if there is none."""
    return dict(answers.own).get(campaign.targets_by, "")
