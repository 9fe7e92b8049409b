"""A mistake in settings or campaign files: where it is, what is wrong, and how to fix it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

_MAX_LISTED_VALUES = 100


@dataclass(frozen=True)
class Mistake:
    """One mistake in a file or setting. No field contains a secret or a personal value."""

    problem: str
    """What is wrong, as a sentence."""

    fix: str = ""
    """What to do, as a sentence or a command."""

    where: str = ""
    """A file, with a line or a key; "" if the mistake has no place."""

    is_error: bool = True
    """False for a warning: the files can be used as they are."""

    def as_json(self) -> dict[str, object]:
        """Return the mistake for programs; these keys are part of `actionbot check --json`."""
        return {
            "what": self.problem,
            "fix": self.fix,
            "where": self.where,
            "grave": self.is_error,
        }


def suggest(name: str, known: Iterable[str]) -> str:
    """Return how to fix an unknown `name`: the most similar known one, or all if they are few."""
    known = tuple(known)
    if close := get_close_matches(name, known, 1):
        return f"Did you mean {close[0]}?"
    if len(known) <= _MAX_LISTED_VALUES:
        return f"Possible values: {', '.join(known)}"
    return "See the documentation."
