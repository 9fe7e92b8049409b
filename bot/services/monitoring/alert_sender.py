"""Send alerts to admins in Telegram.

Each admin gets one message for an alert. The message is edited when the alert changes or ends.
"""

import asyncio
from datetime import timedelta
from functools import partial

import structlog

from bot.logs import error_fields
from bot.services.core import Core
from bot.services.keyed_tasks import KeyedTasks
from bot.services.ports import BlockedByUser, CallRefused, MessageSender
from bot.services.runner import repeat
from conversations.admin.alerts import alert
from conversations.core.alerts import URGENT
from conversations.model.roles import Role
from storage.admin import alert_delivery
from storage.admin.alert_delivery import UnsentAlert
from storage.admin.roster import Roster
from storage.crypto.person_keys import PersonKeys

log = structlog.get_logger()

ALERT_LEASE = timedelta(seconds=30)
"""How long a process that sends an alert to an admin keeps other processes from sending it too."""

BLOCKED_RETRY = timedelta(minutes=10)
"""How long an alert waits that could not be sent because the admin has blocked the bot."""

POLL_INTERVAL = 5.0
"""Seconds between two queries for unsent alerts. `wake` starts one at once."""


class AlertSender:
    """Sends unsent alerts to all admins. Several of these may run, also in several processes."""

    def __init__(self, core: Core, messages: MessageSender, roster: Roster) -> None:
        """Send to the admins in `roster`."""
        self._core = core
        self._database = core.database
        self._messages = messages
        self._roster = roster
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Send unsent alerts now rather than after the interval."""
        self._wake.set()

    async def run(self) -> None:
        """Send alerts until cancelled."""
        async with KeyedTasks[int]() as tasks:
            await repeat(partial(self._start, tasks), POLL_INTERVAL, self._wake)

    async def run_once(self) -> None:
        """Send every admin the alerts that have changed. A failed one is sent in a later round."""
        async with KeyedTasks[int]() as tasks:
            await self._start(tasks)

    async def _start(self, tasks: KeyedTasks[int]) -> None:
        members = await self._database.read(self._roster.members)
        for admin in (each for each in members if each.role is Role.ADMIN):
            tasks.start(admin.chat, partial(self._send_all, admin.chat, admin.language))

    async def _send_all(self, admin: int, language: str) -> None:
        person, now = PersonKeys(self._core.vault, admin).staff, self._core.clock()
        if not await self._database.read(partial(alert_delivery.has_unsent, person=person)):
            return
        claim = partial(
            alert_delivery.claim, vault=self._core.vault, person=person, language=language
        )
        claimed = await self._database.transact(partial(claim, now=now, until=now + ALERT_LEASE))
        for unsent in claimed:
            await self._send(admin, unsent)

    async def _send(self, admin: int, unsent: UnsentAlert) -> None:
        text = alert(self._core.deployment(), unsent.language, unsent.facts)
        # An alert makes a sound once, even if its message has been deleted since.
        silent = unsent.facts.kind not in URGENT or unsent.message is not None
        try:
            message = await self._messages.show(admin, text, unsent.message, silent=silent)
        except BlockedByUser:
            # Telegram does not report that an admin unblocks the bot, so this is tried again.
            log.warning("an admin has blocked the bot")
            until = self._core.clock() + BLOCKED_RETRY
            await self._database.transact(partial(alert_delivery.defer, unsent=unsent, until=until))
            return
        except CallRefused as refused:
            log.error("alert refused", kind=unsent.facts.kind, **error_fields(refused))
            until = self._core.clock() + BLOCKED_RETRY
            await self._database.transact(partial(alert_delivery.defer, unsent=unsent, until=until))
            return
        except Exception as error:
            log.warning("alert not sent", **error_fields(error))
            return
        await self._database.transact(
            partial(alert_delivery.record_sent, unsent=unsent, message=message)
        )
