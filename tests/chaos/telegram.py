"""A Telegram server that can kill the bot around a reply, and that can lose or delay calls."""

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
"""Shares of the calls that are slow, and that are lost, while the network is bad."""


class Point(StrEnum):
    """The moments at which a kill could do the most damage."""

    CLAIMED = "after the update's claim, before the commit"
    COMMITTED = "committed, the reply unanswered"
    SENT = "the reply sent, not yet recorded as sent"
    DOTTED = "after SMTP's final dot, before the result is recorded"


class ChaosTelegram(TelegramServer):
    """The embedded Telegram server, which asks at each reply whether to kill the bot."""

    def __init__(
        self, telegram: TelegramState, killed_at: Callable[[Point], Awaitable[bool]]
    ) -> None:
        """Call `killed_at` at each point: it may kill the bot, and returns whether it did."""
        super().__init__(telegram)
        self._killed_at = killed_at
        self.refusals: dict[int, Callable[[], web.Response]] = {}
        """What answers the calls that concern a chat, by chat."""
        self.replies = 0
        """How many replies the server has accepted from the bot."""
        self._news = asyncio.Condition()
        self.trouble: Random | None = None
        """The random numbers that make calls slow or lost; None while the network is good."""

    async def wait_for_replies(self, replies: int) -> None:
        """Wait until the bot has sent this many more replies."""
        until = self.replies + replies
        async with self._news:
            await self._news.wait_for(lambda: self.replies >= until)

    async def _call(self, request: web.Request) -> web.Response:
        method, chance = request.match_info["method"], self.trouble
        if self.refusals and request.content_type == "application/json" and await request.read():
            given = await request.json()
            if isinstance(given, dict) and given.get("chat_id") in self.refusals:
                return self.refusals[given["chat_id"]]()
        if chance is None or method == "getMe":
            return await self._accept(request, method)
        if chance.random() < SLOW:
            await asyncio.sleep(chance.uniform(0, 0.3))
        draw = chance.random()
        answer = web.Response(status=503) if draw < CUT else await self._accept(request, method)
        if draw < 2 * CUT and request.transport is not None:
            request.transport.abort()
        return answer

    async def _accept(self, request: web.Request, method: str) -> web.Response:
        replies = method in _REPLIES
        if replies and await self._killed_at(Point.COMMITTED):
            return web.Response(status=503)  # nobody receives this
        try:
            answer = await super()._call(request)
        except ConnectionError:  # the bot was killed in the middle of the call
            return web.Response(status=503)
        if replies and answer.status == 200:
            self.replies += 1
            async with self._news:
                self._news.notify_all()
            await self._killed_at(Point.SENT)
        return answer
