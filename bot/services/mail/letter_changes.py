"""Go on with changes to many letters: pauses, withdrawals, and outages that are over."""

import asyncio
from functools import partial

from bot.services.core import Core
from bot.services.runner import repeat
from storage.mail.delivery import letter_changes, mail_outages

CHANGES_INTERVAL = 2.0
"""Seconds between two rounds."""

SLICE_PAUSE = 0.02
"""Seconds between two slices of a round, so that replies come first."""


class LetterChanges:
    """Changes letters in slices. Several processes may run this: one at a time changes a slice."""

    def __init__(self, core: Core) -> None:
        """Change letters in the database of `core`. Each slice wakes who shows the new states."""
        self._core = core

    async def run(self) -> None:
        """Change letters until cancelled."""
        await repeat(self.run_once, CHANGES_INTERVAL)

    async def run_once(self) -> None:
        """Change all letters that are left, and update the chats of those that are late."""
        database, clock = self._core.database, self._core.clock
        while await database.read(letter_changes.pending):
            if not await database.transact(letter_changes.go_on):
                break  # another process changes the next slice
            await asyncio.sleep(SLICE_PAUSE)
        while await database.read(mail_outages.is_open):
            if not await database.transact(partial(mail_outages.show_overdue, now=clock())):
                break
            await asyncio.sleep(SLICE_PAUSE)
