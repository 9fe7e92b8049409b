"""An update to thousands, whose sender is killed again and again."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection, select

from bot.app import utc_now
from conversations.broadcast import Broadcast, Fate, State
from storage import chats, ledger, progress
from storage.keys import load_or_create
from storage.tables import broadcast_recipients as rows
from storage.vault import Vault
from tests.chaos.world import World
from tests.databases import opened
from tests.updates import FIRST, HELLO, confirm, subscribe, update

AUTHOR = FIRST - 1
_MOMENT = 0.02
_PATIENCE = 60.0


def vault_of(world: World) -> Vault:
    return Vault(load_or_create(world.folder / "actionbot.keys"))


async def begin(world: World, people: int) -> Broadcast:
    """Let so many subscribe, and somebody confirm an update to them."""
    vault, broadcast, before = vault_of(world), update(), utc_now() - timedelta(minutes=1)
    for number in range(people):
        world.telegram.person(FIRST + number, "Subscriber").last_id = 1  # they have written

    def work(connection: Connection) -> None:
        subscribe(connection, vault, range(FIRST, FIRST + people), before)
        confirm(connection, vault, AUTHOR, broadcast, utc_now())

    async with opened(world.url) as database:
        await database.transact(work)
    return broadcast


async def send(
    world: World, broadcast: Broadcast, people: int, kills: int, tell: Callable[[int, int], None]
) -> None:
    """Kill the sender so often, evenly over the broadcast, and then let it end."""
    each = max(2, people // (4 * kills))  # with what is in hand then, some are left to the last
    for killed in range(kills):
        await world.lives(answers=False)
        async with asyncio.timeout(_PATIENCE):
            await world.wire.says(world.chance.randint(1, each))
        await asyncio.sleep(world.chance.uniform(0, _MOMENT))
        await world.process.kill()
        tell(sum(arrivals(world, people).values()), killed + 1)
    await world.lives(answers=False)
    async with opened(world.url) as database, asyncio.timeout(_PATIENCE):
        while not await database.read(partial(_is_done, id_=broadcast.id)):
            await asyncio.sleep(0.02)
            world.process.look()


def _is_done(connection: Connection, id_: str) -> bool:
    facts = progress.progress(connection, id_)
    return facts is not None and facts.state is State.DONE


def arrivals(world: World, people: int) -> Counter[int]:
    """Count what came to each person."""
    came: Counter[int] = Counter()
    for number in range(FIRST, FIRST + people):
        person = world.telegram.people[number]
        came[number] = sum(each["text"] == HELLO.text for each in person.messages.values())
    return came


async def broken(world: World, broadcast: Broadcast, people: int) -> list[str]:
    """Return everything that does not hold, in plain words."""
    async with opened(world.url) as database:
        mine = rows.c.broadcast == ledger.number(broadcast.id)
        found = await database.read(lambda c: c.execute(select(rows).where(mine)).all())
        facts = await database.read(partial(progress.progress, id_=broadcast.id))
    fates = {row.person_key: tuple(Fate)[row.fate] for row in found}
    vault, wrong = vault_of(world), Counter[str]()
    for chat, came in arrivals(world, people).items():
        fate = fates.get(chats.key(vault, chat))
        if came > 1:
            wrong[f"it came {came} times to somebody who is {fate}"] += 1
        if came == 0 and fate is not Fate.UNCERTAIN:
            wrong[f"it never came to somebody who is {fate}"] += 1
        if fate not in (Fate.SENT, Fate.UNCERTAIN):
            wrong[f"somebody is {fate} in the end"] += 1
    counted = Counter(fates.values())
    if facts is None or any(facts.counts[fate] != many for fate, many in counted.items()):
        wrong[f"the counters do not agree with {dict(counted)}"] += 1
    return [f"{what} ({many} times)" for what, many in wrong.items()]
