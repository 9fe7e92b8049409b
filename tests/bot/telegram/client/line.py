"""A line to Telegram in virtual time: what is sent and when, and what is refused with 429."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.telegram.client.api_errors import TooManyRequests
from bot.telegram.client.pacing import Pacer
from bot.telegram.client.rate_gate import Limits, Priority
from tests.bot.telegram.client.clockwork import now

MARIA, AHMED, XIAOFANG = 1, 2, 3

NOW, LATER = Priority.INTERACTIVE, Priority.BULK

Sent = list[tuple[float, str]]


class Line:
    """Notes what goes and when; refuses with 429 what `refusing` says, taking 20 ms for each."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.pacer = Pacer(limits)
        self.sent: Sent = []
        self.refused: Sent = []
        self.refusing: Callable[[str], float] = lambda what: 0

    async def write(self, chat: int, what: str, priority: Priority = NOW) -> None:
        await self.pacer.send(chat, priority, lambda: self._answer(what))

    async def _answer(self, what: str) -> None:
        began = now()
        wait = self.refusing(what)
        await asyncio.sleep(0.02)
        if wait:
            self.refused.append((began, what))
            raise TooManyRequests(wait)
        self.sent.append((began, what))

    def at(self, what: str) -> float:
        return next(moment for moment, sent in self.sent if sent == what)


def once(*refused: str, wait: float) -> Callable[[str], float]:
    """Refuse each of `refused` the first time."""
    left = set(refused)

    def refusing(what: str) -> float:
        if what in left:
            left.discard(what)
            return wait
        return 0

    return refusing


async def together(*writing: Awaitable[None]) -> None:
    async with asyncio.TaskGroup() as group:
        for one in writing:
            group.create_task(_of(one))
            await asyncio.sleep(0)


async def _of(one: Awaitable[None]) -> None:
    await one


def limits_the_bot(until: float) -> Callable[[str], float]:
    """Refuse every call until then. Each is told to wait for two hours."""
    return lambda what: 7200 if now() < until else 0


async def refused(line: Line, chat: int) -> None:
    with pytest.raises(TooManyRequests):
        await line.write(chat, f"to {chat}")


async def after(seconds: float, writing: Awaitable[None]) -> None:
    await asyncio.sleep(seconds)
    await writing
