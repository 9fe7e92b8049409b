"""`actionbot init`: asks for what the bot needs, tries each answer, and writes the settings."""

import asyncio
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote

import typer

from bot.cli.campaign_folders import check_slug, create_campaign
from bot.doctor import (
    authentication,
    database,
    report,
    return_path,
    telegram,
)
from bot.doctor import server as servers
from bot.doctor.finding import (
    CHECK_TIMEOUT,
    CheckContext,
    Finding,
    Status,
    timed_out,
)
from bot.errors import CommandError
from bot.mail.smtp.server import ServerUrlError
from bot.mail.smtp.server import parse_smtp_url as parse_server
from bot.settings.addresses import (
    TELEGRAM_API,
    domain_of,
    is_loopback,
    parse_mailbox,
)
from bot.settings.model import Settings
from bot.settings.setting_origins import SettingsSource, settings_file
from storage.engine.urls import DatabaseUrlError, parse, translate

_CAMPAIGNS = "campaigns"
_KEYS = "keys"
_HOST = re.compile(r"([\w.-]+|\[[0-9a-fA-F:]+\])(:\d+)?")

Findings = tuple[Finding, ...]
Sections = dict[str, dict[str, str]]

_SQLITE = "sqlite:///actionbot.db"

_NEXT = """
✓ {file} and {campaigns}/{slug}/ are written.

  1. Write the campaign's texts: {campaigns}/{slug}/campaign.toml and en.md
  2. actionbot check     tells what is still wrong in them
  3. actionbot doctor    tries all that mail needs to arrive, and tells the DNS records to paste
  4. actionbot run       starts the bot; the campaign is in test mode: letters come to {address}
  5. actionbot campaign live {slug}, once its file says test = false: letters reach the target

Letters come from addresses at {domain}: your mail server must be allowed to send for it.
"""


def initialise(tools: CheckContext | None = None) -> None:
    """Ask, try, write. Raises Mistaken where there are settings already.

    Where standard input is no terminal, the answers are read from its lines, in the same order.
    """
    tools = tools or CheckContext()
    file = settings_file(os.environ)
    if file.exists():
        raise CommandError(
            "There are settings already.", fix="Edit them, or move them away.", where=file.name
        )
    if not file.parent.is_dir():
        raise CommandError(f"There is no folder {file.parent}.", fix="Make it first.")
    typer.echo("What you type goes into one file that only you can read.\n")
    given: Sections = {"telegram": {"token": _token()}, "smtp": {"url": _server(tools)}}
    given["mail"] = {"address": _address(given, file, tools)}
    given["database"] = {"url": _database(given, file)}
    given["campaigns"] = {"folder": _CAMPAIGNS}
    given["keys"] = {"file": f"{_KEYS}/actionbot.keys"}
    slug = _asked("A short name for the first campaign", check_slug, default="my-campaign")
    _write(file, given)
    if not (file.parent / _CAMPAIGNS / slug).exists():
        create_campaign(file.parent / _CAMPAIGNS, slug)
    address = given["mail"]["address"]
    typer.echo(
        _NEXT.format(
            file=file.name,
            campaigns=_CAMPAIGNS,
            slug=slug,
            domain=domain_of(address),
            address=address,
        )
    )


def _token() -> str:
    api = os.environ.get("ACTIONBOT_TELEGRAM__API", TELEGRAM_API)
    while True:
        token = _secret("The bot's token, from @BotFather")
        if _is_kept((asyncio.run(telegram.check_token(token, api)),)):
            return token


def _address(given: Sections, file: Path, tools: CheckContext) -> str:
    while True:
        address = _asked("The address that mail comes from; a person reads it", parse_mailbox)
        settings = _settings(given | {"mail": {"address": address}}, file)

        async def look(settings: Settings = settings) -> Findings:
            """Look whether mail may come from there, and whether it takes mail."""
            sends = authentication.spf(settings, tools)
            takes = return_path.mx(settings.mail, settings.mail.domain, tools)
            return tuple(each for found in await asyncio.gather(sends, takes) for each in found)

        if _is_kept(asyncio.run(_in_time("DNS", look))):
            return address


def _database(given: Sections, file: Path) -> str:
    question = "The database: a file of SQLite, or postgresql://user@host/name"
    while True:
        url = _asked(question, _database_url, default=_SQLITE)
        settings = _settings(given | {"database": {"url": url}}, file)
        if _is_kept(asyncio.run(_in_time("database", partial(database.database, settings)))):
            return url


def _database_url(text: str) -> str:
    """Return the address of a database; its password is asked for, where a server wants one."""
    try:
        url = parse(text)
        if url.drivername == "sqlite":
            return text
        translate(url)
    except DatabaseUrlError as error:
        raise ValueError(error) from None
    if url.password is None and (password := _secret("Its password; empty for none")):
        url = url.set(password=password)
    return str(url.render_as_string(hide_password=False))


def _settings(given: Sections, file: Path) -> Settings:
    """Return the settings, as far as they are given. Raises Mistaken."""
    settings, mistakes = Settings.read(SettingsSource(file, dict(given), {}))
    if settings is None:
        raise CommandError(mistakes)
    return settings


def _secret(question: str) -> str:
    """Ask for what nobody who looks on should read."""
    if sys.stdin.isatty():
        return str(typer.prompt(question, hide_input=True, default="", show_default=False)).strip()
    typer.echo(f"{question}:")
    if not (line := sys.stdin.readline()):
        raise typer.Abort
    return line.strip()


def _server(tools: CheckContext) -> str:
    while True:
        host = _asked("The mail server, as host:port (465: TLS, 587: STARTTLS)", _host)
        user = str(typer.prompt("Its user; empty for none", default="", show_default=False)).strip()
        url = _url(host, user, _secret("The password") if user else "")
        look = partial(servers.mail_server, url, tools)
        if _is_kept(asyncio.run(_in_time("mail server", look))):
            return url


async def _in_time(what: str, look: Callable[[], Awaitable[Findings]]) -> Findings:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            return await look()
    except TimeoutError:
        return (timed_out(what, CHECK_TIMEOUT),)


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
        except CommandError as mistaken:
            typer.echo(f"✗ {mistaken}")
        except ValueError as error:
            typer.echo(f"✗ {error}")


def _is_kept(findings: Findings) -> bool:
    """Show what was found; where something is wrong, ask whether the answer is kept."""
    for each in findings:
        for line in report.finding_lines(each):
            typer.echo(line)
        for record in each.records:
            typer.echo("\n".join(record.lines()))
    bad = any(each.status is Status.BAD for each in findings)
    return not bad or typer.confirm("Keep it all the same?", default=False)


def _write(file: Path, given: Sections) -> None:
    """Write the settings, for their owner alone."""
    blocks = [
        f"[{name}]\n"
        + "".join(f"{key} = {json.dumps(each, ensure_ascii=False)}\n" for key, each in keys.items())
        for name, keys in given.items()
    ]
    warning = (
        "# Without this file nothing personal can be read: back it up apart from the database.\n"
    )
    content = "\n".join(warning + each if each.startswith("[keys]") else each for each in blocks)
    (file.parent / _KEYS).mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as settings:
        settings.write(content)
