"""`actionbot export` and `recount`: print the figures, and check them against the records."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from bot.cli.failures import EXIT_FAILURE
from bot.cli.printing import AsJson, out
from bot.cli.processes import run_command
from bot.settings import model


def export(
    as_json: AsJson = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV, for a spreadsheet: redirect it into a file.")
    ] = False,
    identities: Annotated[
        bool, typer.Option("--identities", help="Show which From identity letters used, and why.")
    ] = False,
) -> None:
    """Print the figures (counts only, nobody is named) as a table, JSON or CSV."""
    from bot.cli.database import maintenance
    from conversations.stats.csv_export import rows, sheet

    settings = model.load()
    if identities:
        _print_rows(run_command(maintenance.identities(settings)), as_json=as_json)
        return
    lines = run_command(maintenance.figures(settings))
    few = settings.figures.small_countries
    if as_csv:
        sys.stdout.buffer.write(sheet(lines, show_few=few))
    else:
        _print_rows(rows(lines, show_few=few), as_json=as_json)


def recount(as_json: AsJson = False) -> None:
    """Recount everything from the records and show any differences.

    Deleted records can't be counted again: the number noted when they were deleted is added.

    Exit status: 1 if there is a difference.
    """
    from bot.cli.database import maintenance

    with out.status("Counting…"):
        count, found = run_command(maintenance.recount(model.load()))
    differences = [asdict(difference) for difference in found]
    if as_json:
        out.print_json(data={"figures": count, "differences": differences})
    elif differences:
        _print_rows(differences, as_json=False)
    else:
        typer.echo(f"No differences. Figures checked: {count}")
    raise typer.Exit(EXIT_FAILURE if differences else 0)


def _print_rows(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        out.print_json(data=rows)
        return
    if not rows:
        typer.echo("Nothing has been counted yet.")
        return
    table = Table()
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(value)) for value in row.values()))
    out.print(table)
