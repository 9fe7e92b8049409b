"""The states of what a supporter sent, in words."""

from collections import Counter

from conversations.core.facts import ActionTaken
from conversations.text.wording import Wording


def states(acted: ActionTaken, wording: Wording) -> str:
    """Return the state of a letter; of several, how many are in each state."""
    if not acted.others:
        return wording.label(f"state.{acted.state}")
    counted = Counter(each.state for each in acted.letters)
    parts = (f"{wording.number(n)} × {wording.label(f'state.{s}')}" for s, n in counted.items())
    return "; ".join(parts)
