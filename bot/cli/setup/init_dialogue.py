"""`actionbot init`: ask for the settings, test each answer, and write them to a file."""

import asyncio
import json
import os
import re
import tempfile
from functools import partial
from pathlib import Path
from urllib.parse import quote

import typer

from bot.cli.processes import run_command
from bot.cli.setup.campaign_folders import check_slug, create_campaign
from bot.cli.setup.dialogue import Dialogue, Findings
from bot.doctor import authentication, database, return_path, server, telegram
from bot.doctor.checks import with_timeout
from bot.doctor.finding import CHECK_TIMEOUT, CheckContext
from bot.errors import CommandError
from bot.mail.smtp.server import ServerUrlError, parse_smtp_url
from bot.settings.addresses import TELEGRAM_API, domain_of, is_loopback, parse_mailbox
from bot.settings.credentials import parse_token
from bot.settings.model import Settings
from bot.settings.setting_origins import SettingsSource, settings_file
from conversations.model.mistakes import describe_file_error
from storage.engine.urls import DatabaseUrlError, parse, require_protected, translate

__all__ = ["Dialogue", "initialise"]

_CAMPAIGNS_FOLDER = "campaigns"
_KEYS_FOLDER = "keys"
_DEFAULT_APPROVAL = "50"
_DEFAULT_DATABASE = "sqlite:///actionbot.db"
_API_VARIABLE = "ACTIONBOT_TELEGRAM__API"
_HOST_AND_PORT = re.compile(r"([\w.-]+|\[[0-9a-fA-F:]+\])(:\d+)?")
_NO_SERVER = "This isn't a valid server. Write it like mail.example.org:465"
_REQUIRED = {
    "--token": "ACTIONBOT_TELEGRAM__TOKEN",
    "--smtp": "ACTIONBOT_SMTP__URL",
    "--address": "ACTIONBOT_MAIL__ADDRESS",
}

Sections = dict[str, dict[str, str | int]]
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


def initialise(dialogue: Dialogue, context: CheckContext | None = None) -> None:
    """Ask, test and write the settings. Raises CommandError if there are settings already."""
    context = context or CheckContext()
    file = settings_file(os.environ)
    _require_new_file(file)
    dialogue.require(_REQUIRED)
    typer.echo("Your answers are saved in one file that only you can read.\n")
    api = os.environ.get(_API_VARIABLE, TELEGRAM_API)
    sections: Sections = {
        "telegram": {"token": _ask_token(dialogue, api)},
        "smtp": {"url": _ask_mail_server(dialogue, context)},
    }
    if api != TELEGRAM_API:
        sections["telegram"]["api"] = api
    sections["mail"] = {"address": _ask_address(dialogue, sections, file, context)}
    sections["database"] = {"url": _ask_database(dialogue, sections, file)}
    sections["campaigns"] = {"folder": _CAMPAIGNS_FOLDER}
    sections["keys"] = {"file": f"{_KEYS_FOLDER}/actionbot.keys"}
    question = "A short name for the first campaign"
    slug = dialogue.ask("--campaign", question, check_slug, default="my-campaign")
    sections["telegram"]["second_eyes_above"] = _ask_approval(dialogue)
    _write(file, sections)
    _create_folders(file, slug)
    address = str(sections["mail"]["address"])
    typer.echo(
        _NEXT_STEPS.format(
            file=file.name,
            campaigns=_CAMPAIGNS_FOLDER,
            slug=slug,
            domain=domain_of(address),
            address=address,
        )
    )


def _require_new_file(file: Path) -> None:
    """Raise CommandError if the settings file exists or can't be written, before any question."""
    if file.exists():
        raise CommandError(
            "The file already exists.", fix="Edit it, or move it away.", where=file.name
        )
    if not file.parent.is_dir():
        raise CommandError(f"There is no folder {file.parent}.", fix="Create it first.")
    for folder in (file.parent, file.parent / _CAMPAIGNS_FOLDER, file.parent / _KEYS_FOLDER):
        if not folder.exists():
            continue
        try:
            # Only a try shows it: of root and of read-only disks, the mode says nothing.
            with tempfile.NamedTemporaryFile(dir=folder):
                pass
        except OSError as error:
            problem, fix = describe_file_error(error)
            what = f"Nothing can be written to this folder. {problem}"
            raise CommandError(what, fix=fix, where=str(folder)) from None


def _ask_token(dialogue: Dialogue, api: str) -> str:
    question = "The bot's token, from @BotFather"
    while True:
        token = dialogue.ask("--token", question, parse_token, secret=True)
        if dialogue.keeps((run_command(telegram.check_token(token, api)),)):
            return token


