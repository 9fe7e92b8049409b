"""Encrypt old values with today's key, and destroy keys that no stored value needs any more."""

import asyncio
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import structlog

from bot.logs import error_fields
from bot.services.core import Core
from bot.services.runner import repeat
from storage.crypto import key_rotation, keys
from storage.crypto.key_rotation import Position
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.schema.migrations import is_latest

log = structlog.get_logger()

ROTATION_INTERVAL = 3600.0
"""Seconds between two rounds."""

SHARE = 0.5
"""Share of the time in which a pass works: it waits between two slices, so that replies come first.
"""

CLOCK_MARGIN = timedelta(days=1)
"""How long keys are kept after a pass: a process whose clock is behind may still encrypt with them.

The pass of the next day encrypts such values again, before their keys are destroyed.
"""


class KeyRotation:
    """Keeps the age of keys below `backup_days`.

    Each process destroys its own copy of the keys. One that works in the background also encrypts
    old values again. Keys are destroyed only after a complete pass, so a bot that was stopped loses
    nothing, however long it was.
    """

    def __init__(self, core: Core, file: Path, backup_days: int, *, reencrypts: bool) -> None:
        """`file` is the key file. `reencrypts`: whether this process encrypts values again."""
        self._core = core
        self._file = file
        self._lifetime = timedelta(days=backup_days)
        self._reencrypts = reencrypts

    async def run(self) -> None:
        """Rotate keys until cancelled."""
        await repeat(self.run_once, ROTATION_INTERVAL)

    async def run_once(self) -> None:
        """Encrypt again what is due, and destroy the keys that are no longer needed."""
        database, vault = self._core.database, self._core.vault
        oldest = self._core.clock().date() - self._lifetime
        if self._reencrypts:
            floor = await database.read(key_rotation.floor)
            if floor is None or floor < oldest + CLOCK_MARGIN:
                await self._pass(oldest + CLOCK_MARGIN)
        floor = await database.read(key_rotation.floor)
        if floor is not None:
            vault.not_before(floor)
            await self._destroy_before(min(oldest, floor - CLOCK_MARGIN))

    async def _pass(self, before: date) -> None:
        database = self._core.database
        position = await reencrypt_all(database, self._core.vault, before, share=SHARE)
        # A newer version may encrypt what this one doesn't know. Then that one raises the floor.
        if not await database.read(is_latest):
            return
        await database.transact(partial(key_rotation.raise_floor, day=before))
        await database.discard_erased()
        if position.reencrypted:
            log.info("values encrypted again", count=position.reencrypted)
        if position.damaged:
            log.warning("values cannot be decrypted", count=position.damaged)

    async def _destroy_before(self, day: date) -> None:
        if day <= self._core.vault.first_day:
            return
        try:
            await asyncio.to_thread(keys.destroy_before, self._file, day)
        except (OSError, keys.KeyFileError) as error:
            log.warning("old keys not destroyed", **error_fields(error))
            return
        self._core.vault.destroy_before(day)
        log.info("old keys destroyed", reason=f"older than {day}")


async def reencrypt_all(
    database: Database,
    vault: Vault,
    before: date,
    *,
    share: float = 1.0,
    progress: Callable[[int], None] = lambda _: None,
) -> Position:
    """Encrypt all values again whose keys are from before the day `before`, in small transactions.

    Work only a `share` of the time, and call `progress` with the number of values so far.
    """
    position = Position()
    while not position.complete:
        work = partial(key_rotation.reencrypt_slice, vault=vault, position=position, before=before)
        begin = time.monotonic()
        position = await database.transact(work)
        progress(position.reencrypted)
        await asyncio.sleep((time.monotonic() - begin) * (1 / share - 1))
    return position
