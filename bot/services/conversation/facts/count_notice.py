"""A message that shows how far a long count is. In the end it shows the number."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import structlog

from bot.logs import error_fields
from bot.services.ports import MessageSender
from conversations.core.replies import Say
from conversations.text.wording import Wording

log = structlog.get_logger()

T = TypeVar("T")

FIRST_AFTER = 1.0
"""Seconds after which the message appears: most counts are faster."""

EDIT_INTERVAL = 2.0
"""Seconds between two edits."""


class CountNotice:
    """The message of one count in one chat."""

    def __init__(self, messages: MessageSender, wording: Wording, chat: int) -> None:
        """Show it in `chat`, in the language of `wording`."""
        self._messages = messages
        self._wording = wording
        self._chat = chat
        self._done = 0
        self._message: int | None = None

    async def during(self, count: Callable[[Callable[[int], None]], Awaitable[T]]) -> T:
        """Return the result of `count`, which gets a function that reports the progress."""
        shows = asyncio.create_task(self._show_repeatedly())
        try:
            result = await count(self._progress)
        finally:
            shows.cancel()
            with suppress(asyncio.CancelledError):
                await shows
        if self._message is not None:
            await self._show(self._result(result))
        return result

    def _progress(self, done: int) -> None:
        self._done = done

    async def _show_repeatedly(self) -> None:
        await asyncio.sleep(FIRST_AFTER)
        while True:
            done = self._wording.number(self._done)
            await self._show(Say(self._wording.say("compose.counting", done=done)))
            await asyncio.sleep(EDIT_INTERVAL)

    def _result(self, result: Any) -> Say:
        if not isinstance(result, int):
            return Say(self._wording.say("compose.collected"))
        from conversations.broadcasts.draft_view import number_of_people  # loaded by the count

        people = number_of_people(self._wording, result)
        return Say(self._wording.say("compose.counted", people=people))

    async def _show(self, text: Say) -> None:
        """Send or edit the message. The count goes on if that fails."""
        try:
            self._message = await self._messages.show(self._chat, text, self._message, silent=True)
        except Exception as error:
            log.warning("count not shown", **error_fields(error))
