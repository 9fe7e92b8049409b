"""`actionbot export` and `recount`: the figures, and whether they are what the records tell."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from bot.cli.printing import WENT_WRONG, AsJson, out
from bot.settings import model


def export(
    as_json: AsJson = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="As CSV, for a spreadsheet: redirect it into a file.")
    ] = False,
    identities: Annotated[
        bool, typer.Option("--identities", help="As whom letters went out instead, and why.")
    ] = False,
) -> None:
    """Print the figures, never people: as a table, or as JSON or CSV."""
    from bot.cli import maintenance
    from conversations.stats.csv_export import rows, sheet

    given = model.load()
    if identities:
        _show(asyncio.run(maintenance.identities(given)), as_json=as_json)
        return
    lines = asyncio.run(maintenance.figures(given))
    few = given.figures.small_countries
    if as_csv:
        sys.stdout.buffer.write(sheet(lines, show_few=few))
    else:
        _show(rows(lines, show_few=few), as_json=as_json)


def recount(as_json: AsJson = False) -> None:
    """Count everything again from the records, and tell where the figures differ.

    What was erased is not there to be counted: it was noted when it went, and counts as that.

    Exit status: 1 if there is a difference.
    """
    from bot.cli import maintenance

    with out.status("Counting …"):
        count, found = asyncio.run(maintenance.recount(model.load()))
    differences = [asdict(difference) for difference in found]
    if as_json:
        out.print_json(data={"figures": count, "differences": differences})
    elif differences:
        _show(differences, as_json=False)
    else:
        typer.echo(f"All is as the records tell. Figures: {count}")
    raise typer.Exit(WENT_WRONG if differences else 0)


def _show(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        out.print_json(data=rows)
        return
    if not rows:
        typer.echo("Nothing is counted yet.")
        return
    table = Table()
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(value)) for value in row.values()))
    out.print(table)
