"""An update to thousands, whose sender is killed again and again.

On PostgreSQL two processes run at once: where the one that sends is killed, the other takes over.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection, func, make_url, select

from bot.clock import utc_now
from conversations.model.broadcast import (
    Broadcast,
    BroadcastStatus,
    Media,
    Part,
    RecipientState,
)
from storage.broadcasts import progress, recipients
from storage.chats import chat_ids
from storage.crypto.keys import load_or_create
from storage.crypto.vault import Vault
from storage.schema.tables import broadcast_recipients as rows
from tests.chaos.bot import LEASE
from tests.chaos.process import BotProcess, nursing
from tests.chaos.world import World
from tests.databases import opened
from tests.updates import ACT, FIRST, confirm, fates, subscribe, update

AUTHOR = FIRST - 1
BELOW = "You’re getting this because you asked for updates."
_MOMENT = 0.02
_PATIENCE = 60.0
_SLACK = 8.0
"""Seconds that a machine under load may take beyond the lease."""


def vault_of(world: World) -> Vault:
    return Vault(load_or_create(world.folder / "actionbot.keys"))


def text() -> Broadcast:
    """A text; what is doubtful is left."""
    return update()


def album(world: World) -> Broadcast:
    """Two pictures and a message with buttons; what is doubtful is sent once more."""
    pictures = (
        Part(Media.PHOTO, words, file_id=world.telegram.keep_file(b"a picture", words), album="a")
        for words in ("One", "Two")
    )
    return update(*pictures, buttons=(ACT,), again=True)


async def begin(world: World, broadcast: Broadcast, people: int) -> None:
    """Let so many subscribe, and somebody confirm the update to them."""
    vault, before = vault_of(world), utc_now() - timedelta(minutes=1)
    for number in range(people):
        world.telegram.add_person(FIRST + number, "Subscriber").last_id = 1  # they have written

    def work(connection: Connection) -> None:
        subscribe(connection, vault, range(FIRST, FIRST + people), before)
        confirm(connection, vault, AUTHOR, broadcast, utc_now())

    async with opened(world.url) as database:
        await database.transact(work)


async def send(
    world: World, broadcast: Broadcast, people: int, kills: int, tell: Callable[[int, int], None]
) -> float:
    """Kill the sender so often, evenly over the broadcast, and then let it end.

    Return the longest time, in seconds, that nothing came after a kill before another process took
    over; 0 where there is but one.
    """
    each = max(2, people // (4 * kills))  # with what is in hand then, some are left to the last
    silence = 0.0
    async with AsyncExitStack() as stack:
        sends = stands_by = world.process
        if make_url(world.url).get_backend_name() == "postgresql":
            second = nursing(world.environment, world.folder / "log of the second")
            stands_by = await stack.enter_async_context(second)
            stack.push_async_callback(stands_by.kill)
        await sends.start(0, answers=False)
        for killed in range(kills):
            if stands_by is not sends:
                await stands_by.start(0, answers=False)
            await _comes(world, world.chance.randint(1, each))
            await asyncio.sleep(world.chance.uniform(0, _MOMENT))
            await sends.kill()
            began = time.monotonic()
            tell(sum(min(came) for came in arrivals(world, broadcast, people).values()), killed + 1)
            sends, stands_by = stands_by, sends
            if stands_by is sends:
                await sends.start(0, answers=False)
            await _comes(world, 1)
            if stands_by is not sends:
                silence = max(silence, time.monotonic() - began)
        await _ends(world, broadcast, sends)
    return silence


async def _comes(world: World, messages: int) -> None:
    async with asyncio.timeout(_PATIENCE):
        await world.wire.says(messages)


async def _ends(world: World, broadcast: Broadcast, sends: BotProcess) -> None:
    """Wait until everybody has it, for as long as something comes."""
    said, loop = world.wire.said, asyncio.get_running_loop()
    async with opened(world.url) as database, asyncio.timeout(_PATIENCE) as patience:
        while not await database.read(partial(_is_done, id_=broadcast.id)):
            await asyncio.sleep(0.1)
            sends.look()
            if said != world.wire.said:
                said = world.wire.said
                patience.reschedule(loop.time() + _PATIENCE)


def _is_done(connection: Connection, id_: str) -> bool:
    facts = progress.find(connection, id_)
    return facts is not None and facts.state is BroadcastStatus.DONE


def arrivals(world: World, broadcast: Broadcast, people: int) -> dict[int, tuple[int, ...]]:
    """Count how often each part of the update came to each person."""
    parts = broadcast.version("en")
    wanted = [part.text for part in parts] + [BELOW] * (len(parts) > 1)
    came = {}
    for number in range(FIRST, FIRST + people):
        messages = world.telegram.people[number].messages.values()
        said = Counter(each.get("text") or each.get("caption") for each in messages)
        came[number] = tuple(said[text] for text in wanted)
    return came


async def broken(world: World, broadcast: Broadcast, people: int, silence: float) -> list[str]:
    """Return everything that does not hold, in plain words."""
    async with opened(world.url) as database:
        mine = rows.c.broadcast == recipients.ledger_number(broadcast.id)
        found = await database.read(lambda c: c.execute(select(rows).where(mine)).all())
        facts = await database.read(partial(progress.find, id_=broadcast.id))
    vault, wrong = vault_of(world), Counter[str]()
    became = {row.person_key: (tuple(RecipientState)[row.state], row.sent_twice) for row in found}
    for chat, came in arrivals(world, broadcast, people).items():
        wrong.update(
            _wrong(came, *became.get(chat_ids.key(vault, chat), (RecipientState.PENDING, False)))
        )
    counted = Counter(fate for fate, _ in became.values())
    if facts is None or any(facts.counts[fate] != many for fate, many in counted.items()):
        wrong[f"the counters do not agree with {dict(counted)}"] += 1
    if silence > LEASE.total_seconds() + _SLACK:
        wrong[f"another process took over after {silence:.1f} s"] += 1
    return [f"{what} ({many} times)" for what, many in wrong.items()]


async def figures(world: World, broadcast: Broadcast, people: int, silence: float) -> str:
    """Say what became of it, and what came."""
    async with opened(world.url) as database:
        mine = rows.c.broadcast == recipients.ledger_number(broadcast.id)
        flagged = select(func.count()).select_from(rows).where(mine, rows.c.sent_twice)
        again = await database.read(lambda c: c.execute(flagged).scalar_one())
        became = await database.read(partial(fates, id_=broadcast.id))
    came = arrivals(world, broadcast, people).values()
    return (
        ", ".join(f"{number} {fate}" for fate, number in sorted(became.items()))
        + f"; flagged as sent once more: {again}; came whole: {sum(min(each) > 0 for each in came)}"
        + f", twice: {sum(max(each) > 1 for each in came)}"
        + (f"; taken over after {silence:.1f} s at most" if silence else "")
    )


def _wrong(came: tuple[int, ...], fate: RecipientState, twice: bool) -> Iterator[str]:
    """Tell what does not hold of one person, to whom each part came so often."""
    if max(came) > 1 + twice:
        yield f"it came {max(came)} times to somebody who is {fate}"
    if min(came) == 0 and fate is not RecipientState.UNCERTAIN:
        yield f"it never came to somebody who is {fate}"
    if fate not in (RecipientState.SENT, RecipientState.UNCERTAIN):
        yield f"somebody is {fate} in the end"
