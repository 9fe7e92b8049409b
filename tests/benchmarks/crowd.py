"""Simulate everything around a bot, in this process: Telegram, mailboxes and supporters.

A supporter waits for each reply before answering, and for the mail with the code. A journey is
complete when its letter has arrived and the bot has said that it was sent.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

from bot.playground.telegram import Person, TelegramServer, TelegramState
from bot.playground.telegram.content.message_view import Message
from bot.playground.telegram.person import buttons
from tests.benchmarks.sink import sinking

WRITE, GO_ON, SEND = "Write the letter", "Continue", "Send in my name"
LEFT = "Your letter was sent"
"""Texts of both bots: three buttons, and the words that end a journey."""

JOURNEY_TIMEOUT = 60.0
"""Seconds that one journey may take."""

_CODE = re.compile(rb"\b\d{4} \d{4}\b")
_REPLY_TO = re.compile(rb"^Reply-To:[^@]*?([\w.]+@mail\.example)", re.MULTILINE)


class Supporter(Person):
    """A supporter who writes a letter as fast as the bot allows."""

    def __init__(self, telegram: TelegramState, number: int) -> None:
        super().__init__(telegram, 1000 + number, "Maria", "Silva")
        self.address = f"maria.{number}@mail.example"
        self.letters = 0
        self._code: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._letter = asyncio.Event()
        self._heard: asyncio.Queue[tuple[bool, Message]] = asyncio.Queue()

    def notify(self, kind: str, content: dict[str, Any]) -> None:
        # Do not call super(): it would render each change for the playground's page.
        if kind in ("message", "edited") and content["from"]["is_bot"]:
            self._heard.put_nowait((kind == "message", content))

    def takes_code(self, code: str) -> None:
        if not self._code.done():
            self._code.set_result(code)

    def arrived(self) -> None:
        self.letters += 1
        self._letter.set()

    async def turn(self) -> None:
        """Wait until it is this supporter's turn to write. Here nobody waits."""

    async def plays(self) -> None:
        await self.turn()
        self.start("hong-kong__poster")
        await self._presses(WRITE)
        await self._presses(GO_ON)
        for answer in ("Maria Silva", "Portugal", self.address):
            await self._hears(lambda new, _: new)
            await self.turn()
            self.send(answer)
        await self._hears(lambda new, _: new)
        code = await self._code
        await self.turn()
        self.send(code)
        await self._presses(SEND)
        await self._hears(lambda _, message: LEFT in message.get("text", ""))
        await self._letter.wait()

    async def asks_for_the_start(self) -> None:
        """Open the campaign's link again, and wait for its first message."""
        while not self._heard.empty():
            self._heard.get_nowait()
        self.start("hong-kong__poster")
        await self._hears(lambda new, message: new and bool(buttons(message)))

    async def _presses(self, label: str) -> None:
        message = await self._hears(
            lambda _, message: any(button["text"] == label for button in buttons(message))
        )
        await self.turn()
        self.press(message["message_id"], label)

    async def _hears(self, wanted: Callable[[bool, Message], bool]) -> Message:
        """Wait for a new or edited message that satisfies `wanted(new, message)`."""
        while True:
            new, message = await self._heard.get()
            if wanted(new, message):
                return message


@dataclass
class Crowd:
    """Telegram, mail and supporters for one bot."""

    telegram: TelegramState = field(default_factory=lambda: TelegramState(flood=False))
    supporters: dict[str, Supporter] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    url: str = ""
    smtp_port: int = 0

    async def play(self, journeys: int, at_once: int) -> int:
        """Play `journeys` journeys, `at_once` at a time; return how many letters arrived."""
        new = [self.newcomer() for _ in range(journeys)]
        waiting = iter(new)

        async def one_after_another() -> None:
            for supporter in waiting:
                async with asyncio.timeout(JOURNEY_TIMEOUT):
                    await supporter.plays()

        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(one_after_another())
        return sum(supporter.letters for supporter in new)

    def took(self, recipient: str, content: bytes) -> None:
        """Give a code to its supporter; count a letter for the supporter who wrote it."""
        if supporter := self.supporters.get(recipient):
            if found := _CODE.search(content):
                supporter.takes_code(found[0].decode())
        elif found := _REPLY_TO.search(content):
            self.supporters[found[1].decode()].arrived()

    def newcomer(self) -> Supporter:
        """Add a supporter who does nothing yet."""
        return self.add(Supporter(self.telegram, len(self.supporters) + 1))

    def add(self, supporter: Supporter) -> Supporter:
        """Add this supporter."""
        self.telegram.people[supporter.id] = supporter
        self.supporters[supporter.address] = supporter
        return supporter


class _Counting(TelegramServer):
    """The embedded Telegram, which also counts the calls of each method."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__(crowd.telegram)
        self._calls = crowd.calls

    async def _call(self, request: web.Request) -> web.Response:
        self._calls[request.match_info["method"]] += 1
        return await super()._call(request)


C = TypeVar("C", bound=Crowd)


@asynccontextmanager
async def serving(crowd: C) -> AsyncIterator[C]:
    """Serve Telegram and mail for one bot until the context ends."""
    async with _Counting(crowd) as server, sinking(crowd.took) as port:
        crowd.url, crowd.smtp_port = server.url, port
        yield crowd


def crowd() -> AbstractAsyncContextManager[Crowd]:
    """Serve Telegram and mail for one bot, and for supporters who note nothing."""
    return serving(Crowd())
