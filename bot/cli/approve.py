"""`actionbot approve`: approve a broadcast on the server, where no colleague can."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.failures import EXIT_FAILURE
from bot.cli.processes import run_command
from bot.errors import CommandError
from bot.settings import model
from bot.settings.model import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.broadcasts.server_approval import WaitingBroadcast

SHOWN_DIGITS = 12
"""How many digits of an id are shown, as in the chat."""

_STATES = {
    "draft": "a draft: its author can send it then",
    "scheduled": "held: it goes out at once",
    "paused": "paused, since its audience has grown: it goes on",
}


def approve(
    broadcast: Annotated[
        str, typer.Argument(help="The broadcast's id, as the chat shows it. Without: list them.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask, for scripts.")] = False,
) -> None:
    """Approve a broadcast, where no colleague can do it in the chat; or list what waits."""
    settings = model.load()
    found = run_command(_find(settings, broadcast))
    if not broadcast:
        for each in found:
            typer.echo(f"{each.broadcast.id[:SHOWN_DIGITS]}  {_STATES[each.state]}")
        if not found:
            typer.echo("No broadcast waits for approval.")
        return
    if len(found) != 1:
        raise CommandError(
            "No broadcast with this id waits for approval."
            if not found
            else "Several broadcasts have an id that begins like this.",
            fix="Run: actionbot approve",
            where=broadcast,
        )
    (waits,) = found
    for language, text in waits.words.items():
        typer.echo(f"--- {language}\n{text}")
    typer.echo("---")
    typer.echo(f"For: {_audience(waits)}. It is {_STATES[waits.state]}.")
    if not yes and not typer.confirm("Approve it?"):
        raise typer.Exit(EXIT_FAILURE)
    if not run_command(_approve(settings, waits)):
        raise CommandError(
            "It has changed in the meantime, and was not approved.",
            fix="Look at it again: run the same command.",
            where=broadcast,
        )
    typer.echo("Approved.")


def _audience(waits: "WaitingBroadcast") -> str:
    scope = waits.broadcast.audience.scope
    where = "all campaigns" if scope == "*" else scope
    if waits.broadcast.kind == "notice":
        return "everybody who is known"
    return f"{waits.people} subscribers of {where}" if waits.people else f"subscribers of {where}"


async def _find(settings: Settings, id_: str) -> "tuple[WaitingBroadcast, ...]":
    from bot.cli.database import maintenance
    from storage.broadcasts import server_approval

    async with maintenance.open_store(settings) as (database, vault, _):
        return await database.read(partial(server_approval.find_waiting, vault=vault, id_=id_))


async def _approve(settings: Settings, waits: "WaitingBroadcast") -> bool:
    from bot.cli.database import maintenance
    from storage.admin import audit
    from storage.broadcasts import server_approval

    about = waits.broadcast.id[:SHOWN_DIGITS]

    def approve_it(connection: "Connection") -> bool:
        done = server_approval.approve(connection, vault, waits, clock())
        if done:
            audit.add_command(connection, vault, "approve", clock(), about)
        return done

    async with maintenance.open_store(settings) as (database, vault, clock):
        return await database.transact(approve_it)
