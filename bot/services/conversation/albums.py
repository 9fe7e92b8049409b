"""Finds albums that are complete: Telegram sends each part by itself, and marks none as last."""

from typing import Protocol

import structlog

from bot.logs import error_fields
from bot.services.core import Core
from bot.services.runner import repeat
from storage.broadcasts import drafts

log = structlog.get_logger()

POLL_INTERVAL = 0.5
"""Seconds between two searches."""


class AlbumHandler(Protocol):
    """Answers that an album is complete."""

    async def end_album(self, chat: int) -> None:
        """Answer it in this chat, once."""


class Albums:
    """Has every album answered to which nothing was added for a while."""

    def __init__(self, core: Core, handler: AlbumHandler) -> None:
        """`handler` answers the albums that are found."""
        self._core = core
        self._handler = handler

    async def run(self) -> None:
        """Search until cancelled."""
        await repeat(self.run_once, POLL_INTERVAL)

    async def run_once(self) -> None:
        """Have every complete album answered; one that fails is tried again later."""
        core, now = self._core, self._core.clock()
        chats = await core.database.read(lambda c: drafts.complete_albums(c, core.vault, now))
        for chat in chats:
            try:
                await self._handler.end_album(chat)
            except Exception as error:
                log.warning("album not answered", **error_fields(error))
