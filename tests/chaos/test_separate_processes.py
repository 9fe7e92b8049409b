"""`run --no-workers` and `work` are separate processes, which look for work once an hour only.

So everything that happens here happens because one process wakes the other.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.chaos.process import BotProcess, bot_processes
from tests.chaos.world import World, world
from tests.databases import opened

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

CUT_ALL = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@dataclass
class Apart:
    """A process that answers, and one that sends mail."""

    stage: World
    worker: BotProcess

    async def start(self) -> None:
        await self.stage.process.start(0, "patient", mode="answer")
        await self.worker.start(0, "patient", mode="work")


@asynccontextmanager
async def apart(url: str, folder: Path) -> AsyncIterator[Apart]:
    async with (
        world(url, folder) as stage,
        bot_processes(stage.environment, folder / "worker.log") as worker,
    ):
        made = Apart(stage, worker)
        await made.start()
        yield made


async def test_a_code_and_the_status_of_a_letter_come_at_once(
    database_url: str, tmp_path: Path
) -> None:
    async with apart(database_url, tmp_path) as made:
        for _ in range(3):
            await made.stage.add_supporter().acts()


async def test_wake_ups_come_again_after_a_restart_of_the_database(
    database_url: str, tmp_path: Path
) -> None:
    async with apart(database_url, tmp_path) as made:
        await made.stage.add_supporter().acts()
        async with opened(database_url) as database:
            await database.transact(lambda c: c.execute(CUT_ALL))
        # What happens before both listen again is found when they do.
        await made.stage.add_supporter().acts()


async def test_a_worker_that_starts_later_finds_what_waits(
    database_url: str, tmp_path: Path
) -> None:
    async with apart(database_url, tmp_path) as made:
        supporter = made.stage.add_supporter()
        await made.worker.kill()
        supporter.person.start("hong-kong")
        await supporter.presses("Write the letter")
        await supporter.presses("Continue")
        await supporter.answers("name.ask", supporter.name)
        await supporter.answers("country.ask", "Portugal")
        await supporter.answers("address.ask", supporter.address)
        await supporter.sees("code.ask")
        await made.worker.start(0, "patient", mode="work")
        supporter.person.send(await made.stage.letterbox.code(supporter.address))
        await supporter.sees("review.letter")
