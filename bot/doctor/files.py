"""The files with secrets: who can read them, and whether they lie where they may get about."""

import os
import stat
from pathlib import Path

from bot.doctor.finding import Finding, Status
from bot.settings.model import Settings

_SERVED = frozenset(("htdocs", "html", "public", "public_html", "static", "wwwroot", "www"))
"""Names of folders that web servers show to everybody."""

_OTHERS = 0o077


async def key_files(settings: Settings) -> tuple[Finding, ...]:
    """Look at the key file, and at the key that signs mail, if one is set."""
    data = settings.database.file
    beside = None if data is None else data.parent
    found = [*_file("key file", settings.keys.file, beside)]
    if settings.mail.dkim_key is not None:
        found += _file("DKIM key", settings.mail.dkim_key, None)
    return tuple(found)


def _file(what: str, file: Path, beside: Path | None) -> list[Finding]:
    """Return everything that is amiss with a file, or that nothing is."""
    about = file.name
    found = [*_place(what, file, beside)]
    if not file.exists():
        if what == "key file":
            return [Finding(what, Status.GOOD, "It is not there yet.", about=file.name), *found]
        fix = "Restore it, or make one: actionbot keys dkim"
        return [
            Finding(what, Status.BAD, "It is not there.", "No mail leaves.", fix, about),
            *found,
        ]
    found = [*_owner(what, file), *found]
    if found:
        return found
    return [Finding(what, Status.GOOD, "Only its owner can read it.", about=file.name)]


def _owner(what: str, file: Path) -> list[Finding]:
    """Return who can read it that should not."""
    if os.name != "posix":
        return []
    status, about = file.stat(), file.name
    found = []
    if status.st_mode & _OTHERS:
        seen = f"Its mode is {stat.S_IMODE(status.st_mode):04o}: others can read it."
        fix = f"Type: chmod 600 {file}"
        found.append(Finding(what, Status.BAD, seen, "The bot does not start.", fix, about))
    if status.st_uid != os.geteuid():
        means = "If that is not the bot's user, the bot cannot read it, or somebody else can."
        fix = "Compare; type this as the bot's user."
        seen = f"It belongs to the user {status.st_uid}, and you are {os.geteuid()}."
        found.append(Finding(what, Status.WARNING, seen, means, fix, about))
    return found


def _place(what: str, file: Path, beside: Path | None) -> list[Finding]:
    """Return where it lies that it should not."""
    folder, about = file.parent.resolve(), file.name
    found = []
    if beside is not None and folder == beside.resolve():
        means = "A backup of that folder holds both, and opens everything for whoever has it."
        fix = "Move the key file elsewhere, and set keys.file."
        seen = "It lies beside the database."
        found.append(Finding(what, Status.WARNING, seen, means, fix, about))
    if any((each / ".git").exists() for each in (folder, *folder.parents)):
        means, fix = "One slip, and the key is in its history.", "Move it out of there."
        seen = "It lies in a work tree of git."
        found.append(Finding(what, Status.WARNING, seen, means, fix, about))
    if served := sorted(_SERVED.intersection(folder.parts)):
        means, fix = "If a web server shows that folder, anybody has the key.", "Move it away."
        seen = f"It lies under a folder named {served[0]}."
        found.append(Finding(what, Status.WARNING, seen, means, fix, about))
    return found
