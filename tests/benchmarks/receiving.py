"""The Telegram of a benchmark (`stub`), and what it tells of what came."""

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
    """What came: to how many `people`, and at `most` how often to one; `refused` with 429.

    `seconds` lie between the first and the last.
    """

    messages: int
    people: int
    most: int
    refused: int
    seconds: float

    @property
    def rate(self) -> float:
        """The messages a second."""
        return (self.messages - 1) / self.seconds if self.seconds else 0.0

    def must_be(self, people: int, who: str) -> None:
        """Raise Broken unless one message came to each of so many."""
        if (self.messages, self.people, self.most) != (people, people, 1):
            raise Broken(f"{who} sent to {people} people, and this came: {self}")


@dataclass(frozen=True)
class Receiver:
    url: str
    _session: aiohttp.ClientSession

    async def tally(self) -> Tally:
        """Return what came since this was asked last."""
        async with self._session.get(f"{self.url}/tally") as answer:
            return Tally(**orjson.loads(await answer.read()))


@asynccontextmanager
async def receiving(folder: Path, rate: float = 0) -> AsyncIterator[Receiver]:
    """Run a Telegram, which takes `rate` messages a second, or all of them."""
    log = folder / f"stub-{rate:g}.log"
    async with beside("tests.benchmarks.stub", str(rate), log=log) as process:
        assert process.stdout is not None
        port = (await asyncio.wait_for(process.stdout.readline(), START)).decode().strip()
        if not port:
            raise Broken(last_words(log))
        async with aiohttp.ClientSession() as session:
            yield Receiver(f"http://127.0.0.1:{port}", session)
