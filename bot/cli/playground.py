"""`actionbot playground`: the embedded Telegram alone, for other people's bots and tests."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.local_port import require_free
from bot.cli.processes import run_service
from bot.errors import CommandError

if TYPE_CHECKING:
    from bot.playground.bots import Bots


def playground(
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port to serve on; 0 picks a free one.")
    ] = 8088,
    token: Annotated[
        list[str] | None,
        typer.Option(help="Accept this token only; can be repeated. By default any token."),
    ] = None,
    no_rate_limit: Annotated[
        bool, typer.Option("--no-rate-limit", help="Accept more than 30 messages a second.")
    ] = False,
) -> None:
    """Serve a Telegram on this machine for any bot: a Bot API, and a page to chat with it.

    Any token makes a bot, such as `123456:any-secret`. Point your bot's library to the address
    that is printed. Nothing leaves this machine, and everything is forgotten at the end.
    """
    from bot.playground.bots import Bots

    try:
        bots = Bots(token or (), flood=not no_rate_limit)
    except ValueError:
        raise CommandError(
            "These aren't tokens of different bots.",
            fix="A token is a number, a colon and a secret: 123456:any-secret",
            where="--token",
        ) from None
    require_free(port, "actionbot playground")
    run_service(_serve(bots, port))


async def _serve(bots: "Bots", port: int) -> None:
    from bot.playground.standalone import Standalone

    async with Standalone(bots, port) as running:
        typer.echo(f"\n  The Bot API is at {running.url}")
        typer.echo(f"  Open {running.url} in a browser to chat with your bot. Ctrl-C stops.\n")
        await asyncio.get_running_loop().create_future()
