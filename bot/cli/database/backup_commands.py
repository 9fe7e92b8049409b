"""`actionbot backup` and `restore`, as they are typed."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.printing import out
from bot.cli.processes import run_command
from bot.settings import model


def backup(
    file: Annotated[Path, typer.Argument(help="File to write. It must not exist yet.")],
) -> None:
    """Back up the database (SQLite or PostgreSQL) into one SQLite file, while the bot runs.

    The key file isn't included: keep a copy of it elsewhere.
    """
    from bot.cli.database import backups

    with out.status("Copying…"):
        run_command(backups.backup(model.load(), file))
    typer.echo(f"Backed up to {file}. Its encrypted data can't be read without the key file.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file made by `actionbot backup`.")],
    foreign: Annotated[
        bool,
        typer.Option("--foreign", help="Accept a backup that these keys didn't make: no roles."),
    ] = False,
    erasures_lost: Annotated[
        bool,
        typer.Option("--erasures-lost", help="Accept that erased people come back."),
    ] = False,
) -> None:
    """Create a new database from a backup, on SQLite or PostgreSQL.

    Put the key file in place first, and the file of erasures beside it: who was erased or
    unsubscribed since the backup is erased again. An existing database is never overwritten. A
    backup from an older version is upgraded; the backup file doesn't change.
    """
    from bot.cli.database import backups

    options = backups.RestoreOptions(foreign, erasures_lost)
    with out.status("Restoring…"):
        restored = run_command(backups.restore(model.load(), file, options))
    typer.echo(f"Restored the database. Erased again: {restored.erasures}")
    if restored.foreign:
        typer.echo("Nobody has a role, campaigns are in test mode, and all sending is paused.")
    if erasures_lost:
        typer.echo("Ask people who wanted to be deleted since the backup to use /forget again.")
