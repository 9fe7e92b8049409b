"""`actionbot keys …`: the keys that seal what is personal, and the one that signs mail."""

import asyncio
import os
from typing import Annotated

import typer

from bot.cli.printing import AsJson, out
from bot.settings import model
from bot.settings.setting_origins import settings_file

keys = typer.Typer()


@keys.callback(invoke_without_command=True)
def renew_keys(
    context: typer.Context,
    new: Annotated[bool, typer.Option("--new", help="Add a key to the key file.")] = False,
    reseal: Annotated[
        bool, typer.Option("--reseal", help="Seal everything personal with the newest key.")
    ] = False,
) -> None:
    """Renew the key that seals what is personal: --new, restart every process, then --reseal.

    The key that signs mail is another one: actionbot keys dkim
    """
    if context.invoked_subcommand and not new and not reseal:
        return
    if context.invoked_subcommand or new is reseal:
        raise typer.BadParameter("Say --new, --reseal or dkim.")
    from bot.cli import maintenance

    given = model.load()
    if new:
        number = asyncio.run(maintenance.new_key(given))
        typer.echo(f"Key {number} is made. Copy {given.keys.file} to its safe place,")
        typer.echo("restart every process of the bot, then type: actionbot keys --reseal")
        return
    with out.status("Sealing …") as status:
        count = asyncio.run(
            maintenance.reseal(given, lambda done: status.update(f"Sealing … {done} values"))
        )
    typer.echo(f"{count} values were sealed with the newest key.")


@keys.command("dkim")
def dkim_key(as_json: AsJson = False) -> None:
    """Make the key that signs mail (DKIM), unless there is one, and print its records for DNS."""
    from bot.mail.authentication import dkim_keys

    published = dkim_keys.publish(model.load().mail, settings_file(os.environ).parent)
    if as_json:
        out.print_json(data=published.as_json())
        return
    for line in published.lines():
        typer.echo(line)
