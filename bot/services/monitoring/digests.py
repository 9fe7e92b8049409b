"""Sending figures by themselves to the admins who want them: each morning, or each Monday."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.logs import error_fields
from bot.services.monitoring.reports import Reports
from bot.services.ports import BlockedByUser, MessagePosition, MessageSender
from conversations.core.effects import DigestInterval
from conversations.core.facts import Deployment
from conversations.core.replies import StatsReport
from conversations.model.roles import Role
from conversations.stats import stats
from conversations.text.wording import DEFAULT
from storage.admin.roles import Roster
from storage.chats import chats
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.stats import digests

log = structlog.get_logger()

LEASE = timedelta(minutes=10)
"""How long whoever sends figures keeps others from it, and rests when they could not be said."""

_PAUSE = 60.0


class DigestSender:
    """Sends figures to admins. Any number of these may run, in any number of processes."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        deployment: Callable[[], Deployment],
        voice: MessageSender,
        clock: Callable[[], datetime],
        reporting: Reports,
        roster: Roster,
    ) -> None:
        """Use these."""
        self._database = database
        self._vault = vault
        self._house = deployment
        self._voice = voice
        self._clock = clock
        self._reporting = reporting
        self._roster = roster

    async def run(self) -> None:
        """Send figures for ever."""
        while True:
            await self.sweep()
            await asyncio.sleep(_PAUSE)

    async def sweep(self) -> None:
        """Send what is due, at a time of day when it wakes nobody."""
        now, zone = self._clock(), self._house().zone
        if not stats.is_daytime(now, zone):
            return
        wanted = await self._database.read(digests.every)
        members = await self._database.read(self._roster.members) if wanted else ()
        for admin in (each.chat for each in members if each.role is Role.ADMIN):
            every, last = wanted.get(chats.key(self._vault, admin), (None, None))
            if every and last and last < stats.issue(every, now, zone):
                await self._send(admin, every, now)

    async def _send(self, admin: int, every: DigestInterval, now: datetime) -> None:
        deployment, person = self._house(), chats.key(self._vault, admin)
        of = stats.issue(every, now, deployment.zone)
        claim = partial(digests.claim, person=person, of=of, now=now, until=now + LEASE)
        if not await self._database.transact(claim):
            return
        row = await self._database.read(lambda c: chats.find(c, person))
        language = row.language if row is not None and row.language else DEFAULT
        wanted = StatsReport(stats.digest(deployment, every, of), language, admin=True)
        try:
            await self._voice.say(
                MessagePosition(admin, "", 0), await self._reporting.stats(wanted)
            )
        except BlockedByUser:
            log.warning("an admin does not let the bot in")
        except Exception as error:
            log.warning("figures could not be sent", **error_fields(error))
            return
        await self._database.transact(partial(digests.sent, person=person, of=of))
