"""Two bot processes on one PostgreSQL database without a campaign folder, behind one webhook."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import TypeVar

import aiohttp
from aiohttp import web
from sqlalchemy import Connection

from bot.clock import utc_now
from bot.playground.telegram import TelegramState
from conversations.folder.campaign_files import CampaignFiles
from conversations.model.campaigns.versions import VersionOrigin
from storage.campaigns import versions
from storage.campaigns.versions import NewVersion
from tests.bot.mail.sink import Sink, Taken, sinking
from tests.chaos.process import BotProcess, bot_processes
from tests.chaos.supporter import Letterbox, Supporter
from tests.chaos.telegram import ChaosTelegram, Point
from tests.chaos.world import RESTART_GAP
from tests.databases import opened
from tests.ports import free_port
from tests.vaults import vault_of

T = TypeVar("T")

ADMIN = 7_000_001
TIMEOUT = 40.0
"""Seconds that the test waits for one thing, crashes included."""


class Replicas:
    """Two processes of the bot, a balancer that spreads updates over them, and their world."""

    def __init__(self, url: str, folder: Path, chance: Random) -> None:
        self.url, self.chance = url, chance
        self.vault = vault_of(folder / "actionbot.keys")
        self.telegram = TelegramState(flood=False)
        self.admin = self.telegram.add_person(ADMIN, "Olga")
        self.sink: Sink
        self.letterbox: Letterbox
        self.processes: Sequence[BotProcess] = ()
        self.ports = (free_port(), free_port())
        self.target = 0
        """The process that gets the admin's updates, unless it is dead."""
        self._ahead = 0.0
        self._armed: Point | None = None
        self._supporters = 0

    @property
    def victim(self) -> BotProcess:
        """The process that gets the admin's updates."""
        return self.processes[self.target]

    def add_supporter(self) -> Supporter:
        """Add a supporter, who does nothing by themselves."""
        self._supporters += 1
        return Supporter(self._supporters, self.telegram, self.letterbox)

    async def seed(self, files: CampaignFiles) -> None:
        """Publish the first version of a campaign."""
        first = NewVersion(files, 0, VersionOrigin.COMMAND)
        async with opened(self.url) as database:
            await database.transact(lambda c: versions.publish(c, self.vault, first, utc_now()))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` reads in the database."""
        async with opened(self.url) as database:
            return await database.read(work)

    async def waits_until(self, happened: Callable[[Connection], object]) -> None:
        """Wait until the database is in some state."""
        async with opened(self.url) as database, asyncio.timeout(TIMEOUT):
            while not await database.read(happened):  # noqa: ASYNC110 - the database sends no event
                await asyncio.sleep(0.01)

    # --- starting and killing -----------------------------------------------------------------

    async def restart(self) -> None:
        """Kill the processes that live, and start both with a later clock: no lease is left."""
        self._ahead += RESTART_GAP
        for each in self.processes:
            await each.kill()
        await asyncio.gather(*(each.start(self._ahead) for each in self.processes))
        async with asyncio.timeout(TIMEOUT):
            for port in self.ports:
                while not await _listens(port):
                    await asyncio.sleep(0.01)
                    for each in self.processes:
                        each.raise_if_crashed()
        self.target = self.chance.randrange(2)

    async def arm(self, point: Point) -> None:
        """Have the process that gets the admin's next update killed at `point`."""
        if point is Point.CLAIMED:
            self.victim.kill_in_claim(1)
            await asyncio.wait_for(self.victim.armed.wait(), TIMEOUT)
        else:
            self._armed = point

    async def killed_at(self, point: Point) -> bool:
        """Kill the process if the test wants that at this point; return whether it did."""
        if self._armed is not point:
            return False
        self._armed = None
        await self.victim.kill()
        return True

    # --- called by Telegram and the mail server -------------------------------------------------

    async def came(self, _: Taken) -> None:
        """Handle an arrived mail."""
        await self.letterbox.notify()

    async def forward(self, request: web.Request) -> web.Response:
        """Forward an update to a process, and to the other one if the first dies over it."""
        body, update = await request.read(), await request.json()
        content = next(value for name, value in update.items() if name != "update_id")
        first = self.target if content["from"]["id"] == ADMIN else self.chance.randrange(2)
        for each in (first, 1 - first):
            url = f"http://127.0.0.1:{self.ports[each]}{request.path}"
            try:
                async with (
                    aiohttp.ClientSession() as http,
                    http.post(url, data=body, headers=request.headers) as answer,
                ):
                    return web.Response(status=answer.status)
            except aiohttp.ClientError:
                continue
        return web.Response(status=503)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@asynccontextmanager
async def replicas(url: str, folder: Path, seed: int) -> AsyncIterator[Replicas]:
    """Set up two processes, which `restart` starts. `seed` makes random choices repeatable."""
    empty = folder / "campaigns"
    empty.mkdir()
    made = Replicas(url, folder, Random(seed))  # noqa: S311 - repeatable, not secret
    balancer = web.Application()
    balancer.router.add_post("/telegram", made.forward)
    port = free_port()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(ChaosTelegram(made.telegram, made.killed_at))
        made.sink = await stack.enter_async_context(sinking())
        made.sink.came = made.came
        made.letterbox = Letterbox(made.sink)
        runner = web.AppRunner(balancer)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", port).start()
        environment = {
            "ACTIONBOT_TELEGRAM__TOKEN": made.telegram.token,
            "ACTIONBOT_TELEGRAM__API": server.url,
            "ACTIONBOT_TELEGRAM__ADMINS": str(ADMIN),
            "ACTIONBOT_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}",
            "ACTIONBOT_TELEGRAM__WEBHOOK_SECRET": "s" * 40,
            "ACTIONBOT_DATABASE__URL": url,
            "ACTIONBOT_SMTP__URL": made.sink.url,
            "ACTIONBOT_MAIL__ADDRESS": "actions@send.example",
            "ACTIONBOT_CAMPAIGNS__FOLDER": str(empty),
            "ACTIONBOT_KEYS__FILE": str(folder / "actionbot.keys"),
            "ACTIONBOT_WEB__STATUS_PORT": "0",
        }
        made.processes = [
            await stack.enter_async_context(
                bot_processes(
                    environment | {"ACTIONBOT_WEB__PORT": str(each)}, folder / f"log{each}"
                )
            )
            for each in made.ports
        ]
        yield made
