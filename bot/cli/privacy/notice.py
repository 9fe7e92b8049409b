"""`actionbot notice`: tell everybody whom the bot knows about their data."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.failures import EXIT_FAILURE
from bot.cli.processes import run_command
from bot.errors import CommandError
from bot.settings import model
from bot.settings.model import Settings
from conversations.model.mistakes import describe_file_error

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conversations.core.facts import Deployment
    from conversations.model.broadcast import Broadcast


def notice(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="One text file per language, such as en.txt. The first is the default."
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask, for scripts.")] = False,
) -> None:
    """Send a notice about people's data to everybody whom the bot knows, subscribed or not.

    Use it after a data breach. In the chat, two admins do the same with /notice.
    """
    from conversations.core.notices import new_notice

    settings = model.load()
    deployment = load_deployment(settings)
    written = new_notice(secrets.token_hex(16), dict(_read(deployment, each) for each in files))
    send_notice(settings, deployment, written, "notice", yes=yes)


def load_deployment(settings: Settings) -> "Deployment":
    """Return the campaigns, without a connection to Telegram. Raises CommandError."""
    from bot.cli.setup.campaign_versions import load_campaigns
    from bot.startup import use_own_wording
    from conversations.core.facts import Deployment

    use_own_wording(settings)
    campaigns = run_command(load_campaigns(settings))
    if not campaigns:
        raise CommandError(
            "The notice names the organisation of a campaign, and there is none.",
            fix="Run: actionbot check",
            where="campaigns",
        )
    return Deployment(campaigns, "", settings.mail.address, settings.mail.test_address)


def send_notice(
    settings: Settings,
    deployment: "Deployment",
    written: "Broadcast",
    command: str,
    *,
    yes: bool = False,
) -> None:
    """Show the notice, ask, and let the bot send it. The audit log names `command`."""
    from conversations.core.notices import framed
    from conversations.text.html import plain

    for language in written.versions:
        typer.echo(f"--- {language}\n{plain(framed(deployment, written, language))}")
    typer.echo("---")
    known = run_command(_count(settings))
    if not yes and not typer.confirm(f"Send it to everybody who is known (about {known})?"):
        raise typer.Exit(EXIT_FAILURE)
    run_command(_send(settings, written, command))
    typer.echo("The running bot sends it now. /broadcasts in the chat shows how far.")


def _read(deployment: "Deployment", file: Path) -> tuple[str, str]:
    """Return the language and the text of a file. Raises CommandError."""
    from conversations.core.notices import MAX_NOTICE, find_problem
    from conversations.text.languages import DEFAULT, offered
    from conversations.text.wording import Wording

    if file.stem not in offered():
        fix = f"Name it after a language: {', '.join(f'{each}.txt' for each in offered())}"
        raise CommandError("This isn't the name of a language.", fix=fix, where=file.name)
    try:
        text = file.read_text("utf-8").strip()
    except OSError as error:
        problem, fix = describe_file_error(error)
        raise CommandError(problem, fix=fix, where=str(file)) from None
    except UnicodeDecodeError:
        raise CommandError(
            "It isn't UTF-8 text.", fix="Save it as UTF-8.", where=str(file)
        ) from None
    if problem := find_problem(deployment, text):
        said = Wording(DEFAULT).label(problem, most=MAX_NOTICE)
        raise CommandError(said, fix="Change the file.", where=str(file))
    return file.stem, text


async def _count(settings: Settings) -> int:
    from bot.cli.database import maintenance
    from storage.broadcasts.recipients import of_notices

    async with maintenance.open_existing_database(settings) as database:
        return await database.read(of_notices.count)


async def _send(settings: Settings, written: "Broadcast", command: str) -> None:
    from bot.cli.database import maintenance
    from storage.admin import audit
    from storage.broadcasts import notices

    def send_it(connection: "Connection") -> None:
        notices.send_from_server(connection, vault, written, clock())
        audit.add_command(connection, vault, command, clock())

    async with maintenance.open_store(settings) as (database, vault, clock):
        await database.transact(send_it)
