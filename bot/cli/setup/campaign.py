"""`actionbot campaign …`: create folders, mark translations as up to date, go live."""

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from bot.cli.failures import EXIT_FAILURE
from bot.cli.printing import out
from bot.cli.processes import run_command
from bot.errors import CommandError
from bot.settings import model
from bot.settings.setting_origins import settings_file
from conversations.folder.new_campaign import Template

if TYPE_CHECKING:
    from bot.cli.setup.campaign_page import ImportedPage

log = structlog.get_logger()

campaigns = typer.Typer(
    no_args_is_help=True,
    help="Create campaign folders, publish and pull them, mark translations, go live.",
)


@campaigns.command("new")
def create_new(
    slug: Annotated[str, typer.Argument(help="A short name in lower case: save-the-river")],
    page: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="A page to start from: .txt, .md or .docx."),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(metavar="TAG", help="The language of its texts: pt, zh-Hant."),
    ] = None,
    template: Annotated[
        Template, typer.Option(help="Whom the letters go to.")
    ] = Template.GOVERNMENT,
) -> None:
    """Create a campaign folder to start from, with the texts of an existing page if you like.

    The bot guesses which part of the page is title, story, ask and demands. It leaves out what the
    page says about privacy and about who sends the letter: the bot's own sentences are true.
    """
    from bot.cli.setup.campaign_folders import check_slug, write_campaign
    from bot.cli.setup.campaign_page import check_language, import_page
    from conversations.folder.new_campaign import SKELETON_LANGUAGE, new_campaign

    check_slug(slug)
    tag = check_language(language) if language else None
    if page is None:
        files = new_campaign(slug, tag or SKELETON_LANGUAGE, template)
        folder = write_campaign(_campaigns_folder(), files)
    else:
        imported = import_page(page, slug, tag, template)
        folder = write_campaign(_campaigns_folder(), imported.files)
        _show_import(imported)
    check = "actionbot check"
    if not settings_file(os.environ).exists():
        check = f"actionbot check --campaigns {shlex.quote(str(folder.parent))}"
    typer.echo(f"Created {folder}. Write its texts, then run: {check}")


@campaigns.command("stamp")
def stamp_campaign(
    slug: Annotated[str, typer.Argument(help="The campaign whose translations are up to date.")],
) -> None:
    """Mark a campaign's translations as up to date with the original."""
    from bot.cli.setup.campaign_folders import mark_translations

    marked = mark_translations(_campaigns_folder(), slug)
    for path in marked:
        typer.echo(f"Marked as up to date: {path.name}")
    if not marked:
        typer.echo("All translations were already marked.")


@campaigns.command("publish")
def publish_campaign(
    slug: Annotated[str, typer.Argument(help="The campaign whose folder is published.")],
) -> None:
    """Publish a campaign's folder, so that supporters see it.

    A running bot publishes a changed folder by itself. Use this for files that were published
    before, or where no bot watches the folder.
    """
    from bot.cli.setup.campaign_versions import publish

    published = run_command(publish(model.load(), slug))
    typer.echo(f"Version {published.number} of {slug} is published.")
    for line in published.changes:
        typer.echo(line)


@campaigns.command("pull")
def pull_campaign(
    slug: Annotated[str, typer.Argument(help="The campaign to write into its folder.")],
    mine: Annotated[
        bool, typer.Option("--mine", help="Where both changed the same, keep the folder's.")
    ] = False,
    newest: Annotated[
        bool, typer.Option("--newest", help="Where both changed the same, take the published.")
    ] = False,
) -> None:
    """Write the newest version of a campaign into its folder.

    What you changed in the folder since you last pulled or published stays.
    """
    from bot.cli.setup.campaign_versions import pull

    if mine and newest:
        raise CommandError("You asked for both.", fix="Choose one: --mine or --newest")
    prefer = "mine" if mine else "newest" if newest else ""
    pulled = run_command(pull(model.load(), slug, prefer=prefer))
    for name in pulled.changed:
        typer.echo(f"Changed: {slug}/{name}")
    typer.echo(f"The folder has version {pulled.number} of {slug}.")


@campaigns.command("live")
def go_live(
    slug: Annotated[str, typer.Argument(help="The campaign to take live.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask, for scripts.")] = False,
) -> None:
    """Take a campaign live: this ends test mode and deletes its test letters.

    Set test = false in its file first. A running bot picks it up at once.
    """
    from bot.cli.database import maintenance
    from bot.cli.setup.campaign_versions import open_finished
    from bot.services.campaigns import campaign_mode

    settings = model.load()
    campaign = run_command(open_finished(settings, slug))

    async def require_ready() -> None:
        async with maintenance.open_store(settings) as (database, vault, _):
            await campaign_mode.require_ready(database, vault, campaign, settings.mail)

    async def end_test_mode() -> int:
        async with maintenance.open_store(settings) as (database, vault, clock):
            await campaign_mode.require_ready(database, vault, campaign, settings.mail)
            return await campaign_mode.go_live(database, vault, slug, clock())

    run_command(require_ready())
    typer.echo("\n".join(campaign_mode.summary(campaign)))
    # Asked while no event loop runs: it would keep Ctrl-C from ending the question.
    if not yes and not typer.confirm("From now on letters will go to the target. Go live?"):
        typer.echo("Still in test mode.")
        raise typer.Exit(EXIT_FAILURE)
    deleted = run_command(end_test_mode())
    log.info("campaign live", campaign=slug)
    typer.echo(f"{slug} is live. Test letters deleted: {deleted}")


def _campaigns_folder() -> Path:
    return model.campaigns_folder() or Path("campaigns")


def _show_import(imported: "ImportedPage") -> None:
    """Print what of a page went where, what was left out, and what is still to be written."""
    from bot.cli.setup import page_table
    from bot.cli.setup.campaign_page import still_to_do
    from conversations.text.languages import own_name

    out.print(page_table.page_table(imported.proposal))
    out.print()
    typer.echo("\n".join(page_table.notes(still_to_do(imported.files))))
    typer.echo(f"The language is {own_name(imported.language)} ({imported.language}).")
