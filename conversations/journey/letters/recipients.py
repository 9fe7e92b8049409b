"""To whom the letter of this conversation goes, and how the recipients are named."""

from collections.abc import Sequence

from conversations.core.context import Context
from conversations.model.campaigns import recipients as rules
from conversations.model.campaigns.targets import Target
from conversations.text.wording import Wording

_NAMED = 3
"""How many recipients are named where there are more."""


def recipients(context: Context) -> tuple[Target, ...]:
    """Return the targets that get a letter; none while the supporter has to choose."""
    return rules.recipients(context.campaign, context.journey.answers, context.exempt)


def candidates(context: Context) -> tuple[Target, ...]:
    """Return the targets that the answers lead to, also those that get no new letters."""
    return rules.candidates(context.campaign, context.journey.answers)


def possible(context: Context) -> int:
    """Return how many targets the supporter may write to."""
    return rules.possible(context.campaign, context.journey.answers, context.exempt)


def exempt_places(context: Context) -> frozenset[int]:
    """Return the places, among all candidates, of those that get no new letters."""
    return rules.places(context.campaign, context.journey.answers, context.exempt)


def chosen(context: Context) -> tuple[Target, ...]:
    """Return the targets that the supporter ticked and may write to, in the order of all."""
    return rules.chosen(context.campaign, context.journey.answers, context.exempt)


def search(context: Context, wanted: str) -> list[int]:
    """Return the places, among all candidates, of those whose names have these letters."""
    reads = context.wording.reads
    return rules.search(context.campaign, context.journey.answers, wanted, reads)


def names(targets: Sequence[Target], wording: Wording) -> str:
    """Return the names of the targets as a list; of many, the first ones, and how many more."""
    if len(targets) <= _NAMED + 1:
        return wording.all_of(list(dict.fromkeys(each.name_in(wording.reads) for each in targets)))
    first = ", ".join(each.name_in(wording.reads) for each in targets[:_NAMED])
    return wording.label("several.more", names=first, count=len(targets) - _NAMED)
