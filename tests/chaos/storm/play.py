"""The storm: people act while everything fails; then all is well, and nothing was lost or lied.

people act ── faults for so many seconds ── calm: the clock advances until all is settled ── checks
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from unittest.mock import patch

from sqlalchemy import Connection

from bot.clock import utc_now
from bot.playground.telegram import Person, update_queue
from bot.services.recovery_gate import RECOVERY_GRACE
from conversations.model.broadcast import Broadcast
from tests.chaos.storm import checks
from tests.chaos.storm.deployment import ADMIN, Deployment, deployed
from tests.chaos.storm.faults import Weather
from tests.chaos.storm.telegram import StormTelegram
from tests.chaos.supporter import Supporter
from tests.chaos.world import World
from tests.databases import opened
from tests.updates import confirm, subscribe, update
from tests.vaults import vault_of

SUBSCRIBERS = range(7_200_000_001, 7_200_000_301)
"""The chats that get the broadcast. They do nothing else."""

PATIENCE = 3600.0
"""Seconds for which a supporter waits for one answer: longer than any storm."""

ASKS_AGAIN = 20.0
"""Seconds without a valid code after which a supporter asks for a new one."""

STEPS = (*[130.0] * 4, *[2 * 3600.0] * 2, *[25 * 3600.0] * 2)
"""By how many seconds the clock advances, step by step without any progress. Minutes are enough for
codes, hours for letters that wait longer the older they are, and after a day people who have asked
for as many codes as they may get another. After the last one, something will never settle.
"""

ADVANCE_INTERVAL = RECOVERY_GRACE.total_seconds() + 10
"""Seconds without progress before a step of the clock. After that, recovery waits at first."""

COMMANDS = ("/status", "/stats", "/campaigns", "/broadcasts", "/help")

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Result:
    """What a storm has found."""

    violations: list[str]
    summary: str


async def play(stage: World, people: int, seconds: float, report: Report) -> Result:
    """Play a storm of so many seconds with so many supporters."""
    telegram = stage.server
    assert isinstance(telegram, StormTelegram)
    begun: Counter[str] = Counter()
    broadcast = update(again=False)
    await _subscribe(stage, broadcast)
    admin = stage.telegram.add_person(ADMIN, "Olga")
    # People press again when nothing happens. Here, a press waits until the bot is back.
    patient = patch.object(update_queue, "PRESS_TIMEOUT", timedelta(seconds=PATIENCE))
    async with deployed(stage, telegram) as storm:
        chance = Random(stage.chance.random())  # noqa: S311 - repeatable, not secret
        weather = Weather(storm, chance, lambda name: begun.update((name,)))
        arriving = asyncio.create_task(_arrive(stage, people, seconds * 0.7))
        asking = asyncio.create_task(_ask(admin))
        measured = checks.Growth(storm)
        measuring = asyncio.create_task(measured.watch())
        reporting = asyncio.create_task(_report(stage, storm, people, report))
        with patient:
            await weather.rage(seconds)
            await arriving
            asking.cancel()
            stuck = await _settle(stage, storm, admin)
        for task in (measuring, reporting):
            task.cancel()
        grown = await measured.violations()
        found = await checks.violations(stage, storm, broadcast, SUBSCRIBERS)
    return Result([*stuck, *found, *grown], checks.summary(stage, storm, begun, measured))


async def _subscribe(stage: World, broadcast: Broadcast) -> None:
    vault, before = vault_of(stage.folder / "actionbot.keys"), utc_now() - timedelta(minutes=1)
    for chat in SUBSCRIBERS:
        stage.telegram.add_person(chat, "Subscriber").last_id = 1  # they have written

    def work(connection: Connection) -> None:
        subscribe(connection, vault, SUBSCRIBERS, before)
        confirm(connection, vault, ADMIN, broadcast, utc_now())

    async with opened(stage.url) as database:
        await database.transact(work)


async def _arrive(stage: World, people: int, seconds: float) -> None:
    """Let supporters begin one after the other."""
    for _ in range(people):
        supporter = stage.add_supporter()
        supporter.patience, supporter.asks_again = PATIENCE, ASKS_AGAIN
        stage.acting.add(asyncio.create_task(_acts(supporter)))
        await asyncio.sleep(stage.chance.uniform(0, 2 * seconds / people))


async def _acts(supporter: Supporter) -> None:
    """Write a letter, and see what becomes of it: honestly unknown is as good as accepted."""
    await supporter.comes_to_the_review()
    await supporter.presses("Send in my name")
    supporter.wrote = True
    await supporter.person.until(lambda _: checks.knows(supporter), supporter.patience)


async def _ask(admin: Person) -> None:
    """Let the admin ask for something every few seconds."""
    number = 0
    while True:
        admin.send(COMMANDS[number % len(COMMANDS)])
        number += 1
        await asyncio.sleep(4)


async def _report(stage: World, storm: Deployment, people: int, report: Report) -> None:
    while True:
        report(sum(task.done() for task in stage.acting) or min(people, 1), storm.kills)
        await asyncio.sleep(1)


async def _settle(stage: World, storm: Deployment, admin: Person) -> list[str]:
    """Let the faults' traces pass. Return what did not settle.

    What was deferred is due later: the clock advances.
    """
    storm.proxy.flow()
    stage.sink.mended()
    stage.sink.holds.clear()
    admin.send("/status")
    loop = asyncio.get_running_loop()
    progress, moved_at, steps = "", loop.time(), 0
    async with opened(stage.url) as database:
        while True:
            unsettled = await database.read(checks.unsettled)
            finished = sum(task.done() for task in stage.acting)
            if finished == len(stage.acting) and not unsettled:
                break
            if progress != (progress := f"{finished} {len(stage.sink.mails)} {unsettled}"):
                moved_at, steps = loop.time(), 0
            if loop.time() > moved_at + (steps + 1) * ADVANCE_INTERVAL:
                if steps == len(STEPS):
                    break
                wrote = all(each.wrote for each in stage.supporters)
                storm.advance_clock(max(STEPS[steps], 2 * 3600 if wrote else 0))
                steps += 1
            await asyncio.sleep(1)
    if steps == len(STEPS):
        unfinished = [each for each in stage.supporters if not _is_finished(each)]
        return [f"nothing settles any more: {unsettled}", *map(_describe, unfinished)]
    failed = [task.exception() for task in stage.acting]
    with suppress(TimeoutError):
        await admin.until(lambda person: checks.is_answered(person), 20)
    answered = [] if checks.is_answered(admin) else ["the admin has no answer"]
    return [*(str(each) for each in failed if each is not None), *answered]


def _is_finished(supporter: Supporter) -> bool:
    return supporter.wrote and checks.knows(supporter)


def _describe(supporter: Supporter) -> str:
    chat = [each["text"][:80] for each in supporter.person.chat()[-3:]]
    return f"{supporter.name} has not finished: {chat}"
