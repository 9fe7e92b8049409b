"""`actionbot init`: ask for the settings, test each answer, and write them to a file."""

import asyncio
import json
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote

import typer

from bot.cli.campaign_folders import check_slug, create_campaign
from bot.doctor import authentication, database, report, return_path, server, telegram
from bot.doctor.checks import with_timeout
from bot.doctor.finding import CHECK_TIMEOUT, CheckContext, Finding, Status
from bot.errors import CommandError
from bot.mail.smtp.server import ServerUrlError, parse_smtp_url
from bot.settings.addresses import TELEGRAM_API, domain_of, is_loopback, parse_mailbox
from bot.settings.model import Settings
from bot.settings.setting_origins import SettingsSource, settings_file
from storage.engine.urls import DatabaseUrlError, parse, translate

_CAMPAIGNS_FOLDER = "campaigns"
_KEYS_FOLDER = "keys"
_DEFAULT_DATABASE = "sqlite:///actionbot.db"
_HOST_AND_PORT = re.compile(r"([\w.-]+|\[[0-9a-fA-F:]+\])(:\d+)?")

Findings = tuple[Finding, ...]
Sections = dict[str, dict[str, str]]
"""The settings by section and key, as they are written to the file."""

_NEXT_STEPS = """
✓ Created {file} and {campaigns}/{slug}/

  1. Write the campaign's texts: {campaigns}/{slug}/campaign.toml and en.md
  2. actionbot check     lists what still needs fixing
  3. actionbot doctor    tests all that mail delivery needs, and prints the DNS records to add
  4. actionbot run       starts the bot; the campaign is in test mode: letters go to {address}
  5. actionbot campaign live {slug}, once its file says test = false: letters go to the target

Letters are sent from addresses at {domain}: your mail server must be allowed to send for it.
"""


def initialise(context: CheckContext | None = None) -> None:
    """Ask, test and write the settings. Raises CommandError if there are settings already.

    If standard input is not a terminal, the answers are read from its lines, in the same order.
    """
    context = context or CheckContext()
    file = settings_file(os.environ)
    if file.exists():
        raise CommandError(
            "The file already exists.", fix="Edit it, or move it away.", where=file.name
        )
    if not file.parent.is_dir():
        raise CommandError(f"There is no folder {file.parent}.", fix="Create it first.")
    typer.echo("Your answers are saved in one file that only you can read.\n")
    sections: Sections = {
        "telegram": {"token": _ask_token()},
        "smtp": {"url": _ask_mail_server(context)},
    }
    sections["mail"] = {"address": _ask_address(sections, file, context)}
    sections["database"] = {"url": _ask_database(sections, file)}
    sections["campaigns"] = {"folder": _CAMPAIGNS_FOLDER}
    sections["keys"] = {"file": f"{_KEYS_FOLDER}/actionbot.keys"}
    slug = _ask("A short name for the first campaign", check_slug, default="my-campaign")
    _write(file, sections)
    if not (file.parent / _CAMPAIGNS_FOLDER / slug).exists():
        create_campaign(file.parent / _CAMPAIGNS_FOLDER, slug)
    address = sections["mail"]["address"]
    typer.echo(
        _NEXT_STEPS.format(
            file=file.name,
            campaigns=_CAMPAIGNS_FOLDER,
            slug=slug,
            domain=domain_of(address),
            address=address,
        )
    )


def _ask_token() -> str:
    api = os.environ.get("ACTIONBOT_TELEGRAM__API", TELEGRAM_API)
    while True:
        token = _ask_secret("The bot's token, from @BotFather")
        if _is_accepted((asyncio.run(telegram.check_token(token, api)),)):
            return token


def _ask_mail_server(context: CheckContext) -> str:
    """Return the mail server's URL, with user and password."""
    while True:
        host = _ask("Mail server, as host:port (465: TLS, 587: STARTTLS)", _parse_host)
        question = "User name (leave empty for none)"
        user = str(typer.prompt(question, default="", show_default=False)).strip()
        url = _smtp_url(host, user, _ask_secret("Password") if user else "")
        check = partial(server.mail_server, url, context)
        if _is_accepted(asyncio.run(with_timeout("mail server", check, CHECK_TIMEOUT))):
            return url


