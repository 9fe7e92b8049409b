"""`actionbot migrate`, as it is typed."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.cli.printing import AsJson, out
from bot.cli.processes import run_command
from bot.settings import model


def migrate(
    to: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Move all data to this empty PostgreSQL database."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Upgrade the database to this version. Stop the bot and make a backup first.

    With --to, move from SQLite to PostgreSQL instead: start it while the bot runs, and stop the bot
    when it says so. It can be interrupted, and continues when it is run again.
    """
    settings = model.load()
    if to is not None:
        _move(settings, to, as_json=as_json)
        return
    from bot import startup
    from bot.cli.database import maintenance

    with out.status("Upgrading…"):
        done = run_command(startup.migrate(settings))
        if done:
            run_command(maintenance.note_migration(settings))
    if as_json:
        out.print_json(data={"upgraded": done})
        return
    typer.echo(
        "The database is now up to date." if done else "The database was already up to date."
    )


def _move(settings: model.Settings, url: str, *, as_json: bool) -> None:
    from bot.cli.database.moving import move

    # On standard error, so that JSON stays JSON.
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal
    ) as progress:
        moved = run_command(move(settings, url, _Bars(progress)))
    if as_json:
        out.print_json(data=asdict(moved))
        return
    rows, tables = sum(moved.rows.values()), len(moved.rows)
    typer.echo(f"Moved {rows:,} rows of {tables} tables; all hashes are equal.")
    typer.echo(f"The bot could not run for {moved.offline_seconds:.1f} seconds.")
    typer.echo("Now set database.url to the new address, and start the bot.")
    typer.echo(f"Then delete {settings.database.file}, which nothing can use any more.")


class _Bars:
    """Shows each part of a move as a bar."""

    def __init__(self, progress: Progress) -> None:
        """Show them in `progress`."""
        self._progress = progress
        self._bar = None if progress.disable else progress.add_task("Opening", total=None)

    def begin(self, what: str, total: int | None = None) -> None:
        """Replace the bar by another one."""
        if self._bar is not None:
            self._progress.update(self._bar, completed=self._progress.tasks[self._bar].total)
            self._bar = self._progress.add_task(what, total=total)

    def advance(self, rows: int) -> None:
        """Fill the bar."""
        if self._bar is not None:
            self._progress.advance(self._bar, rows)

    def ask_to_stop(self) -> None:
        """Print on standard error what to do now."""
        self._progress.console.print("Stop the bot now, on this machine. The rest is quick.")
