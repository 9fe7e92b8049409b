"""`actionbot demo`: the whole bot on this machine, without a token and without an account."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.local_port import require_free
from bot.cli.processes import run_service
from bot.errors import CommandError


def demo(
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port to serve the page on; 0 picks a free one.")
    ] = 8080,
    campaigns: Annotated[
        Path | None, typer.Option(help="Folder of campaigns to use instead of the sample.")
    ] = None,
    empty: Annotated[
        bool, typer.Option("--empty", help="Start without the two weeks of invented history.")
    ] = False,
) -> None:
    """Try the whole bot on this machine: no token, no account."""
    from bot.cli.setup.campaign_folders import require_campaigns

    if campaigns is not None:
        require_campaigns(campaigns, "actionbot demo --campaigns")
        campaigns = campaigns.expanduser().resolve()
    require_free(port, "actionbot demo")
    run_service(_play(port, campaigns, with_history=not empty))


async def _play(port: int, campaigns: Path | None, *, with_history: bool) -> None:
    from bot.playground.demo import SAMPLES, playground

    try:
        async with playground(port, campaigns or SAMPLES, with_history=with_history) as running:
            typer.echo(f"\n  The playground is at {running.site.url}")
            typer.echo("  Nothing leaves this machine. Press Ctrl-C to stop.\n")
            await asyncio.get_running_loop().create_future()
    except OSError as error:
        raise CommandError(
            f"The demo can't use this machine's files or ports ({type(error).__name__}).",
            fix="Check free space and the permissions of the folder for temporary files.",
        ) from None
