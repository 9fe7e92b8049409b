"""How long a short transaction waits while the background changes many rows.

Each piece of work runs as in the bot, beside a probe that writes one row again and again. Its
longest wait counts: a person's turn would wait as long.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import quantiles

from sqlalchemy import Connection, bindparam, select, update

from bot.clock import utc_now
from bot.services.housekeeping.key_rotation import SHARE, reencrypt_all
from bot.services.housekeeping.retention import Retention
from bot.services.housekeeping.settling import Settling
from bot.services.mail.letter_changes import LetterChanges
from conversations.core.facts import Details
from storage.crypto.vault import Vault
from storage.database_health import probe
from storage.engine.database import Database
from storage.mail.delivery import letter_changes
from storage.schema.migrations import upgrade
from storage.schema.tables import actions, outbox
from storage.stats.action_details import ActionDetails, encrypt_details
from storage.stats.recount import recount
from tests import databases
from tests.benchmarks.figures import Bound, Contender, Result, Run
from tests.benchmarks.growth import CAMPAIGN, OpenStage, open_stage
from tests.benchmarks.growth_people import fill
from tests.updates import subscribe

MOST_MILLISECONDS = 50.0
CALM = 2.0
"""Seconds for which short transactions are timed with nothing else running, for comparison."""

ENCRYPTED = 5_000
"""Number of chats whose values are encrypted again."""

_PAUSE = 0.001
_Work = Callable[[], Awaitable[object]]
_MARIA = ActionDetails(Details("Maria Silva", "PT", "maria@mail.example", True), "en", "")


async def measure(engine: str, people: int, folder: Path, advance: Callable[[], None]) -> Result:
    """Let a bot with so many people do each piece of work."""
    (folder / "stage").mkdir()
    with databases.serving() if engine == "postgresql" else nullcontext(None) as address:
        url = databases.plain(address) if address else f"sqlite:///{folder / 'actionbot.db'}"
        await asyncio.to_thread(upgrade, url)
        runs = []
        async with open_stage(url, folder / "stage") as stage:
            await _prepare(stage, people)
            for name, work in _works(stage):
                runs.append(Contender(name, (await _beside(stage.app.core.database, work),)))
    advance()
    bounds = [Bound(f"{each.name}, ms", each.median, most=MOST_MILLISECONDS) for each in runs]
    how = f"{people:,} people; the probe writes one row, and again a millisecond later"
    return Result(f"waits-{engine}", "longest wait of a transaction, in ms", how, runs, bounds)


def _works(stage: OpenStage) -> Iterator[tuple[str, _Work]]:
    core, now = stage.app.core, utc_now()
    database, vault = core.database, core.vault

    def at(days: int) -> Callable[[], datetime]:
        return lambda: now + timedelta(days=days)

    tomorrow = at(1)().date()
    yield "nothing else", partial(asyncio.sleep, CALM)
    yield "re-encryption", partial(reencrypt_all, database, vault, tomorrow, share=SHARE)
    yield "recount", partial(database.read, partial(recount, vault=vault))
    yield "closing a campaign", partial(_close, database, LetterChanges(core), now)
    yield "settling", Settling(database, vault, at(9)).run_once
    yield "purge", Retention(database, vault, at(110)).run_once


async def _close(database: Database, changes: LetterChanges, now: datetime) -> None:
    withdraw = partial(letter_changes.withdraw, campaign=CAMPAIGN, now=now + timedelta(minutes=1))
    await database.transact(withdraw)
    await changes.run_once()


async def _prepare(stage: OpenStage, people: int) -> None:
    """Fill the database; letters that are not settled wait, and their details can be read."""
    maria = stage.person("Maria", "Silva")
    await maria.comes_to_the_review(CAMPAIGN)
    await maria.presses("Send in my name")
    core = stage.app.core
    await fill(core.database, people, utc_now())
    some = range(10**6, 10**6 + min(ENCRYPTED, people))
    await core.database.transact(partial(subscribe, vault=core.vault, chats=some, now=utc_now()))
    await core.database.transact(partial(_make_wait, vault=core.vault))
    await core.database.discard_erased()


def _make_wait(connection: Connection, vault: Vault) -> None:
    young = actions.c.final_state.is_(None)
    ids = connection.execute(select(actions.c.action).where(young)).scalars().all()
    encrypted = [{"of": each, "details": encrypt_details(vault, each, _MARIA)} for each in ids]
    connection.execute(
        update(actions)
        .where(actions.c.action == bindparam("of"))
        .values(encrypted_details=bindparam("details")),
        encrypted,
    )
    connection.execute(update(outbox).where(outbox.c.action.is_not(None)).values(state="queued"))


async def _beside(database: Database, work: _Work) -> Run:
    """Do the work, and return the longest wait of a short transaction meanwhile."""
    waits: list[float] = []
    done = asyncio.Event()

    async def probing() -> None:
        while not waits or not done.is_set():
            begin = time.perf_counter()
            await database.transact(partial(probe, now=utc_now()))
            waits.append(1000 * (time.perf_counter() - begin))
            await asyncio.sleep(_PAUSE)

    probes, begin = asyncio.create_task(probing()), time.perf_counter()
    await work()
    took = time.perf_counter() - begin
    done.set()
    await probes
    p99 = quantiles(waits, n=100)[98] if len(waits) > 1 else waits[0]
    return Run(max(waits), {"p99": p99, "probes": float(len(waits)), "seconds": took})
