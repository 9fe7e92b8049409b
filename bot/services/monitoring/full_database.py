"""Tell admins that the database is full.

A full database cannot keep an alert, so this one is sent at once, and its messages are remembered
in memory.
"""

import asyncio
import secrets

import structlog

from bot.logs import error_fields
from bot.services.core import Core
from bot.services.monitoring.alert_mail import AlertMailer
from bot.services.ports import MessageSender
from conversations.admin.alerts import full
from conversations.core.alerts import AlertKind
from conversations.model.roles import Role
from storage.admin.roster import Roster

log = structlog.get_logger()


class FullDatabaseAlert:
    """The alert of a full database: it is active from `raise_` until `end`."""

    def __init__(
        self, core: Core, messages: MessageSender, mailer: AlertMailer, roster: Roster
    ) -> None:
        """Send to the admins in `roster`, and mail with `mailer`."""
        self._core = core
        self._messages = messages
        self._mailer = mailer
        self._roster = roster
        self._members = roster.from_settings
        self._sent: dict[int, int] | None = None
        """The alert's messages by chat while the alert is active; None while it is not."""

    @property
    def is_active(self) -> bool:
        """Whether admins have been told that the database is full."""
        return self._sent is not None

    async def raise_(self) -> None:
        """Tell all admins, in Telegram and by mail."""
        log.error("the database is full")
        self._sent = {}
        admins = await self.admins()
        await asyncio.gather(*(self._show(*admin, over=False) for admin in admins))
        deployment = self._core.deployment()
        await self._mailer.mail_unsaved(
            AlertKind.FULL,
            lambda language: full(deployment, language, over=False).text,
            secrets.token_hex(8),
        )

    async def end(self) -> None:
        """Tell the admins who were told that the database has room again."""
        told = self._sent or {}
        admins = [admin for admin in await self.admins() if admin[0] in told]
        await asyncio.gather(*(self._show(*admin, over=True) for admin in admins))
        self._sent = None

    async def admins(self) -> tuple[tuple[int, str], ...]:
        """Return the admins' chats and languages; as they were last if they cannot be read."""
        try:
            self._members = await self._core.database.read(self._roster.members)
        except Exception as error:
            log.warning("admins not read", **error_fields(error))
        members = self._members
        return tuple((each.chat, each.language) for each in members if each.role is Role.ADMIN)

    async def _show(self, chat: int, language: str, *, over: bool) -> None:
        sent = self._sent if self._sent is not None else {}
        text = full(self._core.deployment(), language, over=over)
        try:
            sent[chat] = await self._messages.show(chat, text, sent.get(chat), silent=over)
        except Exception as error:
            log.warning("alert not sent", **error_fields(error))