def _ask_mail_server(dialogue: Dialogue, context: CheckContext) -> str:
    """Return the mail server's URL, with user and password."""
    while True:
        question = "Mail server, as host:port (465: TLS, 587: STARTTLS)"
        url = dialogue.ask("--smtp", question, _parse_server)
        if "://" not in url:
            user = password = ""
            if not dialogue.is_given("--smtp"):
                question = "User name (leave empty for none)"
                user = dialogue.ask("", question, str, default="")
            if user:
                password = dialogue.ask("", "Password", str, secret=True)
            url = _smtp_url(url, user, password)
        check = partial(server.mail_server, url, context)
        if dialogue.keeps(run_command(with_timeout("mail server", check, CHECK_TIMEOUT))):
            return url


def _ask_address(dialogue: Dialogue, sections: Sections, file: Path, context: CheckContext) -> str:
    question = "Address that codes come from and abuse reports go to (someone must read it)"
    while True:
        address = dialogue.ask("--address", question, parse_mailbox)
        settings = _read_settings(sections | {"mail": {"address": address}}, file)

        async def check(settings: Settings = settings) -> Findings:
            """Check that mail may come from the domain, and that the domain accepts mail."""
            sends = authentication.spf(settings, context)
            receives = return_path.mx(settings.mail, settings.mail.domain, context)
            findings = await asyncio.gather(sends, receives)
            return tuple(finding for found in findings for finding in found)

        if dialogue.keeps(run_command(with_timeout("DNS", check, CHECK_TIMEOUT))):
            return address


def _ask_database(dialogue: Dialogue, sections: Sections, file: Path) -> str:
    question = "Database: an SQLite file, or postgresql://user@host/name"
    while True:
        url = dialogue.ask("--database", question, _parse_database_url, default=_DEFAULT_DATABASE)
        if dialogue.is_interactive and not dialogue.is_given("--database"):
            url = _with_password(dialogue, url)
        settings = _read_settings(sections | {"database": {"url": url}}, file)
        check = partial(database.database, settings)
        if dialogue.keeps(run_command(with_timeout("database", check, CHECK_TIMEOUT))):
            return url


def _ask_approval(dialogue: Dialogue) -> int:
    question = "How many people may get a broadcast that no colleague approved?"
    return int(dialogue.ask("--approval", question, _parse_number, default=_DEFAULT_APPROVAL))


def _parse_number(text: str) -> str:
    """Return `text` if it is a number, from 0. Raises ValueError."""
    if not (text.isascii() and text.isdecimal()):
        raise ValueError("This isn't a number. Type one such as 50, or 0 for always.")
    return text


def _parse_database_url(text: str) -> str:
    """Return the URL of a database. Raises ValueError."""
    try:
        url = parse(text)
        if url.drivername != "sqlite":
            translate(url)
            require_protected(url)
    except DatabaseUrlError as error:
        raise ValueError(error) from None
    return text


def _with_password(dialogue: Dialogue, text: str) -> str:
    """Return the URL of a database, after asking for a password if a server may need one."""
    url = parse(text)
    if url.drivername == "sqlite" or url.password is not None:
        return text
    password = dialogue.ask("", "Password (leave empty for none)", str, secret=True)
    return str(url.set(password=password or None).render_as_string(hide_password=False))


def _parse_server(text: str) -> str:
    """Return `text` if it is a URL, or a host with an optional port. Raises ValueError."""
    try:
        parse_smtp_url(text if "://" in text else _smtp_url(text, "", ""))
    except ServerUrlError as error:
        # Of a host alone, the error would speak of a URL that nobody typed.
        raise ValueError(error if "://" in text or ":" in text else _NO_SERVER) from None
    if "://" not in text and not _HOST_AND_PORT.fullmatch(text):
        raise ValueError(_NO_SERVER)
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
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(content)


def _create_folders(file: Path, slug: str) -> None:
    """Create the folder of keys and the first campaign. The answers are saved already."""
    try:
        (file.parent / _KEYS_FOLDER).mkdir(mode=0o700, exist_ok=True)
        if not (file.parent / _CAMPAIGNS_FOLDER / slug).exists():
            create_campaign(file.parent / _CAMPAIGNS_FOLDER, slug)
    except OSError as error:
        problem, fix = describe_file_error(error)
        where = str(error.filename or file.parent)
    except CommandError as error:
        (mistake,) = error.mistakes
        problem, fix, where = mistake.problem, mistake.fix, mistake.where
    else:
        return
    fix = f"{fix} Your answers are saved in {file.name}. Then run: actionbot campaign new {slug}"
    raise CommandError(problem, fix=fix, where=where)
