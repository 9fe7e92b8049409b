"""Tell supporters in their chats that a mail to them came back.

Any process may have received the bounce, so chats to notify are found in the database.
"""

import asyncio
from functools import partial

from bot.services.conversation.update_handler import UpdateHandler
from bot.services.core import Core
from bot.services.keyed_tasks import KeyedTasks
from bot.services.runner import repeat
from storage.mail import returned_mail

POLL_INTERVAL = 2.0
"""Seconds between two queries for codes and copies that came back. `wake` starts one at once."""


class BounceNotices:
    """Has each code and copy that came back answered in its chat."""

    def __init__(self, core: Core, handler: UpdateHandler) -> None:
        """`handler` answers in the chats that are found."""
        self._core = core
        self._handler = handler
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Query now rather than after the interval."""
        self._wake.set()

    async def run(self) -> None:
        """Notify until cancelled."""
        async with KeyedTasks[int]() as tasks:
            await repeat(partial(self._start, tasks), POLL_INTERVAL, self._wake)

    async def run_once(self) -> None:
        """Notify every chat that waits. A failed one is notified in a later round."""
        async with KeyedTasks[int]() as tasks:
            await self._start(tasks)

    async def _start(self, tasks: KeyedTasks[int]) -> None:
        core = self._core
        waiting = await core.database.read(lambda c: returned_mail.chats_to_notify(c, core.vault))
        for chat in waiting:
            tasks.start(chat, partial(self._handler.answer_bounces, chat))
