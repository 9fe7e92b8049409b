"""Set up a broadcast: a database with subscribers, and the sender.

As a program, it fills a database with subscribers:

    python -m tests.benchmarks.updates DATABASE_URL KEY_FILE NUMBER [KEY_AGE]

Values are encrypted with today's key, or with that of KEY_AGE days ago.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import uvloop
from sqlalchemy import Connection, func, select

from bot.clock import utc_now
from bot.services.broadcasts.broadcast_sender import BroadcastSender
from bot.services.core import Core
from bot.telegram.broadcast_transport import BroadcastTransport
from bot.telegram.client.pacing import Pacer
from bot.telegram.client.rate_gate import Limits
from bot.telegram.client.request import TelegramRequest
from conversations.core.facts import Deployment
from conversations.folder.loading import load_campaigns
from conversations.model.broadcast import BroadcastStatus, RecipientState
from storage.broadcasts import progress
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.schema.migrations import upgrade
from storage.schema.tables import subscriptions
from tests.benchmarks.processes import ROOT, Broken, beside, last_words
from tests.databases import opened
from tests.updates import FIRST, HELLO, confirm, subscribe, update
from tests.vaults import vault_of

TEXT = HELLO.text
AUTHOR = FIRST - 1

_BATCH_SIZE = 10_000


@dataclass(frozen=True)
class Subscribers:
    """A database with `people` subscribers."""

    database: Database
    vault: Vault
    people: int

    async def fill(self) -> None:
        """Add the subscribers, in no order of their keys, as in a real database."""
        await self.database.transact(_enlarge_cache)
        before, end = utc_now() - timedelta(minutes=1), FIRST + self.people
        for first in range(FIRST, end, _BATCH_SIZE):
            some = range(first, min(first + _BATCH_SIZE, end))
            await self.database.transact(
                partial(subscribe, vault=self.vault, chats=some, now=before)
            )
        assert await self.database.read(_subscribed) == self.people

    async def confirm(self) -> str:
        """Confirm a broadcast to all subscribers; return its id."""
        broadcast = update()
        await self.database.transact(
            partial(confirm, vault=self.vault, author=AUTHOR, broadcast=broadcast, now=utc_now())
        )
        return broadcast.id

    async def is_done(self, id_: str) -> bool:
        facts = await self.database.read(partial(progress.find, id_=id_))
        return facts is not None and facts.state is BroadcastStatus.DONE

    async def must_have(self, id_: str) -> None:
        """Raise Broken unless the ledger says that the broadcast was sent to every subscriber."""
        facts = await self.database.read(partial(progress.find, id_=id_))
        if (
            facts is None
            or facts.state is not BroadcastStatus.DONE
            or facts.counts[RecipientState.SENT] != self.people
        ):
            raise Broken(f"A broadcast to {self.people} people is not complete: {facts}")

    def sender(
        self, request: TelegramRequest, limits: Limits, *, paid: bool = False
    ) -> BroadcastSender:
        """Return a broadcast sender, set up as in the bot."""
        bulk = BroadcastTransport(request, Pacer(limits), deployment, paid=paid)
        return BroadcastSender(Core(self.database, self.vault, deployment, utc_now), bulk)


@asynccontextmanager
async def subscribers(url: str, keys: Path, people: int) -> AsyncIterator[Subscribers]:
    """Open a new database at `url` with `people` subscribers."""
    vault = vault_of(keys)
    # A separate process fills the database, so that this one's memory stays small.
    given, log = (url, str(keys), str(people)), keys.with_suffix(".log")
    async with beside("tests.benchmarks.updates", *given, log=log) as filling:
        if await filling.wait():
            raise Broken(f"Adding {people} subscribers failed:\n{last_words(log)}")
    async with opened(url) as database:
        yield Subscribers(database, vault, people)


async def _fill(url: str, keys: Path, people: int, key_age: timedelta) -> None:
    async with opened(url) as database:
        await Subscribers(database, vault_of(keys, key_age), people).fill()


def _enlarge_cache(connection: Connection) -> None:
    """Give SQLite a large cache: it would rewrite pages again and again for unordered rows."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size = -400000")


def _sample() -> Deployment:
    (loaded,) = load_campaigns(ROOT / "conversations" / "campaigns")
    assert loaded.campaign
    return Deployment({loaded.campaign.slug: loaded.campaign}, "bench_bot", "", "")


_DEPLOYMENT = _sample()


def deployment() -> Deployment:
    return _DEPLOYMENT


def _subscribed(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(subscriptions)).scalar_one())


if __name__ == "__main__":
    upgrade(sys.argv[1])
    age = timedelta(days=int(sys.argv[4])) if len(sys.argv) > 4 else timedelta()
    uvloop.run(_fill(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), age))
