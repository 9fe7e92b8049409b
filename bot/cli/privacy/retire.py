"""The steps of a bot's end: announce it, wait, and wipe everything."""

import os
import secrets
from dataclasses import replace
from datetime import timedelta

import typer

from bot.cli.database import maintenance
from bot.cli.failures import EXIT_FAILURE
from bot.cli.privacy import retirement
from bot.cli.privacy.notice import load_deployment, send_notice
from bot.cli.privacy.retirement import Retirement
from bot.cli.processes import run_command
from bot.clock import utc_now
from bot.errors import CommandError
from bot.settings import model
from bot.settings.model import Settings
from bot.settings.setting_origins import settings_file
from conversations.core.notices import new_notice
from conversations.text.languages import offered
from conversations.text.wording import Wording

CONFIRMATION = "wipe everything"
"""What must be typed before everything is wiped."""


def retire(days: int, *, now: bool, cancel: bool) -> None:
    """Do the next step: announce the end, wait, wipe, or call it off."""
    settings = model.load()
    begun = retirement.load(settings)
    today = utc_now().date()
    if cancel:
        _call_off(settings, begun)
    elif begun is not None and begun.wiping:
        _wipe(settings, begun)
    elif now or (begun is not None and begun.wipe_on <= today):
        wiped = begun or Retirement(today, notice="")
        if not wiped.announced:
            typer.echo("! Nobody was told that the bot ends.", err=True)
        typer.echo("All data and keys are destroyed. There is no way back.")
        typed = typer.prompt(f"Type “{CONFIRMATION}” to go on", default="", show_default=False)
        if typed.strip() != CONFIRMATION:
            typer.echo("Nothing was wiped.")
            raise typer.Exit(EXIT_FAILURE)
        _wipe(settings, run_command(retirement.begin_wipe(settings, wiped)))
    elif begun is not None and begun.announced:
        typer.echo(f"Announced. Stop the bot on {begun.wipe_on} or later, then run this again.")
        typer.echo("To wipe today: --now. To call it off: --cancel.")
    else:
        _announce(settings, begun or Retirement(today + timedelta(days), secrets.token_hex(16)))


def _announce(settings: Settings, begun: Retirement) -> None:
    """Tell everybody, and note the day of the wipe. If this is interrupted, people hear it once."""
    wipe_on = begun.wipe_on
    deployment = load_deployment(settings)
    texts = {
        language: Wording(language).label("notice.retire", date=Wording(language).day(wipe_on))
        for language in offered()
    }
    retirement.save(settings, begun)
    send_notice(settings, deployment, new_notice(begun.notice, texts), "retire")
    retirement.save(settings, replace(begun, announced=True))
    typer.echo(f"Keep the bot running, so that everybody reads it. Stop it on {wipe_on} or later,")
    typer.echo("then run this again. Until then, close the campaigns in the chat: /campaigns")


def _call_off(settings: Settings, begun: Retirement | None) -> None:
    if begun is None:
        raise CommandError("The bot isn't being retired.")
    if begun.wiping:
        raise CommandError("The wipe has begun.", fix="Run again without --cancel, to finish it.")
    run_command(maintenance.note(settings, "retire --cancel"))
    retirement.call_off(settings)
    typer.echo("Called off. If people were told, tell them that the bot goes on: actionbot notice")


def _wipe(settings: Settings, begun: Retirement) -> None:
    report = settings_file(os.environ).parent / f"actionbot-retired-{utc_now().date()}.md"
    retirement.destroy_keys(settings)
    run_command(retirement.delete_database(settings))
    retirement.write_report(settings, begun, report)
    typer.echo(report.read_text("utf-8"), nl=False)
    typer.echo(f"\nThis report is in {report}.")
