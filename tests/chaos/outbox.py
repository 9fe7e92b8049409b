"""Kill the mail worker again and again while it sends an outbox full of letters."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Connection

from bot.clock import utc_now
from tests.chaos.invariants import mail_server
from tests.chaos.world import World
from tests.databases import opened
from tests.storage.people import queues
from tests.vaults import vault_of

BATCH_SIZE = 100
MAX_LETTERS_PER_RUN = 40
"""The most letters that are sent between two kills."""

_MAX_KILL_DELAY = 0.02
_STALL_TIMEOUT = 60.0


async def fill(world: World, number: int) -> None:
    """Put `number` letters into the outbox, all due now."""
    vault = vault_of(world.folder / "actionbot.keys")
    begin = utc_now() - timedelta(seconds=number)

    def work(connection: Connection, first: int) -> None:
        for each in range(first, min(first + BATCH_SIZE, number)):
            queues(connection, vault, each, begin + timedelta(seconds=each))

    async with opened(world.url) as database:
        for first in range(0, number, BATCH_SIZE):
            await database.transact(lambda c, first=first: work(c, first))  # type: ignore[misc]


async def drain(world: World, number: int, report: Callable[[int, int], None]) -> None:
    """Kill the worker at random moments until most letters are sent, then let it send the rest.

    After each kill, `report` gets the number of letters sent and the number of kills.
    """
    kills = 0
    while True:
        await world.start_bot(answers=False)
        came, left = len(world.sink.mails), number - len(world.sink.accepted)
        if left <= number // 10:
            break
        async with asyncio.timeout(_STALL_TIMEOUT):
            await world.letterbox.wait_for_mails(
                came + world.chance.randint(0, min(MAX_LETTERS_PER_RUN, left))
            )
        await asyncio.sleep(world.chance.uniform(0, _MAX_KILL_DELAY))
        await world.process.kill()
        kills += 1
        report(len(world.sink.accepted), kills)
    await world.wait_until_sent()


async def violations(world: World, number: int) -> list[str]:
    """Return a sentence for each violated invariant of the outbox."""
    vault = vault_of(world.folder / "actionbot.keys")
    async with opened(world.url) as database:
        return await database.read(lambda c: list(mail_server(c, vault, world, number)))
