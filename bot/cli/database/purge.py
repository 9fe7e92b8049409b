"""`actionbot purge`: delete expired data now, or show what would be deleted."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from bot.cli.printing import AsJson, out
from bot.cli.processes import run_command
from bot.settings import model


def purge(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Delete nothing: show what would be deleted.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Delete expired data now, instead of within ten minutes."""
    from bot.cli.database import maintenance

    settings = model.load()
    if not dry_run:
        deleted = run_command(maintenance.purge(settings))
        if as_json:
            out.print_json(data=deleted)
            return
        counts = ", ".join(f"{name} {count}" for name, count in sorted(deleted.items()))
        typer.echo(f"Expired rows deleted: {counts or 'none'}")
        return
    due = run_command(maintenance.preview_purge(settings))
    if as_json:
        out.print_json(data=[asdict(each) for each in due])
        return
    table = Table()
    for name in ("table", "what", "kept for", "due now", "oldest"):
        table.add_column(name, overflow="fold")
    for each in due:
        cells = (each.table, each.what, each.term, str(each.count), each.oldest or "")
        table.add_row(*(Text(cell) for cell in cells))
    out.print(table)
