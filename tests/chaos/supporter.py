"""A simulated supporter who does each step once, when the chat asks for it, and never retries.

So if the bot loses an update, or does not repeat a question after a crash, the supporter waits
in vain and raises `Stuck`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from string import ascii_lowercase

from bot.playground.telegram import Person, TelegramState
from bot.playground.telegram.person import buttons
from tests.bot.mail.sink import Sink
from tests.chat import CODE
from tests.english import opening

ANSWER_TIMEOUT = 120.0
"""Seconds that a supporter waits for one answer, crashes included."""

UPDATES_PER_LETTER = 8
"""How many updates one letter takes; each update is one turn of the journey."""

NO_CODE, ANOTHER_CODE = "No code yet?", "Send a new code"
"""Buttons of a supporter whose code has not come. “No code yet?” shows “Send a new code”."""

_FIRST_ID = 7_100_000_001


class Stuck(Exception):
    """A supporter waited for something that never came."""


class Letterbox:
    """Waits for mail that arrives at the mail server, and finds the codes in it."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._news = asyncio.Condition()

    async def notify(self) -> None:
        """Make everyone who waits check again."""
        async with self._news:
            self._news.notify_all()

    async def wait_for_mails(self, mails: int) -> None:
        """Wait until this many mails have arrived; each copy counts."""
        async with self._news:
            await self._news.wait_for(lambda: len(self._sink.mails) >= mails)

    def codes(self, address: str) -> list[str]:
        """Return the codes mailed to `address`, one for each mail even if it arrived twice."""
        mails = {mail.message_id: mail for mail in self._sink.mails if mail.recipient == address}
        return [found[0] for mail in mails.values() if (found := CODE.search(mail.subject))]

    async def code(self, address: str) -> str:
        """Wait for a code mailed to `address`, and return the last one."""
        async with self._news:
            await self._news.wait_for(lambda: self.codes(address))
        return self.codes(address)[-1]


class Supporter:
    """A supporter with a unique name and email address."""

    def __init__(self, number: int, telegram: TelegramState, letterbox: Letterbox) -> None:
        first, second = divmod(number, 26)
        self.name = f"Wilhelmina {ascii_lowercase[first % 26]}{ascii_lowercase[second]}ruud".title()
        self.address = f"w{number}@mail.example"
        self.person: Person = telegram.add_person(_FIRST_ID + number, *self.name.split())
        self._letterbox = letterbox
        self.patience = ANSWER_TIMEOUT
        """Seconds that they wait for one answer."""
        self.asks_again: float | None = None
        """Seconds without a valid code after which they ask for a new one; None: they never do."""
        self.asked_again = False
        """Whether they asked for a new code, which takes more turns."""
        self.wrote = False
        """Whether the supporter has pressed Send and only waits for the letter."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The personal values that must not appear in any log."""
        codes = self._letterbox.codes(self.address)
        plain = [code.replace(" ", "") for code in codes]
        return (self.name.split()[1], self.address, str(self.person.id), *codes, *plain)

    async def acts(self) -> None:
        """Go through the whole journey, from the link until the letter is sent."""
        await self.comes_to_the_review()
        await self.presses("Send in my name")
        self.wrote = True
        await self.sees("status.accepted")

    async def comes_to_the_review(self) -> None:
        self.person.start("hong-kong")
        await self.presses("Write the letter")
        await self.presses("Continue")
        await self.answers("name.ask", self.name)
        await self.answers("country.ask", "Portugal")
        await self.answers("address.ask", self.address)
        await self.sees("code.ask")
        if self.asks_again is not None:
            await self._types_codes(self.asks_again)
            return
        async with self._waiting("the code's mail"):
            code = await self._letterbox.code(self.address)
        self.person.send(code)
        await self.sees("review.letter")

    async def _types_codes(self, seconds: float) -> None:
        """Type each code that comes, and ask for a new one while none is valid.

        A code is lost if the clock was wrong and said that it had expired.
        """
        typed = ""
        while not self.shows("review.letter"):
            codes = self._letterbox.codes(self.address)
            if codes and codes[-1] != typed:
                typed = codes[-1]
                self.person.send(typed)
            elif self.offers(ANOTHER_CODE) or self.offers(NO_CODE):
                self.asked_again = True
                await self.presses(ANOTHER_CODE if self.offers(ANOTHER_CODE) else NO_CODE)
            with suppress(TimeoutError):
                await self.person.until(lambda _: self.shows("review.letter"), seconds)

    async def presses(self, label: str) -> None:
        async with self._waiting(f"the button “{label}”"):
            await self.person.until(lambda _: self.offers(label), self.patience)
        message = self._with(label)
        assert message is not None
        self.person.press(message, label)

    async def answers(self, key: str, text: str) -> None:
        await self.sees(key)
        self.person.send(text)

    async def sees(self, key: str) -> None:
        """Wait for the text of `key`."""
        async with self._waiting(f"“{opening(key)}”"):
            await self.person.until(lambda _: self.shows(key), self.patience)

    async def sees_button(self, label: str) -> None:
        async with self._waiting(f"the button “{label}”"):
            await self.person.until(lambda _: self.offers(label), self.patience)

    def offers(self, label: str) -> bool:
        """Whether the chat has a button with this label."""
        return self._with(label) is not None

    def shows(self, key: str) -> bool:
        """Whether a message of the bot in the chat contains how the text of `key` begins."""
        words = opening(key)
        return any(words in each["text"] for each in self.person.chat() if not each["mine"])

    def _with(self, label: str) -> int | None:
        """Return the id of the last message with that button, if there is one."""
        for number, message in reversed(self.person.messages.items()):
            if any(button["text"] == label for button in buttons(message)):
                return number
        return None

    @asynccontextmanager
    async def _waiting(self, what: str) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self.patience):
                yield
        except TimeoutError:
            shown = "\n".join(f"  {each['text'][:200]!r}" for each in self.person.chat())
            raise Stuck(f"{self.name} waited in vain for {what}. The chat:\n{shown}") from None
