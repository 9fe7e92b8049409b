"""`actionbot keys …`: the keys that encrypt personal data, and the key that signs mail."""

import os
from typing import Annotated

import typer

from bot.cli.printing import AsJson, out
from bot.cli.processes import run_command
from bot.settings import model
from bot.settings.setting_origins import settings_file

keys = typer.Typer()


@keys.callback(invoke_without_command=True)
def renew_keys(
    context: typer.Context,
    new: Annotated[bool, typer.Option("--new", help="Add a key to the key file.")] = False,
    reseal: Annotated[
        bool, typer.Option("--reseal", help="Re-encrypt personal data with the newest key.")
    ] = False,
) -> None:
    """Replace the key that encrypts personal data: run --new, copy the key file to every machine
    that runs the bot, then run --reseal.

    A running bot rereads the key file by itself.

    The key that signs mail is another one: actionbot keys dkim
    """
    if context.invoked_subcommand and not new and not reseal:
        return
    if context.invoked_subcommand or new is reseal:
        raise typer.BadParameter("Use --new, --reseal or dkim.")
    from bot.cli import maintenance

    settings = model.load()
    if new:
        number = run_command(maintenance.new_key(settings))
        typer.echo(f"Created key {number}. Copy {settings.keys.file} to your safe place,")
        typer.echo("and to every machine that runs the bot. Then run: actionbot keys --reseal")
        return
    with out.status("Re-encrypting…") as status:
        count = run_command(
            maintenance.reencrypt(
                settings, lambda done: status.update(f"Re-encrypting… {done} values")
            )
        )
    typer.echo(f"Re-encrypted {count} values with the newest key.")


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
