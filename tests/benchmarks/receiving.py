"""Run the stub of Telegram (`stub.py`) and read how many messages it received."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson

from tests.benchmarks.processes import START, Broken, beside, last_words

TOKEN = "42:a-token-that-no-telegram-knows-at-all-x"


@dataclass(frozen=True)
class Tally:
    """The messages that the stub received since the last tally."""

    messages: int
    people: int
    """To how many people."""
    most: int
    """The most messages to one person."""
    refused: int
    """How many calls were answered 429."""
    seconds: float
    """Between the first message and the last."""

    @property
    def rate(self) -> float:
        """The messages a second."""
        return (self.messages - 1) / self.seconds if self.seconds else 0.0

    def must_be(self, people: int, who: str) -> None:
        """Raise Broken unless exactly `people` people received one message each."""
        if (self.messages, self.people, self.most) != (people, people, 1):
            raise Broken(f"{who} sent to {people} people, but Telegram received: {self}")


@dataclass(frozen=True)
class Receiver:
    url: str
    _session: aiohttp.ClientSession

    async def tally(self) -> Tally:
        """Return what was received since the last tally."""
        async with self._session.get(f"{self.url}/tally") as answer:
            return Tally(**orjson.loads(await answer.read()))


@asynccontextmanager
async def receiving(folder: Path, rate: float = 0) -> AsyncIterator[Receiver]:
    """Run the stub, which accepts `rate` messages a second; 0 means no limit."""
    log = folder / f"stub-{rate:g}.log"
    async with beside("tests.benchmarks.stub", str(rate), log=log) as process:
        assert process.stdout is not None
        port = (await asyncio.wait_for(process.stdout.readline(), START)).decode().strip()
        if not port:
            raise Broken(last_words(log))
        async with aiohttp.ClientSession() as session:
            yield Receiver(f"http://127.0.0.1:{port}", session)
