"""What a person can mend in a file: where it stands, what is wrong, and how to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

_MOST = 100


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong. `where` is a file, with a line or a key; "" where there is no place.

    What is not `grave` is only worth knowing. No text holds a secret or a personal value.
    """

    what: str
    mend: str = ""
    where: str = ""
    grave: bool = True


def near(name: str, known: Iterable[str]) -> str:
    """Return how to mend a name that is not known: too many are not listed."""
    known = tuple(known)
    if close := get_close_matches(name, known, 1):
        return f"Did you mean {close[0]}?"
    return f"Known are: {', '.join(known)}" if len(known) <= _MOST else "Look it up."
