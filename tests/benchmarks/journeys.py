"""Complete journeys per second, compared with a bot as one would write it first (`plain`).

Each bot runs in its own process and polls. Telegram, the mailboxes and the supporters run in this
one. Our bot stores every answer in a database before it replies; the plain one keeps them in
memory.
"""

import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import databases
from tests.benchmarks.crowd import Crowd, crowd
from tests.benchmarks.figures import Bound, Contender, Result, Run
from tests.benchmarks.ours import UNENCRYPTED
from tests.benchmarks.processes import ROOT, Broken, beside, cpu_seconds, last_words, ready

SUPPORTERS_AT_ONCE = 50
"""How many supporters write to a bot at the same time."""

_SAMPLES = ROOT / "conversations" / "campaigns"
_UNDO = "undo_seconds = 30"
_SETTINGS = """\
telegram = {{ token = "{token}", api = "{url}" }}
smtp = {{ url = "smtp+plain://127.0.0.1:{smtp_port}" }}
mail = {{ address = "actions@send.example", codes_per_domain = 1000000, codes_per_hour = 1000000 }}
web = {{ port = 0, status_port = 0 }}
database = {{ url = "{database}" }}
"""


@dataclass(frozen=True)
class Bot:
    """A bot that runs."""

    pid: int
    crowd: Crowd
    """Its supporters, and the Telegram and the mail server that it talks to."""
    log: Path


@asynccontextmanager
async def _ours(folder: Path) -> AsyncIterator[Bot]:
    async with crowd() as people:
        settings = str(set_up(folder, people))
        async with _running(folder, people, "tests.benchmarks.ours", settings) as bot:
            yield bot


@asynccontextmanager
async def _on_postgresql(folder: Path) -> AsyncIterator[Bot]:
    with databases.serving() as address:
        async with crowd() as people:
            home = folder / "postgresql"
            settings = str(set_up(home, people, database=databases.plain(address)))
            async with _running(home, people, "tests.benchmarks.ours", settings) as bot:
                yield bot


@asynccontextmanager
async def _unencrypted(folder: Path) -> AsyncIterator[Bot]:
    """Our bot, which stores values as they are."""
    async with crowd() as people:
        settings = str(set_up(folder / "unencrypted", people))
        arguments = (settings, UNENCRYPTED)
        async with _running(folder, people, "tests.benchmarks.ours", *arguments) as bot:
            yield bot


@asynccontextmanager
async def _plain(folder: Path) -> AsyncIterator[Bot]:
    async with crowd() as people:
        arguments = (people.telegram.token, people.url, str(people.smtp_port))
        async with _running(folder, people, "tests.benchmarks.plain", *arguments) as bot:
            yield bot


CONTENDERS: tuple[
    tuple[str, Callable[[Path], AbstractAsyncContextManager[Bot]], float | None], ...
] = (
    ("ours, every answer stored in SQLite", _ours, None),
    ("ConversationHandler, in memory", _plain, 1.7),
    ("ours, without encryption", _unencrypted, 0.9),
    ("ours, every answer stored in PostgreSQL", _on_postgresql, None),
)
LEAST_ON_POSTGRESQL = 1.2
"""How many times as fast as the plain bot ours on PostgreSQL should be."""


