"""Ask members to confirm their roles before these end, and tell them when they have ended."""

from datetime import datetime
from functools import partial

import structlog

from bot.logs import error_fields
from bot.services.core import Core
from bot.services.ports import BlockedByUser, MessagePosition, MessageSender
from bot.services.runner import repeat
from conversations.admin import team
from conversations.core.replies import CommandMenu
from conversations.model.roles import Member
from storage.admin import roles
from storage.admin.roles import RoleNotice
from storage.admin.roster import Roster

log = structlog.get_logger()

NOTICE_INTERVAL = 3600.0
"""Seconds between two looks for roles that end."""


class RoleNotices:
    """Sends each notice once. Several of these may run, also in several processes."""

    def __init__(self, core: Core, messages: MessageSender, roster: Roster) -> None:
        """Send to the members in `roster`."""
        self._core = core
        self._messages = messages
        self._roster = roster

    async def run(self) -> None:
        """Send notices until cancelled."""
        await repeat(self.run_once, NOTICE_INTERVAL)

    async def run_once(self) -> None:
        """Send the notices that are due."""
        for member, notice, ends in await self._core.database.read(self._roster.due_notices):
            if await self._record(member, notice):
                await self._send(member, notice, ends)

    async def _send(self, member: Member, notice: RoleNotice, ends: datetime) -> None:
        wording = self._core.deployment().staff_wording(member.language)
        try:
            if notice is RoleNotice.ASKED:
                reply = team.ask_to_confirm(wording, member.role, ends)
            else:
                reply = team.say_ended(wording, member.role)
                await self._messages.send(MessagePosition(member.chat, "", 0), CommandMenu(None))
            await self._messages.show(member.chat, reply, None)
        except BlockedByUser:
            log.warning("a member has blocked the bot")
        except Exception as error:
            log.warning("notice about a role not sent", **error_fields(error))
            before = RoleNotice.NONE if notice is RoleNotice.ASKED else RoleNotice.ASKED
            await self._record(member, before)  # it is sent at the next look

    async def _record(self, member: Member, notice: RoleNotice) -> bool:
        """Record the notice; return False if another process did it before."""
        record = partial(
            roles.record_notice, vault=self._core.vault, chat=member.chat, notice=notice
        )
        return await self._core.database.transact(record)
