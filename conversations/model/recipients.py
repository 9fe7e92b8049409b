"""To whom a supporter writes: the targets that follow from the answers, or were chosen."""

from conversations.model.campaign import Campaign
from conversations.model.journey import Answers
from conversations.model.targets import MAX_LETTERS, Target


def candidates(campaign: Campaign, answers: Answers) -> tuple[Target, ...]:
    """Return the targets that a supporter may write to."""
    return campaign.index.find(answers.country, _deciding_answer(campaign, answers))


def recipients(campaign: Campaign, answers: Answers) -> tuple[Target, ...]:
    """Return the targets that get a letter; none while the supporter has to choose."""
    found = candidates(campaign, answers)
    match campaign.write_to:
        case "one":
            return found[:1]
        case "all":
            return found[:MAX_LETTERS]
        case most if len(found) <= most:
            return found
        case most:
            chosen = frozenset(answers.chosen)
            return tuple(each for each in found if each.id in chosen)[:most] if chosen else ()


def _deciding_answer(campaign: Campaign, answers: Answers) -> str:
    """Return the answer to the question that decides about the area; "" if there is none."""
    return dict(answers.own).get(campaign.targets_by, "")
