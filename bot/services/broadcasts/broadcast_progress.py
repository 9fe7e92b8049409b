"""Start scheduled broadcasts, and show each author the progress of their broadcasts."""

from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.logs import error_fields
from bot.services.core import Core
from bot.services.keyed_tasks import KeyedTasks
from bot.services.ports import BlockedByUser, CallRefused, MessageSender
from bot.services.runner import repeat
from conversations.broadcasts import broadcast_view
from storage.admin.roster import Roster
from storage.broadcasts import broadcasts, progress, releases
from storage.broadcasts.progress import ProgressReport

log = structlog.get_logger()

EDIT_INTERVAL = 3.0
"""Seconds between two edits of a progress message."""


class BroadcastProgress:
    """Edits the progress messages. Several of these may run: one claims each edit."""

    def __init__(self, core: Core, messages: MessageSender, roster: Roster) -> None:
        """Start scheduled broadcasts of the people in `roster`."""
        self._core = core
        self._messages = messages
        self._roster = roster

    async def run(self) -> None:
        """Start broadcasts and show progress until cancelled."""
        async with KeyedTasks[str]() as tasks:
            await repeat(partial(self._start, tasks), EDIT_INTERVAL)

    async def run_once(self) -> None:
        """Start the broadcasts that are due, and edit the messages whose figures have changed."""
        async with KeyedTasks[str]() as tasks:
            await self._start(tasks)

    async def _start(self, tasks: KeyedTasks[str]) -> None:
        database, now = self._core.database, self._core.clock()
        if await database.read(partial(broadcasts.has_due, now=now)):
            await database.transact(partial(self._start_due, now=now))
        if not await database.read(partial(progress.has_unshown, now=now)):
            return
        interval = timedelta(seconds=EDIT_INTERVAL)
        claim = partial(progress.claim, vault=self._core.vault, now=now, interval=interval)
        for shown in await database.transact(claim):
            tasks.start(shown.facts.id, partial(self._show, shown))

    def _start_due(self, connection: Connection, now: datetime) -> None:
        members = [bytes.fromhex(each.id) for each in self._roster.members(connection)]
        for id_ in broadcasts.find_orphans(connection, now, members):
            releases.set_suspended(connection, self._core.vault, id_, suspended=True)
        broadcasts.start_due(connection, now, members)

    async def _show(self, shown: ProgressReport) -> None:
        wording = self._core.deployment().staff_wording(shown.language)
        text = broadcast_view.progress(wording, shown.facts)
        message: int | None = None
        try:
            message = await self._messages.show(shown.chat, text, shown.message)
        except BlockedByUser:
            log.warning("a broadcast's author has blocked the bot")
        except CallRefused as refused:  # it counts as shown: a retry would be refused too
            log.error("broadcast progress refused", **error_fields(refused))
            message = shown.message
        except Exception as error:
            log.warning("broadcast progress not shown", **error_fields(error))
            return
        await self._core.database.transact(
            partial(progress.record_shown, report=shown, message=message)
        )
