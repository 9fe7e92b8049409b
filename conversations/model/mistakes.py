"""A mistake in settings or campaign files: where it is, what is wrong, and how to fix it."""

import errno
from collections.abc import Iterable, Sequence
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


def say_placeholders(names: Sequence[str]) -> str:
    """Return placeholders as a list in words: “{name}, {demands} and {own_words}”."""
    *others, last = (f"{{{each}}}" for each in names)
    return f"{', '.join(others)} and {last}" if others else last


_FILE_ERRORS = {
    errno.ENOENT: ("There is no such file or folder.", "Create it, or fix the path."),
    errno.EACCES: (
        "You have no permission to use it.",
        "Check its owner and mode (ls -l), and run this as the bot's user.",
    ),
    errno.EROFS: ("Its file system is read-only.", "Use a folder that can be written to."),
    errno.ENOSPC: ("The disk is full.", "Free some space."),
    errno.EDQUOT: ("Your disk quota is used up.", "Free some space."),
    errno.EISDIR: ("This is a folder, not a file.", "Fix the path."),
    errno.ENOTDIR: ("A part of this path is a file, not a folder.", "Fix the path."),
    errno.EEXIST: ("It already exists.", "Move it away, or choose another name."),
    errno.ENAMETOOLONG: ("Its name is too long.", "Choose a shorter name."),
    errno.ELOOP: ("Its symbolic links lead in a circle.", "Fix the links."),
}
"""What is wrong with a file and what to do, by the system's error number."""


def describe_file_error(error: OSError) -> tuple[str, str]:
    """Return why a file or folder can't be used, and how to fix it."""
    number = errno.EACCES if error.errno == errno.EPERM else error.errno
    unknown = (f"Can't use it ({type(error).__name__}).", "Check that it is a readable file.")
    return _FILE_ERRORS.get(number or 0, unknown)
