"""`actionbot disowned`: look up an address whose owner said “this wasn't me”, and undo it."""

from functools import partial
from typing import Annotated

import typer

from bot.cli.processes import run_command
from bot.errors import CommandError
from bot.settings import model


def disowned(
    address: Annotated[str, typer.Argument(help="The email address.")],
    undo: Annotated[bool, typer.Option("--undo", help="Let codes be emailed to it again.")] = False,
) -> None:
    """Show whether the owner of an address said “this wasn't me”, and undo a mistake.

    The bot sends nothing to such an address for a year.
    """
    from bot.cli.database import maintenance
    from conversations.text.typed.addresses import Address, parse_address
    from storage.admin import audit
    from storage.mail.address_keys import AddressKeys
    from storage.mail.proof import disowning

    parsed = parse_address(address)
    if not isinstance(parsed, Address):
        raise CommandError("This isn't an email address.", fix="Write it like name@mail.example.")
    settings = model.load()

    async def work() -> str:
        async with maintenance.open_store(settings) as (database, vault, clock):
            keys = AddressKeys.of(vault, str(parsed))
            since = await database.read(partial(disowning.disowned_since, address=keys))
            if since is None:
                return "This address isn't disowned: the bot emails codes to it."
            if undo:
                now = clock()
                restore = partial(disowning.restore, vault=vault, address=keys, now=now)
                note = partial(audit.add_command, vault=vault, command="disowned --undo", now=now)
                await database.transact(lambda c: (restore(c), note(c)))
                return "Undone. The bot emails codes to this address again."
            until = since + disowning.DISOWNED_FOR
            return (
                f"Disowned since {since:%Y-%m-%d}: the bot emails nothing to this address until"
                f" {until:%Y-%m-%d}. To undo that, add --undo."
            )

    typer.echo(run_command(work()))
