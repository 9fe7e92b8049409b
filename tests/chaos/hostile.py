"""Mutated updates and mails: the bot answers none with an error, survives, and does not grow."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.utils import getaddresses
from functools import partial
from random import Random

import aiohttp

from bot.clock import utc_now
from bot.logs import error_fields
from bot.mail.incoming.inbound_mail import InboundMail
from bot.mail.messages.envelopes import Envelopes
from conversations.folder.loading import load_campaigns
from storage.mail.forwards import TooManyForwards
from storage.mail.returned_mail import StillSending
from storage.stats import recount
from tests.chaos import mutations
from tests.chaos.process import memory_of
from tests.chaos.world import World
from tests.databases import opened
from tests.ports import free_port
from tests.vaults import vault_of

SECRET = "s3cret-of-ours"
CONNECTIONS = 20
MAX_GROWTH = 48 * 2**20
"""Bytes by which a process may grow while it handles hostile input, after it has warmed up."""

SUPPORTERS = 6
"""How many supporters write letters, which the mails are about."""

FIRST_ID = 500_000_000
"""Ids of mutated updates begin here; those of the embedded Telegram begin at 1."""

REPORT_EVERY = 500

Done = Callable[[int], None]
"""Called with the number of updates or mails so far."""


async def post_updates(world: World, count: int, done: Done) -> list[str]:
    """Post mutated updates to the webhook of a running bot. Return what it did wrong."""
    port = free_port()
    world.environment |= {
        "ACTIONBOT_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "ACTIONBOT_TELEGRAM__WEBHOOK_SECRET": SECRET,
        "ACTIONBOT_WEB__PORT": str(port),
    }
    await world.start_bot()
    url = f"http://127.0.0.1:{port}/telegram"
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector) as http:
        await _wait_until_served(http, url)
        warm = max(1, count // 4)
        statuses = await _post(http, url, world.chance, range(1, warm), done)
        before = memory_of(world.process.pid)
        statuses += await _post(http, url, world.chance, range(warm, count + 1), done)
        grown = memory_of(world.process.pid) - before
    found = [
        f"{number} answers were {status}" for status, number in statuses.items() if status > 499
    ]
    if grown > MAX_GROWTH:
        found.append(f"the bot grew by {grown >> 20} MB")
    found += await _still_answers(world)
    return found


async def _post(
    http: aiohttp.ClientSession, url: str, chance: Random, numbers: range, done: Done
) -> Counter[int]:
    """Post updates over CONNECTIONS connections; return how often each status was answered."""
    statuses: Counter[int] = Counter()
    todo = iter(numbers)

    async def post_some() -> None:
        for number in todo:
            body = mutations.update(chance, FIRST_ID + number)
            headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            async with http.post(url, data=body, headers=headers) as answer:
                statuses[answer.status] += 1
            if number % REPORT_EVERY == 0:
                done(number)

    await asyncio.gather(*(post_some() for _ in range(CONNECTIONS)))
    return statuses


async def _wait_until_served(http: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                async with http.post(url, data=b"") as answer:
                    assert answer.status == 403
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


async def _still_answers(world: World) -> list[str]:
    """Check that a supporter is answered as always."""
    supporter = world.add_supporter()
    supporter.person.start("hong-kong")
    await supporter.sees_button("Write the letter")
    world.process.raise_if_crashed()
    return []


async def process_mails(world: World, count: int, done: Done) -> list[str]:
    """Process mutated mails about real letters. Return what went wrong."""
    world.add_supporters(SUPPORTERS)
    await world.finish()
    await world.process.kill()
    async with _inbound(world) as inbound:
        addresses = _own_addresses(world, inbound.envelopes)
        warm, before, found = max(1, count // 4), 0, []
        for number in range(1, count + 1):
            if number == warm:
                before = _own_memory()
            to = world.chance.choice(addresses)
            about = world.chance.choice(world.sink.mails).recipient
            raw = mutations.mail(world.chance, to, about)
            try:
                await inbound.process(raw, (to,) if world.chance.random() < 0.8 else ())
            except (StillSending, TooManyForwards):
                pass  # the mail server is asked to deliver it again later
            except Exception as error:
                place = error_fields(error)["where"]
                found.append(f"{type(error).__name__} in {place} for mail {number}: {raw!r}")
                break
            if number % REPORT_EVERY == 0:
                done(number)
        if (grown := _own_memory() - before) > MAX_GROWTH:
            found.append(f"the process grew by {grown >> 20} MB")
        _, differences = await inbound.database.read(
            partial(recount.recount, vault=inbound.envelopes.vault)
        )
        return found + [f"a figure is wrong: {each}" for each in differences]


def _own_addresses(world: World, envelopes: Envelopes) -> list[str]:
    """Return the bot's addresses in all mails that it has sent, where answers and bounces go."""
    named = {mail.sender for mail in world.sink.mails}
    for mail in world.sink.mails:
        headers = message_from_bytes(mail.content)
        named |= {address for _, address in getaddresses(headers.get_all("From", []))}
        named |= {address for _, address in getaddresses(headers.get_all("Reply-To", []))}
    return sorted(each for each in named if envelopes.read(each))


@asynccontextmanager
async def _inbound(world: World) -> AsyncIterator[InboundMail]:
    loaded = load_campaigns(world.folder / "campaigns")
    campaigns = {each.folder: each.campaign for each in loaded if each.campaign}
    envelopes = Envelopes(vault_of(world.folder / "actionbot.keys"), "send.example")
    async with opened(world.url) as database:
        yield InboundMail(database, envelopes, "actions@send.example", lambda: campaigns, utc_now)


def _own_memory() -> int:
    return memory_of(os.getpid())
