"""What all commands share: how they print, and how they end."""

from typing import Annotated

import typer
from rich.console import Console

WENT_WRONG = 1
"""The exit status where the doctor found something, or the fault is the program's."""

MISTAKEN = 2
"""The exit status where a person has to mend something first."""

NOUSER = 67
"""The exit status of a mail that nobody gets (sysexits.h): its sender is told."""

TEMPFAIL = 75
"""EX_TEMPFAIL of sysexits.h, which mail servers know: hand the mail over again later."""

# Nothing printed is taken for markup: [telegram] is the name of a section.
out = Console(markup=False, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
