"""Which counts of answers to a campaign's own question can be told, and identify nobody.

Countries are many, so a count that is small can go unnamed (`figures.hide_small_counts`). A
question has a few options that everybody knows, and often each letter has an answer: then the
counts that are told, and the number of letters, give away the one that isn't.
"""

from collections.abc import Mapping
from enum import Enum

from conversations.model.stats.figures import MIN_SHOWN_COUNT


class Told(Enum):
    """What is told in place of a count."""

    FEW = "few"
    """Fewer than MIN_SHOWN_COUNT."""

    MANY = "many"
    """MIN_SHOWN_COUNT or more."""


def hide_few(counts: Mapping[str, int]) -> dict[str, int | Told] | None:
    """Return what can be told of the answers to a question; None if nothing can.

    `counts` has all options, also those that nobody chose. A reader may know the sum, and this
    rule, and still there are two possible counts for each option with a few answers:

    - Nothing is told of fewer than MIN_SHOWN_COUNT answers for each option, on average.
    - Where one option has a few answers, the others are only told to have many.
    - Where several have as many as a few can be, nothing is told.
    """
    few = [option for option, count in counts.items() if count < MIN_SHOWN_COUNT]
    hidden = sum(counts[option] for option in few)
    if sum(counts.values()) < MIN_SHOWN_COUNT * len(counts):
        return None
    if hidden == 0:
        return dict(counts)
    if len(few) == 1:
        return {option: Told.FEW if option in few else Told.MANY for option in counts}
    if hidden == len(few) * (MIN_SHOWN_COUNT - 1):
        return None
    return {option: Told.FEW if option in few else count for option, count in counts.items()}
