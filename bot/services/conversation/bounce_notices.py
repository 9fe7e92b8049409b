"""Tell supporters in their chats that a mail to them came back.

Any process may have received the bounce, so chats to notify are found in the database.
"""

import structlog

from bot.logs import error_fields
from bot.services.conversation.update_handler import UpdateHandler
from bot.services.core import Core
from bot.services.runner import repeat
from storage.mail import returned_mail

log = structlog.get_logger()

POLL_INTERVAL = 2.0
"""Seconds between two queries for codes and copies that came back."""


class BounceNotices:
    """Has each code and copy that came back answered in its chat."""

    def __init__(self, core: Core, handler: UpdateHandler) -> None:
        """`handler` answers in the chats that are found."""
        self._core = core
        self._handler = handler

    async def run(self) -> None:
        """Notify until cancelled."""
        await repeat(self.run_once, POLL_INTERVAL)

    async def run_once(self) -> None:
        """Notify every chat that waits. A failed one is notified in a later round."""
        core = self._core
        waiting = await core.database.read(lambda c: returned_mail.chats_to_notify(c, core.vault))
        for chat in waiting:
            try:
                await self._handler.answer_bounces(chat)
            except Exception as error:
                log.warning("bounce not answered", **error_fields(error))
