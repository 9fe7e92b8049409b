"""An outbox full of letters, whose worker is killed again and again."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Connection

from bot.clock import utc_now
from storage.crypto.keys import load_or_create
from storage.crypto.vault import Vault
from tests.chaos.holds import mailed
from tests.chaos.world import World
from tests.databases import opened
from tests.storage.people import queues

AT_ONCE = 100
MOST = 40
"""The most letters that leave between two deaths."""

_MOMENT = 0.02
_PATIENCE = 60.0


async def fill(world: World, number: int) -> None:
    """Put so many letters into the outbox, all of them due."""
    vault = Vault(load_or_create(world.folder / "actionbot.keys"))
    begin = utc_now() - timedelta(seconds=number)

    def work(connection: Connection, first: int) -> None:
        for each in range(first, min(first + AT_ONCE, number)):
            queues(connection, vault, each, begin + timedelta(seconds=each))

    async with opened(world.url) as database:
        for first in range(0, number, AT_ONCE):
            await database.transact(lambda c, first=first: work(c, first))  # type: ignore[misc]


async def drain(world: World, number: int, tell: Callable[[int, int], None]) -> None:
    """Kill the worker at random until nearly all has left, then let it end.

    `tell` is told after each kill how many letters have left, and how many kills there were.
    """
    kills = 0
    while True:
        await world.lives(answers=False)
        came, left = len(world.sink.mails), number - len(world.sink.accepted)
        if left <= number // 10:
            break
        async with asyncio.timeout(_PATIENCE):
            await world.letterbox.holds(came + world.chance.randint(0, min(MOST, left)))
        await asyncio.sleep(world.chance.uniform(0, _MOMENT))
        await world.process.kill()
        kills += 1
        tell(len(world.sink.accepted), kills)
    await world.rests()


async def broken(world: World, number: int) -> list[str]:
    """Return everything that does not hold, in plain words."""
    async with opened(world.url) as database:
        return await database.read(lambda c: list(mailed(c, world, number)))
