"""Copy the log of erasures to a file beside the key file, where it outlives the database."""

import asyncio
from functools import partial
from pathlib import Path

import structlog

from bot.logs import error_fields
from bot.services.runner import repeat
from storage import erasure_file, erasure_log
from storage.crypto.keys import KeyFileError
from storage.crypto.vault import Vault
from storage.engine.database import Database

log = structlog.get_logger()

COPY_INTERVAL = 10.0
"""Seconds between two looks at the log."""


class ErasureCopy:
    """Keeps this machine's copy of the log. Each process that has a key file runs one."""

    def __init__(self, database: Database, vault: Vault, key_file: Path) -> None:
        """The copy lies beside `key_file`."""
        self._database = database
        self._vault = vault
        self._path = erasure_file.path_beside(key_file)

    async def run(self) -> None:
        """Copy until cancelled."""
        await repeat(self.run_once, COPY_INTERVAL)

    async def run_once(self) -> None:
        """Copy the entries that are new. What can't be written is copied in a later round."""
        try:
            await copy_erasures(self._database, self._vault, self._path)
        except (OSError, KeyFileError, ValueError) as error:
            log.error("erasures not copied", **error_fields(error))


async def copy_erasures(database: Database, vault: Vault, path: Path) -> None:
    """Add the entries that the file lacks, and drop those that no backup needs any more.

    Raises OSError, KeyFileError if others can read the file, and ValueError if it is damaged.
    """
    # First the file: it is never ahead of the database, unless it belongs to another one.
    found = await asyncio.to_thread(erasure_file.read, path)
    copied = found.last if found else 0
    last = await database.read(erasure_log.last_number)
    if found and last < copied:
        log.error("erasures of another database set aside", where=path.name)
        await asyncio.to_thread(path.replace, path.with_name(f"{path.name}.before"))
        found, copied = None, 0
    first_day = vault.first_day.isoformat()
    while True:
        new = await database.read(partial(erasure_log.after, number=copied))
        if found is None or new or found.is_outdated(first_day):
            await asyncio.to_thread(erasure_file.append, path, new, first_day=first_day)
        if not new:
            return
        copied, found = new[-1].number, found or erasure_file.ErasureFile(0)
