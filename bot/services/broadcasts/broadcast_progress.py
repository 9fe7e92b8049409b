"""Beginning updates at their time, and showing how they fare: one message for each, edited."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.logs import error_fields
from bot.services.ports import BlockedByUser, MessageSender
from conversations.broadcasts import broadcast_view
from conversations.core.facts import Deployment
from storage.admin.roles import Roster
from storage.broadcasts import broadcasts, progress
from storage.broadcasts.progress import Shown
from storage.crypto.vault import Vault
from storage.engine.database import Database

log = structlog.get_logger()

PAUSE = 3.0
"""Seconds between two edits of a message."""


class BroadcastProgress:
    """Edits progress and reports. Any number of these may run: one claims each."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        deployment: Callable[[], Deployment],
        voice: MessageSender,
        clock: Callable[[], datetime],
        roster: Roster,
    ) -> None:
        """Use these."""
        self._database = database
        self._vault = vault
        self._house = deployment
        self._voice = voice
        self._clock = clock
        self._roster = roster

    async def run(self) -> None:
        """Show it for ever."""
        while True:
            await self.sweep()
            await asyncio.sleep(PAUSE)

    async def sweep(self) -> None:
        """Begin what is due, and show how all updates fare whose message says something else."""
        now = self._clock()
        if await self._database.read(partial(broadcasts.is_due, now=now)):
            await self._database.transact(partial(self._begin, now=now))
        if not await self._database.read(partial(progress.are_untold, now=now)):
            return
        rests = timedelta(seconds=PAUSE)
        claim = partial(progress.claim, vault=self._vault, now=now, rests=rests)
        for shown in await self._database.transact(claim):
            await self._show(shown)

    def _begin(self, connection: Connection, now: datetime) -> None:
        members = [bytes.fromhex(each.id) for each in self._roster.members(connection)]
        broadcasts.due(connection, now, members)

    async def _show(self, shown: Shown) -> None:
        wording = self._house().wording(shown.language)
        told = broadcast_view.progress(wording, shown.facts)
        message: int | None = None
        try:
            message = await self._voice.show(shown.chat, told, shown.message)
        except BlockedByUser:
            log.warning("the author of an update does not let the bot in")
        except Exception as error:
            log.warning("progress could not be shown", **error_fields(error))
            return
        await self._database.transact(partial(progress.told, shown=shown, message=message))
