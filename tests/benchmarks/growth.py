"""Measure whether what the bot does often costs more as the number of people grows.

Each operation is done in turn on databases with few and with many people: in chats with the real
bot, over real HTTP, or by the service that does it. The fastest of some rounds counts, since
everything that disturbs a measurement makes it longer.
"""

import asyncio
import gc
import itertools
import logging
import shutil
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import Connection, delete

from bot.app import App
from bot.assembly.foundation import Options
from bot.clock import utc_now
from bot.mail.smtp.transport import IN_HAND
from bot.playground.telegram import TelegramServer, TelegramState
from bot.telegram.client.rate_gate import UNLIMITED
from conversations.model.letters.delivery import DeliveryEvent
from storage.database_health import count_waiting_mail
from storage.mail.delivery import outcomes, pauses, sending
from storage.mail.delivery.outcomes import MailOutcome
from storage.schema.migrations import upgrade
from storage.schema.tables import updates
from tests import databases
from tests.benchmarks.crowd import crowd
from tests.benchmarks.growth_people import FIRST_UPDATE, fill
from tests.benchmarks.growth_result import Growth, Times
from tests.benchmarks.journeys import set_up
from tests.benchmarks.processes import START, Broken, beside, last_words, ready
from tests.chat import Chat
from tests.postbox import Postbox
from tests.stage import NoDns, Stage

SIZES = (1_000, 100_000, 5_000_000)
"""How many people there are, unless the environment says something else."""

FEW_SIZES = (1_000, 20_000)
"""How many people there are in a short run."""

VARIABLE = "GROWTH_SIZES"
"""The environment variable with other sizes, separated by commas, the smallest first."""

ROUNDS = 5
STARTS = 2
CAMPAIGN = "hong-kong"
WAITING = 10
"""Letters that wait in each database while it is measured."""

RARE = ("KeyRotation", "RowOrder")
"""Services whose rounds read every row, in slices, once a day."""


async def measure(
    engine: str, sizes: Sequence[int], rounds: int, folder: Path, advance: Callable[[], None]
) -> Growth:
    """Measure all operations on a database of each size."""
    # The bot runs in this process, and its log would hide the table.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    times = []
    for size in sizes:
        home = folder / str(size)
        (home / "stage").mkdir(parents=True)
        times.append(await _measure(engine, size, rounds, home))
        advance()
    return Growth(f"growth-{engine}", sizes, times)


class OpenStage(Stage):
    """A stage with one process of the bot, which stays."""

    app: App

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[App]:
        yield self.app


@asynccontextmanager
async def open_stage(url: str, folder: Path) -> AsyncIterator[OpenStage]:
    """Open a bot on the database at `url`, with Telegram and a mailbox."""
    async with TelegramServer(TelegramState(flood=False)) as server, Postbox() as inbox:
        stage = OpenStage(url, folder, server, inbox)
        stage.opens(CAMPAIGN)
        options = Options(clock=stage.clock, domains=NoDns(), limits=UNLIMITED)
        async with App.open(stage.settings, options) as stage.app:
            gc.freeze()  # as `App.run` does: else a collection goes through all that was loaded
            yield stage


async def _measure(engine: str, people: int, rounds: int, folder: Path) -> Times:
    with databases.serving() if engine == "postgresql" else nullcontext(None) as address:
        url = databases.plain(address) if address else f"sqlite:///{folder / 'actionbot.db'}"
        await asyncio.to_thread(upgrade, url)
        times = Times()
        async with open_stage(url, folder / "stage") as stage:
            operations = _Operations(stage, times)
            await operations.prepare()
            async with databases.opened(url) as database:
                await fill(database, people, utc_now())
            await operations.run(rounds)
        await _start(url, stage.settings.keys.file, folder / "start", times)
    return times


