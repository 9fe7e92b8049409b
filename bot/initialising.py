"""`actionbot init`: asks for what the bot needs, tries each answer, and writes the settings."""

import asyncio
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import typer

from bot.addresses import is_loopback, mailbox
from bot.checking import check_slug, make_campaign
from bot.doctor import server as servers
from bot.doctor import telegram
from bot.doctor.finding import PATIENCE, Finding, Tools, Well, silent
from bot.errors import Mistaken
from bot.mail.server import ServerUrlError
from bot.mail.server import server as parse_server
from bot.sources import location
from bot.telegram.request import TELEGRAM

_CAMPAIGNS = "campaigns"
_KEYS = "keys"
_HOST = re.compile(r"([\w.-]+|\[[0-9a-fA-F:]+\])(:\d+)?")

_NEXT = """
✓ {file} and {campaigns}/{slug}/ are written.

  1. Write the campaign's texts: {campaigns}/{slug}/campaign.toml and en.md
  2. actionbot check     tells what is still wrong in them
  3. actionbot doctor    tries all that mail needs to arrive, and tells the DNS records to paste
  4. actionbot run       starts the bot; the campaign is in test mode: letters come to {address}
  5. actionbot campaign live {slug}, once its file says test = false: letters reach the target

Letters come from addresses at {domain}: your mail server must be allowed to send for it.
"""


def initialise() -> None:
    """Ask, try, write. Raises Mistaken where there are settings already."""
    file = location(os.environ)
    if file.exists():
        raise Mistaken(
            "There are settings already.", mend="Edit them, or move them away.", where=file.name
        )
    if not file.parent.is_dir():
        raise Mistaken(f"There is no folder {file.parent}.", mend="Make it first.")
    typer.echo("What you type goes into one file that only you can read.\n")
    token = _token()
    server = _server()
    address = _asked("The address that mail comes from; a person reads it", mailbox)
    slug = _asked("A short name for the first campaign", check_slug, default="my-campaign")
    _write(file, token, server, address)
    if not (file.parent / _CAMPAIGNS / slug).exists():
        make_campaign(file.parent / _CAMPAIGNS, slug)
    domain = address.rpartition("@")[2]
    typer.echo(
        _NEXT.format(
            file=file.name, campaigns=_CAMPAIGNS, slug=slug, domain=domain, address=address
        )
    )


def _token() -> str:
    api = os.environ.get("ACTIONBOT_TELEGRAM__API", TELEGRAM)
    while True:
        token = str(typer.prompt("The bot's token, from @BotFather", hide_input=True)).strip()
        if _is_kept(asyncio.run(telegram.who(token, api))):
            return token


def _server() -> str:
    while True:
        host = _asked("The mail server, as host:port (465: TLS, 587: STARTTLS)", _host)
        user = str(typer.prompt("Its user; empty for none", default="", show_default=False)).strip()
        password = str(typer.prompt("The password", hide_input=True)) if user else ""
        url = _url(host, user, password)
        if _is_kept(asyncio.run(_tried(url))):
            return url


async def _tried(url: str) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            finding, *_ = await servers.mail_server(url, Tools())
    except TimeoutError:
        return silent("mail server", PATIENCE)
    return finding


def _host(text: str) -> str:
    try:
        parse_server(_url(text, "", ""))
    except ServerUrlError:
        text = ""
    if not _HOST.fullmatch(text):
        raise ValueError("This is no server. Write it like mail.example.org:465")
    return text


def _url(host: str, user: str, password: str) -> str:
    """Return the address of a mail server, encrypted unless it is on this machine."""
    name, _, port = host.rpartition(":")
    if port == "587":
        scheme = "smtp"
    elif is_loopback(name or host) and port != "465":
        scheme = "smtp+plain"
    else:
        scheme = "smtps"
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
    return f"{scheme}://{login}{host}"


def _asked(question: str, read: Callable[[str], str], default: str | None = None) -> str:
    """Ask until `read` takes the answer."""
    while True:
        try:
            return read(str(typer.prompt(question, default=default)).strip())
        except Mistaken as mistaken:
            typer.echo(f"✗ {mistaken}")
        except ValueError as error:
            typer.echo(f"✗ {error}")


def _is_kept(finding: Finding) -> bool:
    bad = finding.well is Well.BAD
    typer.echo(f"{'✗' if bad else '✓'} {finding.seen} {finding.mend}".rstrip())
    return not bad or typer.confirm("Keep it all the same?", default=False)


def _write(file: Path, token: str, server: str, address: str) -> None:
    content = (
        f"[telegram]\ntoken = {json.dumps(token, ensure_ascii=False)}\n\n"
        f"[smtp]\nurl = {json.dumps(server)}\n\n"
        f"[mail]\naddress = {json.dumps(address)}\n\n"
        '[database]\nurl = "sqlite:///actionbot.db"\n\n'
        f'[campaigns]\nfolder = "{_CAMPAIGNS}"\n\n'
        "# Without this file nothing personal can be read: back it up apart from the database.\n"
        f'[keys]\nfile = "{_KEYS}/actionbot.keys"\n'
    )
    (file.parent / _KEYS).mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as settings:
        settings.write(content)
