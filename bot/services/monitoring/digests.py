"""Send admins the figures that they have subscribed to, daily or weekly."""

from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.logs import error_fields
from bot.services.core import Core
from bot.services.keyed_tasks import KeyedTasks
from bot.services.monitoring.reports import Reports
from bot.services.ports import BlockedByUser, MessagePosition, MessageSender
from bot.services.runner import repeat
from conversations.core.effects.stats import DigestInterval
from conversations.core.replies import StatsReport
from conversations.model.roles import Role
from conversations.stats import digest_schedule
from conversations.text.languages import DEFAULT
from storage.admin.roster import Roster
from storage.chats import chats
from storage.crypto.person_keys import PersonKeys
from storage.stats import digests

log = structlog.get_logger()

DIGEST_LEASE = timedelta(minutes=10)
"""How long a process that sends a digest keeps other processes from sending it too.

A digest that could not be sent is sent again after that time.
"""

POLL_INTERVAL = 60.0
"""Seconds between two queries for digests that are due."""


class DigestSender:
    """Sends digests to admins. Several of these may run, also in several processes."""

    def __init__(
        self, core: Core, messages: MessageSender, reports: Reports, roster: Roster
    ) -> None:
        """`roster` says who the admins are."""
        self._core = core
        self._database = core.database
        self._messages = messages
        self._reports = reports
        self._roster = roster

    async def run(self) -> None:
        """Send digests until cancelled."""
        async with KeyedTasks[int]() as tasks:
            await repeat(partial(self._start, tasks), POLL_INTERVAL)

    async def run_once(self) -> None:
        """Send the digests that are due. None is due at night."""
        async with KeyedTasks[int]() as tasks:
            await self._start(tasks)

    async def _start(self, tasks: KeyedTasks[int]) -> None:
        now, zone = self._core.clock(), self._core.deployment().zone
        if not digest_schedule.is_daytime(now, zone):
            return
        subscribed = await self._database.read(digests.intervals)
        members = await self._database.read(self._roster.members) if subscribed else ()
        for admin in (each.chat for each in members if each.role is Role.ADMIN):
            every, last = subscribed.get(PersonKeys(self._core.vault, admin).staff, (None, None))
            if every and last and last < digest_schedule.last_digest_day(every, now, zone):
                tasks.start(admin, partial(self._send, admin, every, now))

    async def _send(self, admin: int, every: DigestInterval, now: datetime) -> None:
        deployment, person = self._core.deployment(), PersonKeys(self._core.vault, admin)
        day = digest_schedule.last_digest_day(every, now, deployment.zone)
        claim = partial(
            digests.claim, person=person.staff, of=day, now=now, until=now + DIGEST_LEASE
        )
        if not await self._database.transact(claim):
            return
        row = await self._database.read(lambda c: chats.find(c, self._core.vault, person))
        language = row.language if row is not None and row.language else DEFAULT
        report = StatsReport(
            digest_schedule.digest_figures(deployment, every, day), language, admin=True
        )
        try:
            reply = await self._reports.stats(report)
            await self._messages.send(MessagePosition(admin, "", 0), reply)
        except BlockedByUser:
            log.warning("an admin has blocked the bot")
        except Exception as error:
            log.warning("digest not sent", **error_fields(error))
            return
        await self._database.transact(partial(digests.record_sent, person=person.staff, of=day))
