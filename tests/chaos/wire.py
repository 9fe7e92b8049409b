"""Telegram's side of the wire, where the bot is killed before or after a reply is taken."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from random import Random

from aiohttp import web

from bot.playground.telegram import TelegramServer, TelegramState

_REPLIES = (
    "sendMessage",
    "sendPhoto",
    "sendMediaGroup",
    "editMessageText",
    "editMessageCaption",
    "editMessageReplyMarkup",
)


SLOW, CUT = 0.05, 0.02
"""How many of the calls, in times of trouble."""


class Point(StrEnum):
    """The worst moments to be killed in."""

    CLAIMED = "after the update's claim, before the commit"
    COMMITTED = "committed, the reply unanswered"
    SENT = "the reply sent, not noted as told"
    DOTTED = "after SMTP's final dot, before the result is recorded"


class Wire(TelegramServer):
    """Tells where the bot stands whenever it says something; and cuts lines when it is told to."""

    def __init__(
        self, telegram: TelegramState, killed_at: Callable[[Point], Awaitable[bool]]
    ) -> None:
        """Ask `killed_at` at each point whether the bot was killed there."""
        super().__init__(telegram)
        self._killed_at = killed_at
        self.said = 0
        self._news = asyncio.Condition()
        self.trouble: Random | None = None
        """By whose chance calls are slow, and lost before or after they are taken."""

    async def says(self, replies: int) -> None:
        """Wait until the bot has said so much more."""
        until = self.said + replies
        async with self._news:
            await self._news.wait_for(lambda: self.said >= until)

    async def _call(self, request: web.Request) -> web.Response:
        method, chance = request.match_info["method"], self.trouble
        if chance is None or method == "getMe":
            return await self._taken(request, method)
        if chance.random() < SLOW:
            await asyncio.sleep(chance.uniform(0, 0.3))
        fate = chance.random()
        answer = web.Response(status=503) if fate < CUT else await self._taken(request, method)
        if fate < 2 * CUT and request.transport is not None:
            request.transport.abort()
        return answer

    async def _taken(self, request: web.Request, method: str) -> web.Response:
        replies = method in _REPLIES
        if replies and await self._killed_at(Point.COMMITTED):
            return web.Response(status=503)  # to nobody
        try:
            answer = await super()._call(request)
        except ConnectionError:  # killed in the middle of a word
            return web.Response(status=503)
        if replies and answer.status == 200:
            self.said += 1
            async with self._news:
                self._news.notify_all()
            await self._killed_at(Point.SENT)
        return answer
