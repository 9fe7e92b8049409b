"""`actionbot keys …`: the keys that encrypt personal data, and the key that signs mail."""

import os
from dataclasses import asdict

import typer

from bot.cli.printing import AsJson, out
from bot.cli.processes import run_command
from bot.settings import model
from bot.settings.setting_origins import settings_file

keys = typer.Typer()


@keys.callback(invoke_without_command=True)
def show_keys(context: typer.Context, as_json: AsJson = False) -> None:
    """Show from which day on the key file can read personal data and backups.

    The key that signs mail is another one: actionbot keys dkim
    """
    if context.invoked_subcommand:
        return
    from bot.cli.database import maintenance

    settings = model.load()
    ages = run_command(maintenance.key_ages(settings))
    if as_json:
        out.print_json(data={**asdict(ages)}, default=str)
        return
    days = f"{ages.backup_days} day{'s' * (ages.backup_days != 1)}"
    typer.echo(f"{settings.keys.file.name} reads data and backups since {ages.first_day}.")
    typer.echo(f"The running bot destroys keys older than {days} that no stored value needs.")
    typer.echo("A copy of the file reads everything from its day on, so replace it regularly.")


@keys.command("dkim")
def dkim_key(as_json: AsJson = False) -> None:
    """Create the key that signs mail (DKIM), if there isn't one yet, and print its DNS records."""
    from bot.mail.authentication import dkim_keys

    published = dkim_keys.publish(model.load().mail, settings_file(os.environ).parent)
    if as_json:
        out.print_json(data=published.as_json())
        return
    for line in published.lines():
        typer.echo(line)