class _Operations:
    """What is measured while the bot runs."""

    def __init__(self, stage: OpenStage, times: Times) -> None:
        self._stage, self._app, self._times = stage, stage.app, times
        self._database, self._vault = stage.app.core.database, stage.app.core.vault
        self._numbers = itertools.count(1)

    async def prepare(self) -> None:
        """Let an admin come, and some people whose letters wait."""
        self._admin = await self._first_admin()
        for _ in range(WAITING):
            await (await self._writer()).presses("Send in my name")

    async def run(self, rounds: int) -> None:
        """Measure everything so often."""
        await self._sweeps(Times())  # what is due for the rows of the other people
        for _ in range(rounds):
            await self._journey()
            await self._disown()
            await self._mail()
            await self._admin.says("/stats")  # draws the picture, which takes as long for all sizes
            for command in ("/stats", "/status", "/campaigns"):
                await self._times.measure(command, partial(self._admin.says, command))
            await self._sweeps(self._times)
        await self._database.transact(self._end)

    def _end(self, connection: Connection) -> None:
        """Let no letter leave when the bot is started, and expect another Telegram's updates."""
        pauses.pause(connection, CAMPAIGN, self._app.core.clock())
        connection.execute(delete(updates).where(updates.c.update_id < FIRST_UPDATE))

    async def _first_admin(self) -> Chat:
        link = await self._app.first_admin()
        admin = self._stage.person("Olga")
        await admin.starts(str(link).partition("start=")[2])
        return admin

    async def _writer(self) -> Chat:
        """Return a person at the review."""
        number = next(self._numbers)
        person = self._stage.person("Maria", "Silva")
        await person.comes_to_the_review(CAMPAIGN, f"maria.{number}@mail.example")
        return person

    async def _journey(self) -> None:
        measure, number = self._times.measure, next(self._numbers)
        maria = self._stage.person("Maria", "Silva")
        await measure("a turn", partial(maria.starts, CAMPAIGN))
        await maria.presses("Write the letter")
        if any("Continue" in row for row in maria.buttons):
            await maria.presses("Continue")
        await maria.says("Maria Silva", "Portugal")
        address = f"maria.{number}@mail.example"
        await measure("address: limits and a code", partial(maria.says, address))
        await self._stage.send_mail()
        await measure("code: duplicate check, review", partial(maria.says, maria.code()))
        await measure("Send", partial(maria.presses, "Send in my name"))
        await measure("Undo", partial(maria.presses, "Undo"))
        await measure("/mydata", partial(maria.says, "/mydata"))
        await maria.says("/forget")
        await measure("/forget", partial(maria.presses, "Delete everything"))

    async def _disown(self) -> None:
        number = next(self._numbers)
        maria = self._stage.person("Maria", "Silva")
        await maria.starts(CAMPAIGN)
        await maria.presses("Write the letter")
        if any("Continue" in row for row in maria.buttons):
            await maria.presses("Continue")
        await maria.says("Maria Silva", "Portugal", f"maria.{number}@mail.example")
        await self._stage.send_mail()
        (mail,) = self._stage.mails_to(f"maria.{number}@mail.example")
        answer = partial(self._stage.answers, mail, "This wasn’t me!")
        await self._times.measure("“this wasn’t me”", answer)

    async def _mail(self) -> None:
        transact, measure = self._database.transact, self._times.measure
        now = self._app.core.clock
        await measure("claim", partial(transact, self._claim))
        pause = partial(pauses.pause, campaign=CAMPAIGN, now=now())
        await measure("pause", partial(transact, pause))
        resume = partial(pauses.resume, campaign=CAMPAIGN, now=now())
        await measure("resume", partial(transact, resume))
        await measure("/metrics", partial(self._database.read, count_waiting_mail))

    def _claim(self, connection: Connection) -> None:
        """Claim letters, and put them back."""
        now = self._app.core.clock() + timedelta(minutes=1)
        claimed = sending.claim(
            connection,
            self._vault,
            lanes=sending.schedule(connection).lanes,
            now=now,
            lease="bench",
            until=now + timedelta(minutes=1),
            limit=IN_HAND,
        )
        back = [
            MailOutcome(each.mail, each.kind, "bench", DeliveryEvent.NOT_SENT, now)
            for each in claimed
        ]
        outcomes.record(connection, self._vault, back, now=now)

    async def _sweeps(self, times: Times) -> None:
        for service in self._app._services(answer=True, work=True):
            name, run_once = type(service).__name__, getattr(service, "run_once", None)
            if run_once is not None and name not in RARE:
                await times.measure(f"sweep: {name}", run_once)


async def _start(url: str, keys: Path, folder: Path, times: Times) -> None:
    """Measure the time from the start of a process to its first answer."""
    async with crowd() as people:
        settings, log = set_up(folder, people, database=url), folder / "log"
        for file in keys.parent.glob(f"{keys.name}*"):
            shutil.copy(file, folder)
        for _ in range(STARTS):
            supporter = people.newcomer()
            begin = time.perf_counter()
            answer = asyncio.create_task(supporter.asks_for_the_start())
            async with beside("tests.benchmarks.ours", str(settings), log=log) as process:
                await ready(process, people.telegram.updates.polled, log)
                try:
                    await asyncio.wait_for(answer, START)
                except TimeoutError:
                    raise Broken(f"It did not answer:\n{last_words(log)}") from None
                times.add("start to first answer", time.perf_counter() - begin)
