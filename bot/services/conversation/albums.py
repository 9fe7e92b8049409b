"""Finds albums that are complete: Telegram sends each part by itself, and marks none as last."""

from functools import partial
from typing import Protocol

from bot.services.core import Core
from bot.services.keyed_tasks import KeyedTasks
from bot.services.runner import repeat
from storage.broadcasts import drafts

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
        async with KeyedTasks[int]() as tasks:
            await repeat(partial(self._start, tasks), POLL_INTERVAL)

    async def run_once(self) -> None:
        """Have every complete album answered; one that fails is tried again later."""
        async with KeyedTasks[int]() as tasks:
            await self._start(tasks)

    async def _start(self, tasks: KeyedTasks[int]) -> None:
        core, now = self._core, self._core.clock()
        chats = await core.database.read(lambda c: drafts.complete_albums(c, core.vault, now))
        for chat in chats:
            tasks.start(chat, partial(self._handler.end_album, chat))
