"""For how long no bot can run while `actionbot migrate --to` moves its data to PostgreSQL.

A bot on SQLite with people who wrote letters is moved while it is used: rows change until it is
stopped, also after changes were copied for the last time.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Connection, delete, select, update

from bot.cli.database.moving import Moved, move
from bot.clock import utc_now
from storage.engine.sqlite.database import SqliteDatabase
from storage.schema.migrations import upgrade
from storage.schema.tables import actions, chats, consents, outbox, subscriptions
from tests import databases
from tests.benchmarks.figures import Bound, Contender, Result, Run
from tests.benchmarks.growth import open_stage
from tests.benchmarks.growth_people import fill

SIZES = (10_000, 200_000)
"""How many people there are."""

FEW_SIZES = (1_000,)
"""How many people there are in a short run."""

VARIABLE = "MOVE_SIZES"
"""The environment variable with other sizes, separated by commas."""

CHANGED, DELETED = 1_000, 50
"""Number of chats that change each time, and of rows that are deleted from each large table."""

MOST_SECONDS = 60.0


async def measure(sizes: Sequence[int], folder: Path, advance: Callable[[], None]) -> Result:
    """Move a bot with so many people each time."""
    runs = []
    for size in sizes:
        moved = await _moved(size, folder / str(size))
        more = {"rows": float(sum(moved.rows.values())), "seconds in all": moved.seconds}
        runs.append(Contender(f"{size:,} people", (Run(moved.offline_seconds, more),)))
        advance()
    return Result(
        "move",
        "seconds in which no bot can run",
        f"{CHANGED:,} chats change before the bot is asked to stop, and again after that;"
        f" {DELETED} rows of each large table are deleted",
        runs,
        [Bound(f"{each.name}, seconds", each.median, most=MOST_SECONDS) for each in runs],
    )


class _Display:
    """Remembers when the bot is to be stopped."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    def begin(self, what: str, total: int | None = None) -> None:
        pass

    def advance(self, rows: int) -> None:
        pass

    def ask_to_stop(self) -> None:
        self.asked.set()


async def _moved(people: int, folder: Path) -> Moved:
    (folder / "stage").mkdir(parents=True)
    file = folder / "actionbot.db"
    url = f"sqlite:///{file}"
    await asyncio.to_thread(upgrade, url)
    with databases.serving() as server:
        async with open_stage(url, folder / "stage") as stage:
            maria = stage.person("Maria", "Silva")
            await maria.comes_to_the_review("hong-kong")
            await maria.presses("Send in my name")
            settings = stage.settings
        bot = await SqliteDatabase.open(file)
        assert await bot.lock_exclusively()
        await fill(bot, people, utc_now())
        display = _Display()
        moving = asyncio.create_task(move(settings, databases.plain(server), display))
        await bot.transact(_change)
        asked = asyncio.create_task(display.asked.wait())
        await asyncio.wait((moving, asked), return_when=asyncio.FIRST_COMPLETED)
        await bot.transact(_change)
        await bot.close()
        return await moving


def _change(connection: Connection) -> None:
    """Change some chats, and delete rows of every large table."""
    some = select(chats.c.person_key).limit(CHANGED)
    connection.execute(
        update(chats).where(chats.c.person_key.in_(some)).values(turn=chats.c.turn + 1)
    )
    for table in (chats, subscriptions, consents, actions, outbox):
        (key, *_) = table.primary_key.columns
        connection.execute(delete(table).where(key.in_(select(key).limit(DELETED))))
