"""Kill the broadcast sender again and again while it sends to thousands of subscribers.

On PostgreSQL two processes run: when the sending one is killed, the other takes over.
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
from storage.broadcasts import progress
from storage.chats.ledger_numbers import ledger_number
from storage.crypto.person_keys import PersonKeys
from storage.schema.tables import broadcast_recipients as rows
from tests.chaos.bot import LEASE
from tests.chaos.process import BotProcess, bot_processes
from tests.chaos.world import World
from tests.databases import opened
from tests.updates import ACT, FIRST, confirm, fates, subscribe, update
from tests.vaults import vault_of

AUTHOR = FIRST - 1
BELOW = "You’re getting this because you asked for updates."
_MAX_KILL_DELAY = 0.02
_STALL_TIMEOUT = 60.0
_POLL_INTERVAL = 0.5
_TAKEOVER_SLACK = 8.0
"""Seconds that a takeover may take beyond the lease on a loaded machine."""


def text() -> Broadcast:
    """A text broadcast; uncertain recipients are not sent to again."""
    return update()


def album(world: World) -> Broadcast:
    """Two pictures and a message with buttons; uncertain recipients are sent to once more."""
    pictures = (
        Part(Media.PHOTO, words, file_id=world.telegram.keep_file(b"a picture", words), album="a")
        for words in ("One", "Two")
    )
    return update(*pictures, buttons=(ACT,), again=True)


async def begin(world: World, broadcast: Broadcast, people: int) -> None:
    """Subscribe `people` people, and confirm the broadcast to them."""
    vault, before = vault_of(world.folder / "actionbot.keys"), utc_now() - timedelta(minutes=1)
    for number in range(people):
        world.telegram.add_person(FIRST + number, "Subscriber").last_id = 1  # they have written

    def work(connection: Connection) -> None:
        subscribe(connection, vault, range(FIRST, FIRST + people), before)
        confirm(connection, vault, AUTHOR, broadcast, utc_now())

    async with opened(world.url) as database:
        await database.transact(work)


async def send(
    world: World, broadcast: Broadcast, people: int, kills: int, report: Callable[[int, int], None]
) -> float:
    """Kill the sender `kills` times, evenly over the broadcast, and then let it finish.

    On a fast machine the broadcast may be done before the last kill. Return the longest time in
    seconds between a kill and the first message of the process that took over; 0 if there is only
    one process.
    """
    silence = 0.0
    async with AsyncExitStack() as stack:
        sender = standby = world.process
        if make_url(world.url).get_backend_name() == "postgresql":
            second = bot_processes(world.environment, world.folder / "log of the second")
            standby = await stack.enter_async_context(second)
            stack.push_async_callback(standby.kill)
        await sender.start(0, mode="work")
        for killed in range(kills):
            if standby is not sender:
                await standby.start(0, mode="work")
            # So that some recipients are left for the last run.
            most = max(1, (people - _reached(world, broadcast, people)) // (4 * (kills - killed)))
            if not await _sends(world, broadcast, world.chance.randint(1, most)):
                break
            await asyncio.sleep(world.chance.uniform(0, _MAX_KILL_DELAY))
            await sender.kill()
            began = time.monotonic()
            report(_reached(world, broadcast, people), killed + 1)
            sender, standby = standby, sender
            if standby is sender:
                await sender.start(0, mode="work")
            if not await _sends(world, broadcast, 1):
                break
            if standby is not sender:
                silence = max(silence, time.monotonic() - began)
        await _wait_until_done(world, broadcast, sender)
    return silence


def _reached(world: World, broadcast: Broadcast, people: int) -> int:
    """Return how many people have received the whole broadcast."""
    return sum(min(came) > 0 for came in arrivals(world, broadcast, people).values())


async def _sends(world: World, broadcast: Broadcast, messages: int) -> bool:
    """Wait for so many more messages; return False if the broadcast is done before they come."""
    sent = asyncio.create_task(world.server.wait_for_replies(messages))
    try:
        async with opened(world.url) as database, asyncio.timeout(_STALL_TIMEOUT):
            while True:
                if (await asyncio.wait((sent,), timeout=_POLL_INTERVAL))[0]:
                    return True
                if await database.read(partial(_is_done, id_=broadcast.id)):
                    return False
    finally:
        sent.cancel()


async def _wait_until_done(world: World, broadcast: Broadcast, sender: BotProcess) -> None:
    """Wait until the broadcast is done. Raises TimeoutError if messages stop arriving."""
    said, loop = world.server.replies, asyncio.get_running_loop()
    async with opened(world.url) as database, asyncio.timeout(_STALL_TIMEOUT) as timeout:
        while not await database.read(partial(_is_done, id_=broadcast.id)):
            await asyncio.sleep(0.1)
            sender.raise_if_crashed()
            if said != world.server.replies:
                said = world.server.replies
                timeout.reschedule(loop.time() + _STALL_TIMEOUT)


def _is_done(connection: Connection, id_: str) -> bool:
    facts = progress.find(connection, id_)
    return facts is not None and facts.state is BroadcastStatus.DONE


def arrivals(world: World, broadcast: Broadcast, people: int) -> dict[int, tuple[int, ...]]:
    """Return for each person how often each part of the broadcast arrived."""
    parts = broadcast.version("en")
    wanted = [part.text for part in parts] + [BELOW] * (len(parts) > 1)
    came = {}
    for number in range(FIRST, FIRST + people):
        messages = world.telegram.people[number].messages.values()
        said = Counter(each.get("text") or each.get("caption") for each in messages)
        came[number] = tuple(said[text] for text in wanted)
    return came


async def violations(world: World, broadcast: Broadcast, people: int, silence: float) -> list[str]:
    """Return a sentence for each violated invariant of the broadcast."""
    async with opened(world.url) as database:
        mine = rows.c.broadcast == ledger_number(broadcast.id)
        found = await database.read(lambda c: c.execute(select(rows).where(mine)).all())
        facts = await database.read(partial(progress.find, id_=broadcast.id))
    vault, wrong = vault_of(world.folder / "actionbot.keys"), Counter[str]()
    became = {row.person_key: (tuple(RecipientState)[row.state], row.sent_twice) for row in found}
    for chat, came in arrivals(world, broadcast, people).items():
        wrong.update(
            _wrong(
                came,
                *became.get(PersonKeys(vault, chat).subscriptions, (RecipientState.PENDING, False)),
            )
        )
    counted = Counter(fate for fate, _ in became.values())
    if facts is None or any(facts.counts[fate] != many for fate, many in counted.items()):
        wrong[f"the counters differ from the rows, which are {dict(counted)}"] += 1
    if silence > LEASE.total_seconds() + _TAKEOVER_SLACK:
        wrong[f"another process took over after {silence:.1f} s"] += 1
    return [f"{what} ({many} times)" for what, many in wrong.items()]


async def figures(world: World, broadcast: Broadcast, people: int, silence: float) -> str:
    """Return a line with the recipients' states and how many messages arrived."""
    async with opened(world.url) as database:
        mine = rows.c.broadcast == ledger_number(broadcast.id)
        flagged = select(func.count()).select_from(rows).where(mine, rows.c.sent_twice)
        again = await database.read(lambda c: c.execute(flagged).scalar_one())
        became = await database.read(partial(fates, id_=broadcast.id))
    came = arrivals(world, broadcast, people).values()
    in_full, twice = sum(min(each) > 0 for each in came), sum(max(each) > 1 for each in came)
    return (
        ", ".join(f"{number} {fate}" for fate, number in sorted(became.items()))
        + f"; marked as sent twice: {again}"
        + f"; received in full: {in_full}, received twice: {twice}"
        + (f"; longest takeover: {silence:.1f} s" if silence else "")
    )


def _wrong(came: tuple[int, ...], fate: RecipientState, twice: bool) -> Iterator[str]:
    """Yield the violations for one person; `came` says how often each part arrived."""
    if max(came) > 1 + twice:
        yield f"a person who is {fate} received it {max(came)} times"
    if min(came) == 0 and fate is not RecipientState.UNCERTAIN:
        yield f"a person who is {fate} never received it"
    if fate not in (RecipientState.SENT, RecipientState.UNCERTAIN):
        yield f"a person is still {fate} at the end"
