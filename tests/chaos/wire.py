"""Telegram's side of the wire, where the bot is killed before or after a reply is taken."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

from aiohttp import web

from bot.playground.telegram import Telegram, TelegramServer

_REPLIES = (
    "sendMessage",
    "sendPhoto",
    "editMessageText",
    "editMessageCaption",
    "editMessageReplyMarkup",
)


class Point(StrEnum):
    """The worst moments to be killed in."""

    CLAIMED = "after the update's claim, before the commit"
    COMMITTED = "committed, the reply unanswered"
    SENT = "the reply sent, not noted as told"
    DOTTED = "after SMTP's final dot, before the result is recorded"


class Wire(TelegramServer):
    """Tells where the bot stands whenever it says something."""

    def __init__(self, telegram: Telegram, killed_at: Callable[[Point], Awaitable[bool]]) -> None:
        """Ask `killed_at` at each point whether the bot was killed there."""
        super().__init__(telegram)
        self._killed_at = killed_at

    async def _call(self, request: web.Request) -> web.Response:
        replies = request.match_info["method"] in _REPLIES
        if replies and await self._killed_at(Point.COMMITTED):
            return web.Response(status=503)  # to nobody
        answer = await super()._call(request)
        if replies and answer.status == 200:
            await self._killed_at(Point.SENT)
        return answer
