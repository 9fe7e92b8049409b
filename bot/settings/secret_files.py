"""Find files with secrets that other users of the machine can read."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from bot.settings.model import Settings
from conversations.model.mistakes import Mistake

_OTHERS_READ = stat.S_IROTH
_OTHERS_ENTER = stat.S_IXOTH
_DATABASE_SUFFIXES = ("", "-wal", "-shm", "-journal")


def find_readable(settings: Settings, settings_file: Path) -> tuple[Mistake, ...]:
    """Return a mistake for each file with secrets that users of no common group can read.

    The key files are also checked for their group, when they are opened.
    """
    return tuple(
        Mistake(
            "Other users of this machine can read it, and it has secrets.",
            f"Run: chmod o-rwx {file}",
            file.name,
        )
        for file in _files(settings, settings_file)
        if others_can_read(file)
    )


def others_can_read(file: Path) -> bool:
    """Whether users of no common group can read `file`: its mode and all its folders let them."""
    if os.name != "posix":
        return False
    try:
        path = file.resolve(strict=True)
        return bool(path.stat().st_mode & _OTHERS_READ) and all(
            folder.stat().st_mode & _OTHERS_ENTER for folder in path.parents
        )
    except OSError:
        return False


def _files(settings: Settings, settings_file: Path) -> Iterator[Path]:
    """Yield the settings, the keys with the files beside them, and the files of the database."""
    yield settings_file
    keys = settings.keys.file
    yield keys
    yield from sorted(keys.parent.glob(f"{keys.name}.*"))
    if settings.mail.dkim_key is not None:
        yield settings.mail.dkim_key
    if (database := settings.database.file) is not None:
        for suffix in _DATABASE_SUFFIXES:
            yield database.with_name(f"{database.name}{suffix}")
