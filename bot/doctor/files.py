"""Check the files with secrets: who can read them, and whether they are in a risky place."""

import os
import stat
from pathlib import Path

from bot.doctor.finding import Finding, Status
from bot.settings.model import Settings

_WEB_ROOT_NAMES = frozenset(("htdocs", "html", "public", "public_html", "static", "wwwroot", "www"))
"""Usual names of folders that web servers publish."""

_GROUP_AND_OTHERS = 0o077


async def key_files(settings: Settings) -> tuple[Finding, ...]:
    """Check the key file and, if it is set, the key that signs mail."""
    data = settings.database.file
    database_folder = None if data is None else data.parent
    found = [*_check_file("key file", settings.keys.file, database_folder)]
    if settings.mail.dkim_key is not None:
        found += _check_file("DKIM key", settings.mail.dkim_key, None)
    return tuple(found)


def _check_file(subject: str, file: Path, database_folder: Path | None) -> list[Finding]:
    """Return the problems of a file, or one good finding."""
    about = file.name
    location = _check_location(subject, file, database_folder)
    if not file.exists():
        if subject == "key file":
            observed = "It doesn't exist yet."
            return [Finding(subject, Status.GOOD, observed, about=about), *location]
        fix = "Restore it, or create one: actionbot keys dkim"
        missing = Finding(subject, Status.BAD, "It doesn't exist.", "No mail is sent.", fix, about)
        return [missing, *location]
    if found := [*_check_permissions(subject, file), *location]:
        return found
    return [Finding(subject, Status.GOOD, "Only its owner can read it.", about=about)]


def _check_permissions(subject: str, file: Path) -> list[Finding]:
    """Return findings about the file's mode and owner."""
    if os.name != "posix":
        return []
    status, about = file.stat(), file.name
    found = []
    if status.st_mode & _GROUP_AND_OTHERS:
        observed = f"Its mode is {stat.S_IMODE(status.st_mode):04o}: others can read it."
        fix = f"Run: chmod 600 {file}"
        found.append(Finding(subject, Status.BAD, observed, "The bot doesn't start.", fix, about))
    if status.st_uid != os.geteuid():
        meaning = "Unless that is the bot's user, the bot can't read it, or someone else can."
        fix = "Check the owner, and run this as the bot's user."
        observed = f"It belongs to user {status.st_uid}, and you are {os.geteuid()}."
        found.append(Finding(subject, Status.WARNING, observed, meaning, fix, about))
    return found


def _check_location(subject: str, file: Path, database_folder: Path | None) -> list[Finding]:
    """Return why the file's folder is a risky place for it."""
    folder, about = file.parent.resolve(), file.name
    found = []
    if database_folder is not None and folder == database_folder.resolve():
        observed = "It's in the same folder as the database."
        meaning = "Anyone with a backup of that folder could read everything."
        fix = "Move the key file elsewhere, and set keys.file."
        found.append(Finding(subject, Status.WARNING, observed, meaning, fix, about))
    if any((each / ".git").exists() for each in (folder, *folder.parents)):
        observed = "It's inside a Git working tree."
        meaning, fix = "One careless commit puts the key into its history.", "Move it elsewhere."
        found.append(Finding(subject, Status.WARNING, observed, meaning, fix, about))
    if published := sorted(_WEB_ROOT_NAMES.intersection(folder.parts)):
        observed = f"It's under a folder named {published[0]}."
        meaning = "If a web server publishes that folder, anyone can download the key."
        found.append(Finding(subject, Status.WARNING, observed, meaning, "Move it.", about))
    return found
