"""`actionbot campaign …`: folders to start from, translations, and the end of a test."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.printing import WENT_WRONG
from bot.settings import model

campaigns = typer.Typer(no_args_is_help=True, help="Make and mend campaign folders.")


@campaigns.command("new")
def new_campaign(
    slug: Annotated[str, typer.Argument(help="Its short name, in small letters: save-the-river")],
) -> None:
    """Make a campaign folder to start from."""
    from bot.cli.campaign_folders import create_campaign

    folder = create_campaign(_campaigns_folder(), slug)
    typer.echo(f"{folder} is made. Write its texts, then type: actionbot check")


@campaigns.command("stamp")
def stamp_campaign(
    slug: Annotated[str, typer.Argument(help="The campaign whose translations are up to date.")],
) -> None:
    """Note that a campaign's translations are in line with the original as it is now."""
    from bot.cli.campaign_folders import mark_translations

    stamped = mark_translations(_campaigns_folder(), slug)
    for path in stamped:
        typer.echo(f"{path.name} is stamped.")
    if not stamped:
        typer.echo("All translations were stamped already.")


@campaigns.command("live")
def go_live(
    slug: Annotated[str, typer.Argument(help="The campaign that was tested and goes live.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, for scripts.")] = False,
) -> None:
    """Confirm that a campaign goes live: its test mode ends, and its tests are erased.

    Its file says test = false first. A bot that runs takes it in at once.
    """
    from bot.cli import maintenance
    from bot.cli.campaign_folders import open_campaign
    from bot.clock import utc_now
    from bot.services.housekeeping import campaign_mode

    given = model.load()
    campaign = open_campaign(given.campaigns.folder, slug)

    async def confirm() -> None:
        async with maintenance.open_existing_database(given) as database:
            await campaign_mode.require_ready(database, campaign, given.mail)
            typer.echo("\n".join(campaign_mode.summary(campaign)))
            if not yes and not typer.confirm("From now on letters reach the target. Go live?"):
                typer.echo("It stays in test mode.")
                raise typer.Exit(WENT_WRONG)
            erased = await campaign_mode.go_live(database, slug, utc_now())
            typer.echo(f"{slug} is live. Tests that are erased: {erased}")

    asyncio.run(confirm())


def _campaigns_folder() -> Path:
    return model.campaigns_folder() or Path("campaigns")
