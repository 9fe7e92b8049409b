"""To whom a supporter writes: the targets that follow from the answers, or were chosen."""

from collections.abc import Collection

from conversations.model.campaign import Campaign
from conversations.model.journey import Answers
from conversations.model.targets import MAX_LETTERS, Target


def candidates(
    campaign: Campaign, answers: Answers, exempt: Collection[str] = ()
) -> tuple[Target, ...]:
    """Return the targets that a supporter may write to, without those that are `exempt`."""
    found = campaign.index.find(answers.country, _deciding_answer(campaign, answers))
    return tuple(each for each in found if each.id not in exempt) if exempt else found


def recipients(
    campaign: Campaign, answers: Answers, exempt: Collection[str] = ()
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
            chosen = frozenset(answers.chosen)
            return tuple(each for each in found if each.id in chosen)[:most] if chosen else ()


def has_choice(campaign: Campaign, answers: Answers, exempt: Collection[str] = ()) -> bool:
    """Whether the supporter chooses among more targets than one Send may write to."""
    most = campaign.write_to
    return isinstance(most, int) and len(candidates(campaign, answers, exempt)) > most


def _deciding_answer(campaign: Campaign, answers: Answers) -> str:
    """Return the answer to the question that decides about the area; "" if there is none."""
    return dict(answers.own).get(campaign.targets_by, "")