async def measure(rounds: int, journeys: int, folder: Path, tell: Callable[[], None]) -> Result:
    """Let each bot in turn complete so many journeys, `rounds` times."""
    runs: dict[str, list[Run]] = {name: [] for name, _, _ in CONTENDERS}
    async with AsyncExitStack() as stack:
        bots = {
            name: await stack.enter_async_context(start(folder)) for name, start, _ in CONTENDERS
        }
        for bot in bots.values():
            await _run(bot, SUPPORTERS_AT_ONCE)
        for _ in range(rounds):
            for name, bot in bots.items():
                runs[name].append(await _run(bot, journeys))
                tell()
    contenders = tuple(Contender(name, runs[name], expected) for name, _, expected in CONTENDERS)
    _, plain, _, postgresql = contenders
    on_postgresql = postgresql.median / plain.median
    return Result(
        "journeys",
        "complete journeys a second",
        f"{SUPPORTERS_AT_ONCE} supporters at once, who wait for each reply; medians of {rounds}"
        f" interleaved runs of {journeys} journeys, of which every letter arrived. Calls of the Bot"
        " API and ms of the bot's CPU are for one journey; crowd CPU is the load, in %, of the"
        " process with the supporters. Both bots parse JSON with orjson",
        contenders,
        (Bound("PostgreSQL beside the plain bot", on_postgresql, least=LEAST_ON_POSTGRESQL),),
    )


async def _run(bot: Bot, journeys: int) -> Run:
    """Complete so many journeys. Raises Broken if one stops halfway."""
    calls, messages = _calls(bot.crowd), _messages(bot.crowd)
    begin, cpu, own = time.perf_counter(), cpu_seconds(bot.pid), time.process_time()
    try:
        letters = await bot.crowd.play(journeys, SUPPORTERS_AT_ONCE)
    except* TimeoutError:
        raise Broken(f"A journey stopped halfway:\n{last_words(bot.log)}") from None
    took = time.perf_counter() - begin
    if letters != journeys:
        raise Broken(f"There were {journeys} journeys, but {letters} letters.")
    return Run(
        journeys / took,
        {
            "journeys": letters,
            "calls": (_calls(bot.crowd) - calls) / journeys,
            "messages": (_messages(bot.crowd) - messages) / journeys,
            "ms CPU": (cpu_seconds(bot.pid) - cpu) / journeys * 1000,
            "crowd CPU": (time.process_time() - own) / took * 100,
        },
    )


def _calls(people: Crowd) -> int:
    """Return how many calls the bot has made, except those that ask for updates."""
    return people.calls.total() - people.calls["getUpdates"]


def _messages(people: Crowd) -> int:
    """Return how many messages the bot has sent, which Telegram limits."""
    return sum(
        number
        for method, number in people.calls.items()
        if method.startswith("send") and method != "sendChatAction"
    )


@asynccontextmanager
async def _running(folder: Path, people: Crowd, module: str, *arguments: str) -> AsyncIterator[Bot]:
    log = folder / f"{module}-{len(arguments)}.log"
    async with beside(module, *arguments, log=log) as process:
        await ready(process, people.telegram.updates.polled, log)
        yield Bot(process.pid, people, log)


def set_up(folder: Path, people: Crowd, database: str = "sqlite:///actionbot.db") -> Path:
    """Write the settings of our bot, and return their file.

    Its campaign is the sample, but letters leave without the time to think twice: nobody waits.
    """
    folder.mkdir(exist_ok=True)
    shutil.copytree(_SAMPLES, folder / "campaigns")
    campaign = folder / "campaigns" / "hong-kong" / "campaign.toml"
    text = campaign.read_text(encoding="utf-8")
    assert _UNDO in text
    campaign.write_text(text.replace(_UNDO, "undo_seconds = 0"), encoding="utf-8")
    settings = folder / "actionbot.toml"
    telegram = people.telegram
    settings.write_text(
        _SETTINGS.format(
            token=telegram.token, url=people.url, smtp_port=people.smtp_port, database=database
        ),
        encoding="utf-8",
    )
    return settings


def with_webhook(settings: Path, port: int, own_port: int | None = None) -> str:
    """Return the settings with a webhook at `port`, where a load balancer may spread updates.

    The process itself listens at `own_port`, or at `port`.
    """
    hook = f', webhook_url = "http://127.0.0.1:{port}", webhook_secret = "{"s" * 40}" }}'
    hooked = settings.read_text(encoding="utf-8").replace(" }\n", f"{hook}\n", 1)
    return hooked.replace("web = { port = 0,", f"web = {{ port = {own_port or port},")
