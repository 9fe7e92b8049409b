"""Exit statuses, and how a command reports mistakes. Services use this too: it needs no Typer."""

import sys

from conversations.model.mistakes import Mistake

EXIT_FAILURE = 1
"""A check found a problem, a person said no, or the program failed unexpectedly."""

EXIT_MISTAKE = 2
"""A person has to fix something first."""

EXIT_NO_USER = 67
"""EX_NOUSER of sysexits.h: the address takes no mail, and the mail server tells the sender."""

EXIT_TEMPORARY_FAILURE = 75
"""EX_TEMPFAIL of sysexits.h: the mail server delivers the email again later."""


def print_mistakes(mistakes: tuple[Mistake, ...]) -> None:
    """Print each mistake to standard error: its place and problem, then what to do."""
    for mistake in mistakes:
        where = f"{mistake.where}: " if mistake.where else ""
        print_error(f"{'✗' if mistake.is_error else '!'} {where}{mistake.problem}")
        if mistake.fix:
            print_error(f"  → {mistake.fix}")


def print_error(line: str) -> None:
    """Print a line to standard error."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
