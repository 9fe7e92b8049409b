"""Two replicas and two workers on PostgreSQL, behind a balancer; one that ends starts again."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import aiohttp
from aiohttp import web

from tests.chaos.process import BotCrashed, BotProcess, bot_processes
from tests.chaos.storm.proxy import DatabaseProxy, proxied
from tests.chaos.storm.telegram import StormTelegram
from tests.chaos.world import World
from tests.ports import free_port

ADMIN = 7_000_001
MODES = ("answer", "answer", "work", "work")
"""The first two processes are the replicas."""

HAS_STARTED = '"event":"status is served"'
"""What a process logs when it has everything that it needs."""

TWICE, UNHEARD = 0.05, 0.05
"""Shares of the updates that go to both replicas, and whose confirmation is lost."""

_POST_TIMEOUT = aiohttp.ClientTimeout(total=20)
_SECRET = "s" * 40


class Deployment:
    """The processes, and what is between them and the world."""

    def __init__(self, stage: World, proxy: DatabaseProxy, telegram: StormTelegram) -> None:
        self.stage, self.proxy, self.telegram = stage, proxy, telegram
        self.faults = stage.folder / "faults"
        """The folder from which the processes read how wrong their clock is, and more."""
        self.faults.mkdir()
        self.processes: list[BotProcess] = []
        self.ports = (free_port(), free_port())
        self.is_stormy = False
        self.kills = 0
        self.crashes: list[str] = []
        """The last words of processes that ended by themselves."""
        self._recent: deque[bytes] = deque(maxlen=200)
        self._hour = 0.0

    # --- processes -------------------------------------------------------------------------------

    async def supervise(self, process: BotProcess, mode: str) -> None:
        """Start a process, and again whenever it has ended, until cancelled."""
        while True:
            before = len(process.log)
            await process.start(0, mode=mode)
            await process.dead.wait()
            said = process.log[before:]
            # At its start it may end: what it needs was out of reach.
            if process.has_crashed and HAS_STARTED in said:
                self.crashes.append(said[-2000:])
            await asyncio.sleep(self.stage.chance.uniform(0.2, 1.5))

    async def kill(self, process: BotProcess) -> None:
        """Send SIGKILL; `supervise` starts the process again."""
        self.kills += 1
        with suppress(BotCrashed):
            await process.kill()

    def set_clock(self, ahead: float) -> None:
        """Set the clock of the database's server, as all processes see it."""
        file = self.faults / "clock"
        draft = file.with_suffix(".new")
        draft.write_text(str(self._hour + ahead), encoding="ascii")
        draft.replace(file)

    def advance_clock(self, seconds: float) -> None:
        """Let time pass for the processes."""
        self._hour += seconds
        self.set_clock(0)

    # --- the balancer ----------------------------------------------------------------------------

    async def forward(self, request: web.Request) -> web.Response:
        """Give an update to one replica, or to the other one if the first does not take it."""
        body, chance = await request.read(), self.stage.chance
        self._recent.append(body)
        order = list(self.ports)
        chance.shuffle(order)
        if self.is_stormy and chance.random() < TWICE:
            statuses = await asyncio.gather(*(self._post(port, body) for port in order))
            status = min(statuses)
        else:
            status = await self._post(order[0], body)
            if status >= 500:
                status = await self._post(order[1], body)
        if self.is_stormy and chance.random() < UNHEARD:
            status = 503
        return web.Response(status=status)

    async def repeat_updates(self, number: int) -> None:
        """Deliver some updates of the last minutes again, in any order."""
        some = self.stage.chance.choices(self._recent, k=number) if self._recent else []
        ports = self.ports
        await asyncio.gather(*(self._post(self.stage.chance.choice(ports), each) for each in some))

    async def _post(self, port: int, body: bytes) -> int:
        headers = {
            "X-Telegram-Bot-Api-Secret-Token": _SECRET,
            "Content-Type": "application/json",
        }
        url = f"http://127.0.0.1:{port}/telegram"
        try:
            async with (
                aiohttp.ClientSession(timeout=_POST_TIMEOUT) as http,
                http.post(url, data=body, headers=headers) as answer,
            ):
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 503


def _environment(stage: World, deployment: Deployment, port: int) -> Mapping[str, str]:
    return stage.environment | {
        "ACTIONBOT_DATABASE__URL": deployment.proxy.url,
        "ACTIONBOT_TELEGRAM__ADMINS": str(ADMIN),
        "ACTIONBOT_TELEGRAM__WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "ACTIONBOT_TELEGRAM__WEBHOOK_SECRET": _SECRET,
        "CHAOS_FAULTS": str(deployment.faults),
    }


@asynccontextmanager
async def deployed(stage: World, telegram: StormTelegram) -> AsyncIterator[Deployment]:
    """Run the processes until the context ends."""
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(proxied(stage.url))
        deployment = Deployment(stage, proxy, telegram)
        balancer, port = web.Application(), free_port()
        balancer.router.add_post("/telegram", deployment.forward)
        runner = web.AppRunner(balancer)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", port).start()
        supervisors: list[asyncio.Task[None]] = []
        for number, mode in enumerate(MODES):
            own = {"ACTIONBOT_WEB__PORT": str(deployment.ports[number])} if mode == "answer" else {}
            process = await stack.enter_async_context(
                bot_processes(
                    {**_environment(stage, deployment, port), **own},
                    Path(stage.folder / f"log {number}"),
                )
            )
            deployment.processes.append(process)
            supervisors.append(asyncio.create_task(deployment.supervise(process, mode)))
        try:
            yield deployment
        finally:
            for supervisor in supervisors:
                supervisor.cancel()
            await asyncio.gather(*supervisors, return_exceptions=True)
            for process in deployment.processes:
                process.pause(paused=False)
