"""The faults of a storm. Each one lasts for some seconds, and leaves everything as it was."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from random import Random
from typing import Any

from sqlalchemy import Connection, text

from storage.engine.database import DATABASE_ERRORS
from tests.bot.mail.sink import DIES, TAKES_AND_DIES
from tests.chaos.storm.deployment import MODES, Deployment
from tests.databases import opened

Fault = Callable[[Deployment, Random, float], Coroutine[Any, Any, None]]
"""Makes something fail for so many seconds."""

MAX_AT_ONCE = 3
"""How many faults last at the same time."""

STAGES = ("GREETING", "EHLO", "MAIL", "RCPT", "DATA", "DOT")
LEASE_SECONDS = 66.0
"""How long a worker stands still, so that the leases of its mail end."""

_FULL_TABLES = ("outbox", "chats", "broadcast_recipients")
_FULL = """
CREATE OR REPLACE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$
"""


async def kill(storm: Deployment, chance: Random, _: float) -> None:
    """Kill a process."""
    await storm.kill(chance.choice(storm.processes))


async def stand_still(storm: Deployment, chance: Random, seconds: float) -> None:
    """Stop a process, and let it go on."""
    await _stop(storm, chance.randrange(len(MODES)), seconds)


async def outlast_leases(storm: Deployment, chance: Random, _: float) -> None:
    """Stop a worker for longer than its leases last."""
    await _stop(storm, 2 + chance.randrange(2), LEASE_SECONDS)


async def _stop(storm: Deployment, number: int, seconds: float) -> None:
    process = storm.processes[number]
    process.pause(paused=True)
    try:
        await asyncio.sleep(seconds)
    finally:
        process.pause(paused=False)


async def cut_connections(storm: Deployment, chance: Random, seconds: float) -> None:
    """Cut connections to the database in the middle of transactions, again and again."""
    for _ in range(max(1, int(seconds))):
        storm.proxy.cut(chance, share=0.5)
        await asyncio.sleep(chance.uniform(0.2, 1.0))


async def refuse_connections(storm: Deployment, chance: Random, seconds: float) -> None:
    """Cut all connections to the database, and refuse new ones."""
    storm.proxy.refuses = True
    storm.proxy.cut(chance, share=1)
    try:
        await asyncio.sleep(seconds)
    finally:
        storm.proxy.refuses = False


async def silence_database(storm: Deployment, _: Random, seconds: float) -> None:
    """Forward nothing to the database and nothing from it."""
    storm.proxy.stop()
    try:
        await asyncio.sleep(seconds)
    finally:
        storm.proxy.flow()


async def crash_database(storm: Deployment, _: Random, __: float) -> None:
    """Kill a process of the server: it ends all connections, and recovers as after a crash."""
    ask = text("SELECT pg_backend_pid()")
    with suppress(*DATABASE_ERRORS):  # it may have crashed already
        async with opened(storm.stage.url) as database:
            backend = await database.read(lambda c: int(c.execute(ask).scalar_one()))
            os.kill(backend, signal.SIGKILL)


async def fill_disk(storm: Deployment, _: Random, seconds: float) -> None:
    """Refuse each write to some tables, as on a full disk."""

    def fill(connection: Connection) -> None:
        connection.execute(text(_FULL))
        for table in _FULL_TABLES:
            made = f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table}"
            connection.execute(text(f"{made} FOR EACH STATEMENT EXECUTE FUNCTION disk_is_full()"))

    def empty(connection: Connection) -> None:
        for table in _FULL_TABLES:
            connection.execute(text(f"DROP TRIGGER IF EXISTS full_disk ON {table}"))

    try:
        await _patiently(storm, fill)
        await asyncio.sleep(seconds)
    finally:
        await _patiently(storm, empty)


async def _patiently(storm: Deployment, work: Callable[[Connection], None]) -> None:
    """Change the database, as soon as it answers: it may have crashed."""
    while True:
        try:
            async with opened(storm.stage.url) as database:
                return await database.transact(work)
        except Exception:
            await asyncio.sleep(0.2)


async def set_clock(storm: Deployment, chance: Random, seconds: float) -> None:
    """Set the database's clock an hour ahead, or half an hour back; later it is right again."""
    storm.set_clock(chance.choice((3600.0, -1800.0)))
    try:
        await asyncio.sleep(seconds + 6)
    finally:
        storm.set_clock(0)


async def spoil_calls(storm: Deployment, chance: Random, seconds: float) -> None:
    """Let calls to Telegram go wrong."""
    storm.telegram.storm = chance
    try:
        await asyncio.sleep(seconds)
    finally:
        storm.telegram.storm = None


async def repeat_updates(storm: Deployment, chance: Random, _: float) -> None:
    """Deliver old updates again."""
    await storm.repeat_updates(chance.randint(1, 20))


async def hang_mail(storm: Deployment, chance: Random, seconds: float) -> None:
    """Let the mail server stand still at one stage."""
    sink, at = storm.stage.sink, chance.choice(STAGES)
    hold = sink.hold(at)
    try:
        await asyncio.sleep(2 * seconds)
    finally:
        sink.holds.pop(at, None)
        hold.release()


async def break_mail(storm: Deployment, chance: Random, _: float) -> None:
    """Let the mail server close a connection, or refuse for now."""
    move = chance.choice((DIES, "451 4.3.0 try again later"))
    storm.stage.sink.at(chance.choice(STAGES[2:]), move)
    if chance.random() < 0.3:
        storm.stage.sink.at("DOT", TAKES_AND_DIES)


async def silence_dns(storm: Deployment, _: Random, seconds: float) -> None:
    """Let DNS hang."""
    file = storm.faults / "dns"
    file.touch()
    try:
        await asyncio.sleep(seconds)
    finally:
        file.unlink(missing_ok=True)


FAULTS: tuple[Fault, ...] = (
    kill,
    stand_still,
    cut_connections,
    refuse_connections,
    silence_database,
    crash_database,
    fill_disk,
    set_clock,
    spoil_calls,
    repeat_updates,
    hang_mail,
    break_mail,
    silence_dns,
)
"""All but `outlast_leases`, which takes a minute."""


class Weather:
    """Lets faults happen, several at once, as a seed decides."""

    def __init__(self, storm: Deployment, chance: Random, told: Callable[[str], None]) -> None:
        """Call `told` with the name of each fault that begins."""
        self._storm = storm
        self._chance = chance
        self._told = told

    async def rage(self, seconds: float) -> None:
        """Let faults happen for so many seconds, and end all of them."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        under_way: dict[Fault, asyncio.Task[None]] = {}
        self._storm.is_stormy = True
        try:
            if seconds > LEASE_SECONDS:
                self._begin(under_way, outlast_leases)
            while loop.time() < end:
                under_way = {each: task for each, task in under_way.items() if not task.done()}
                fault = self._chance.choice(FAULTS)
                if fault not in under_way and len(under_way) < MAX_AT_ONCE:
                    self._begin(under_way, fault)
                await asyncio.sleep(self._chance.uniform(1, 5))
        finally:
            self._storm.is_stormy = False
            for task in under_way.values():
                task.cancel()
            await asyncio.gather(*under_way.values(), return_exceptions=True)

    def _begin(self, under_way: dict[Fault, asyncio.Task[None]], fault: Fault) -> None:
        seconds = self._chance.uniform(1, 8)
        self._told(fault.__name__)
        under_way[fault] = asyncio.create_task(fault(self._storm, self._chance, seconds))
