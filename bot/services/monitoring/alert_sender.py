"""Telling admins what they must know: each once, and when it is over, in the same message."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.logs import error_fields
from bot.services.ports import BlockedByUser, MessageSender
from conversations.admin.alerts import URGENT, alert
from conversations.core.facts import Deployment
from conversations.model.roles import Role
from storage.admin import alerts
from storage.admin.alerts import UnsentAlert
from storage.admin.roles import Roster
from storage.chats import chats
from storage.crypto.vault import Vault
from storage.engine.database import Database

log = structlog.get_logger()

LEASE = timedelta(seconds=30)
"""How long whoever tells an alert keeps it from others."""

REST = timedelta(minutes=10)
"""After which it is tried again to tell an admin who does not let the bot in."""

_PAUSE = 5.0


class AlertSender:
    """Tells alerts to all admins. Any number of these may run, in any number of processes."""

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
        self._news = asyncio.Event()

    def poke(self) -> None:
        """Look at once whether there is something to tell."""
        self._news.set()

    async def run(self) -> None:
        """Tell alerts for ever."""
        while True:
            self._news.clear()
            await self.sweep()
            try:
                async with asyncio.timeout(_PAUSE):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def sweep(self) -> None:
        """Tell all admins what they were not told; what cannot be said is left to the next time."""
        members = await self._database.read(self._roster.members)
        for admin in (each.chat for each in members if each.role is Role.ADMIN):
            person, now = chats.key(self._vault, admin), self._clock()
            if not await self._database.read(partial(alerts.are_untold, person=person)):
                continue
            claimed = await self._database.transact(
                partial(alerts.claim, vault=self._vault, person=person, now=now, until=now + LEASE)
            )
            for untold in claimed:
                await self._tell(admin, person, untold)

    async def _tell(self, admin: int, person: bytes, untold: UnsentAlert) -> None:
        shown = alert(self._house(), untold.language, untold.facts)
        try:
            # What was told once rings no more, though its message be gone.
            silent = untold.facts.kind not in URGENT or untold.message is not None
            message = await self._voice.show(admin, shown, untold.message, silent=silent)
        except BlockedByUser:
            # Who lets it in later is told then: nothing says when.
            log.warning("an admin does not let the bot in")
            until = self._clock() + REST
            await self._database.transact(partial(alerts.put_off, untold=untold, until=until))
            return
        except Exception as error:
            log.warning("an alert could not be told", **error_fields(error))
            return
        await self._database.transact(partial(alerts.told, untold=untold, message=message))
