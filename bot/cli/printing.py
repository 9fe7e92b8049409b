"""The console and the --json option, shared by all commands."""

from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console

# Without markup: [telegram] is the name of a section, not a style.
out = Console(markup=False, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def print_version(wanted: bool) -> None:
    """Print the version and exit, if `--version` was given."""
    if wanted:
        typer.echo(f"actionbot {version('actionbot')}")
        raise typer.Exit
