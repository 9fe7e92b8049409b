"""`actionbot init`: asks for what the bot needs, tries each answer, and writes the settings."""

import asyncio
import json
import os
from pathlib import Path

import typer
from rich.console import Console

from bot.addresses import mailbox
from bot.checking import make_campaign
from bot.doctor import bot_name, smtp
from bot.errors import Mistaken
from bot.mail.smtp import ServerUrlError
from bot.mail.smtp import server as parse_server
from bot.sources import location
from bot.telegram.request import TELEGRAM

_CAMPAIGNS = Path("campaigns")


def initialise(out: Console) -> None:
    """Ask, try, write. Raises Mistaken where there are settings already."""
    file = location(os.environ)
    if file.exists():
        raise Mistaken(f"{file.name} is there already.", mend="Edit it, or move it away first.")
    out.print("\nFive questions. What you type goes into one file that only you can read.\n")
    token = _token(out)
    server = _server(out)
    address = _address(out)
    domain = address.rpartition("@")[2]
    slug = typer.prompt("A short name for the first campaign", default="my-campaign")
    _write(file, token, server, address)
    if not (_CAMPAIGNS / slug).exists():
        make_campaign(file.parent / _CAMPAIGNS, slug)
    out.print(f"\n[green]✓[/green] {file.name} and {_CAMPAIGNS}/{slug}/ are written.")
    out.print(f"  1. Write the campaign's texts in {_CAMPAIGNS}/{slug}/en.md")
    out.print("  2. actionbot check     tells what is still wrong")
    out.print("  3. actionbot doctor    tries Telegram, mail and database")
    out.print("  4. actionbot run       starts the bot")
    out.print(f"  Letters come from addresses at {domain}: let its mail server send for you.\n")


def _token(out: Console) -> str:
    api = os.environ.get("ACTIONBOT_TELEGRAM__API", TELEGRAM)
    while True:
        token = typer.prompt("The bot's token, from @BotFather", hide_input=True).strip()
        with out.status("Asking Telegram …"):
            name, why = asyncio.run(bot_name(token, api))
        if name:
            out.print(f"[green]✓[/green] The bot is @{name}.")
            return str(token)
        out.print(f"[red]✗[/red] {why}")
        if typer.confirm("Keep it all the same?", default=False):
            return str(token)


def _server(out: Console) -> str:
    while True:
        url = typer.prompt(
            "The mail server: smtps://user:password@host:465", hide_input=True
        ).strip()
        try:
            parse_server(url)
        except ServerUrlError as error:
            out.print(f"[red]✗[/red] {error}")
            continue
        with out.status("Logging in …"):
            finding = asyncio.run(smtp(url))
        if finding.well:
            out.print("[green]✓[/green] Connected and logged in.")
            return str(url)
        out.print(f"[red]✗[/red] {finding.seen}")
        if typer.confirm("Keep it all the same?", default=False):
            return str(url)


def _address(out: Console) -> str:
    while True:
        try:
            return mailbox(typer.prompt("The address that mail comes from, read by a person"))
        except ValueError as error:
            out.print(f"[red]✗[/red] {error}")


def _write(file: Path, token: str, server: str, address: str) -> None:
    content = (
        f"[telegram]\ntoken = {json.dumps(token)}\n\n"
        f"[smtp]\nurl = {json.dumps(server)}\n\n"
        f"[mail]\naddress = {json.dumps(address)}\n\n"
        '[database]\nurl = "sqlite:///actionbot.db"\n\n'
        f'[campaigns]\nfolder = "{_CAMPAIGNS}"\n\n'
        "# Without this file nothing personal can be read. Never keep it with the database.\n"
        '[keys]\nfile = "actionbot.keys"\n'
    )
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as settings:
        settings.write(content)