def _ask_address(sections: Sections, file: Path, context: CheckContext) -> str:
    question = "Address that codes come from and abuse reports go to (someone must read it)"
    while True:
        address = _ask(question, parse_mailbox)
        settings = _read_settings(sections | {"mail": {"address": address}}, file)

        async def check(settings: Settings = settings) -> Findings:
            """Check that mail may come from the domain, and that the domain accepts mail."""
            sends = authentication.spf(settings, context)
            receives = return_path.mx(settings.mail, settings.mail.domain, context)
            findings = await asyncio.gather(sends, receives)
            return tuple(finding for found in findings for finding in found)

        if _is_accepted(asyncio.run(with_timeout("DNS", check, CHECK_TIMEOUT))):
            return address


def _ask_database(sections: Sections, file: Path) -> str:
    question = "Database: an SQLite file, or postgresql://user@host/name"
    while True:
        url = _ask(question, _parse_database_url, default=_DEFAULT_DATABASE)
        settings = _read_settings(sections | {"database": {"url": url}}, file)
        check = partial(database.database, settings)
        if _is_accepted(asyncio.run(with_timeout("database", check, CHECK_TIMEOUT))):
            return url


def _parse_database_url(text: str) -> str:
    """Return the URL of a database, after asking for a password if a server may need one."""
    try:
        url = parse(text)
        if url.drivername == "sqlite":
            return text
        translate(url)
    except DatabaseUrlError as error:
        raise ValueError(error) from None
    if url.password is None and (password := _ask_secret("Password (leave empty for none)")):
        url = url.set(password=password)
    return str(url.render_as_string(hide_password=False))


def _parse_host(text: str) -> str:
    """Return `text` if it is a host with an optional port. Raises ValueError."""
    try:
        parse_smtp_url(_smtp_url(text, "", ""))
    except ServerUrlError:
        text = ""
    if not _HOST_AND_PORT.fullmatch(text):
        raise ValueError("This isn't a valid server. Write it like mail.example.org:465")
    return text


def _smtp_url(host: str, user: str, password: str) -> str:
    """Return the URL of a mail server, encrypted unless the server is on this machine."""
    name, _, port = host.rpartition(":")
    if port == "587":
        scheme = "smtp"
    elif is_loopback(name or host) and port != "465":
        scheme = "smtp+plain"
    else:
        scheme = "smtps"
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
    return f"{scheme}://{login}{host}"


def _read_settings(sections: Sections, file: Path) -> Settings:
    """Return the settings from the answers so far. Raises CommandError."""
    settings, mistakes = Settings.read(SettingsSource(file, dict(sections), {}))
    if settings is None:
        raise CommandError(mistakes)
    return settings


def _ask(question: str, parse_answer: Callable[[str], str], default: str | None = None) -> str:
    """Ask until `parse_answer` accepts the answer, and return what it makes of it."""
    while True:
        try:
            return parse_answer(str(typer.prompt(question, default=default)).strip())
        except (CommandError, ValueError) as error:
            typer.echo(f"✗ {error}")


def _ask_secret(question: str) -> str:
    """Ask without showing what is typed."""
    if sys.stdin.isatty():
        return str(typer.prompt(question, hide_input=True, default="", show_default=False)).strip()
    typer.echo(f"{question}:")
    if not (line := sys.stdin.readline()):
        raise typer.Abort
    return line.strip()


def _is_accepted(findings: Findings) -> bool:
    """Show the findings; if one is a problem, ask whether to keep the answer anyway."""
    for finding in findings:
        for line in report.finding_lines(finding):
            typer.echo(line)
        for record in finding.records:
            typer.echo("\n".join(record.lines()))
    bad = any(finding.status is Status.BAD for finding in findings)
    return not bad or typer.confirm("Keep it anyway?", default=False)


def _write(file: Path, sections: Sections) -> None:
    """Write the settings to a new file that only its owner can read."""
    blocks = [
        f"[{name}]\n"
        + "".join(f"{key} = {json.dumps(each, ensure_ascii=False)}\n" for key, each in keys.items())
        for name, keys in sections.items()
    ]
    warning = (
        "# Encrypted data can't be read without this file. Back it up, but not with the database.\n"
    )
    content = "\n".join(warning + each if each.startswith("[keys]") else each for each in blocks)
    (file.parent / _KEYS_FOLDER).mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(content)
