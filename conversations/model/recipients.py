"""To whom a supporter writes: the targets that follow from the answers, or were chosen."""

from conversations.model.campaign import Campaign
from conversations.model.journey import Answers
from conversations.model.targets import MAX_LETTERS, Target

NONE_EXEMPT: frozenset[str] = frozenset()
"""For a campaign whose targets all get letters."""


def candidates(
    campaign: Campaign, answers: Answers, exempt: frozenset[str] = NONE_EXEMPT
) -> tuple[Target, ...]:
    """Return the targets that a supporter may write to: none of those with the ids `exempt`."""
    deciding = _deciding_answer(campaign, answers)
    found = campaign.index.find(answers.country, deciding)
    if not exempt or not campaign.index.pick(exempt, answers.country, deciding):
        return found
    return tuple(each for each in found if each.id not in exempt)


def recipients(
    campaign: Campaign, answers: Answers, exempt: frozenset[str] = NONE_EXEMPT
) -> tuple[Target, ...]:
    """Return the targets that get a letter; none while the supporter has to choose."""
    found = candidates(campaign, answers, exempt)
    match campaign.write_to:
        case "one":
            return found[:1]
        case "all":
            return found[:MAX_LETTERS]
        case most if len(found) <= most:
            return found
        case most:
            return chosen(campaign, answers, exempt)[:most]


def chosen(
    campaign: Campaign, answers: Answers, exempt: frozenset[str] = NONE_EXEMPT
) -> tuple[Target, ...]:
    """Return the targets that a supporter ticked and may write to, in the order of all."""
    ids = [each for each in answers.chosen if each not in exempt]
    return campaign.index.pick(ids, answers.country, _deciding_answer(campaign, answers))


def search(campaign: Campaign, answers: Answers, wanted: str, language: str) -> list[int]:
    """Return the places, among all candidates, of those whose names have these letters.

    `wanted` is without case (`str.casefold`). Exempt ones are among them.
    """
    deciding = _deciding_answer(campaign, answers)
    return campaign.index.search(wanted, language, answers.country, deciding)


def _deciding_answer(campaign: Campaign, answers: Answers) -> str:
    """Return the answer to the question that decides about the area; "" if there is none."""
    return dict(answers.own).get(campaign.targets_by, "")
