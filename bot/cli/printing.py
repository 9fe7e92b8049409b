"""Exit statuses, the console and the --json option, shared by all commands."""

from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console

EXIT_FAILURE = 1
"""A check found a problem, a person said no, or the program failed unexpectedly."""

EXIT_MISTAKE = 2
"""A person has to fix something first."""

EXIT_NO_USER = 67
"""EX_NOUSER of sysexits.h: the address takes no mail, and the mail server tells the sender."""

EXIT_TEMPORARY_FAILURE = 75
"""EX_TEMPFAIL of sysexits.h: the mail server delivers the email again later."""

# Without markup: [telegram] is the name of a section, not a style.
out = Console(markup=False, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def print_version(wanted: bool) -> None:
    """Print the version and exit, if `--version` was given."""
    if wanted:
        typer.echo(f"actionbot {version('actionbot')}")
        raise typer.Exit
