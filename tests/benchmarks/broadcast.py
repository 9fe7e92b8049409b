"""Benchmark a broadcast: messages a second, compared with other ways to send one from Python.

All contenders run in turn in this process, on the same event loop. They send the same text to the
same people, through a stub of Telegram in another process that counts the messages to each person.

- Ours reads the recipients from SQLite and commits each claim and each result to the ledger.
- aiogram-broadcaster has its chats in memory and keeps no record, as by default: its storages
  rewrite all chats after every message.
- python-telegram-bot has no rate limiter and uses httpx, as by default. The loop awaits each
  message, as its examples do.
- Bare aiohttp has as many requests in flight as ours.
"""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiogram
import aiohttp
import orjson
import telegram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram_broadcaster import Broadcaster
from aiogram_broadcaster.contents import TextContent

from bot.services.broadcasts.broadcast_run import MAX_CLAIMED_UNLIMITED
from bot.telegram.client.rate_gate import PAID, UNLIMITED, Limits
from bot.telegram.client.request import TelegramRequest
from tests.benchmarks.figures import Bound, Contender, Result, Run
from tests.benchmarks.receiving import TOKEN, receiving
from tests.benchmarks.updates import TEXT, Subscribers, subscribers
from tests.updates import FIRST

Send = Callable[[range], Awaitable[object]]


@asynccontextmanager
async def _broadcaster(url: str) -> AsyncIterator[Send]:
    session = AiohttpSession(
        api=TelegramAPIServer.from_base(url),
        json_loads=orjson.loads,
        json_dumps=lambda value: orjson.dumps(value).decode(),
    )
    async with aiogram.Bot(TOKEN, session=session) as bot:
        broadcaster = Broadcaster(bot)

        async def send(chats: range) -> object:
            content = TextContent(text=TEXT)
            mailer = await broadcaster.create_mailer(chats=chats, content=content)
            return await mailer.start()

        yield send


@asynccontextmanager
async def _plain_loop(url: str) -> AsyncIterator[Send]:
    async with telegram.Bot(TOKEN, base_url=f"{url}/bot") as bot:

        async def send(chats: range) -> None:
            for chat in chats:
                await bot.send_message(chat, TEXT)

        yield send


@asynccontextmanager
async def _bare_aiohttp(url: str) -> AsyncIterator[Send]:
    address, headers = f"{url}/bot{TOKEN}/sendMessage", {"Content-Type": "application/json"}

    async with aiohttp.ClientSession() as session:

        async def post(chats: Iterator[int]) -> None:
            for chat in chats:
                body = orjson.dumps({"chat_id": chat, "text": TEXT})
                async with session.post(address, data=body, headers=headers) as response:
                    orjson.loads(await response.read())

        async def send(chats: range) -> None:
            left = iter(chats)
            async with asyncio.TaskGroup() as group:
                for _ in range(MAX_CLAIMED_UNLIMITED):
                    group.create_task(post(left))

        yield send


PEERS: tuple[tuple[str, Callable[[str], AbstractAsyncContextManager[Send]], float | None], ...] = (
    ("aiogram-broadcaster", _broadcaster, None),
    ("plain loop, python-telegram-bot", _plain_loop, 5),
    ("bare aiohttp", _bare_aiohttp, 0.35),
)
OURS = "ours, with the ledger"


async def measure(rounds: int, people: int, folder: Path, advance: Callable[[], None]) -> Result:
    """Measure each contender `rounds` times, in turn, sending to `people` people."""
    runs: dict[str, list[Run]] = {name: [] for name in (OURS, *(name for name, _, _ in PEERS))}
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(receiving(folder))
        crowd = await stack.enter_async_context(_crowd(folder, people))
        sends: dict[str, Send] = {
            OURS: await stack.enter_async_context(_ours(receiver.url, crowd, UNLIMITED))
        }
        for name, peer, _ in PEERS:
            sends[name] = await stack.enter_async_context(peer(receiver.url))
        _settle()
        for _ in range(rounds):
            for name, send in sends.items():
                begin, cpu = time.perf_counter(), time.process_time()
                await send(range(FIRST, FIRST + people))
                took, used = time.perf_counter() - begin, time.process_time() - cpu
                (await receiver.tally()).must_be(people, name)
                runs[name].append(Run(people / took, {"µs CPU": used / people * 1e6}))
                advance()
    expected = {OURS: None, **{name: times for name, _, times in PEERS}}
    return Result(
        "broadcast",
        "messages a second",
        f"to {people:,} people, limits off; medians of {rounds} interleaved runs; µs CPU is the"
        " sender's CPU time for each message",
        tuple(Contender(name, runs[name], expected[name]) for name in runs),
    )


async def hold(rate: int, seconds: float, folder: Path, advance: Callable[[], None]) -> Result:
    """Measure how well the bot keeps to `rate`, with a Telegram that answers 429 above it.

    Each answer takes 50 ms, as from a distant server.
    """
    people, paid = int(rate * seconds), rate > 25
    limits = PAID if paid else Limits()
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(receiving(folder, limits.overall))
        crowd = await stack.enter_async_context(_crowd(folder, people))
        send = await stack.enter_async_context(_ours(receiver.url, crowd, limits, paid=paid))
        _settle()
        begin, cpu = time.perf_counter(), time.process_time()
        await send(range(FIRST, FIRST + people))
        took, used = time.perf_counter() - begin, time.process_time() - cpu
        came = await receiver.tally()
        came.must_be(people, OURS)
        advance()
    return Result(
        f"broadcast-{rate}",
        "messages received a second",
        f"to {people:,} people at {rate} a second; Telegram accepts {limits.overall:g} a second",
        (Contender(OURS, [Run(came.rate, {"µs CPU": used / people * 1e6})]),),
        (
            Bound("share of the rate that was reached", came.rate / rate, least=0.98),
            Bound("answers 429", came.refused, most=0),
            Bound("cores", used / took, most=0.5),
        ),
    )


def _settle() -> None:
    """Collect garbage once, and exempt what is left from collection, as the bot does at start."""
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def _ours(
    url: str, crowd: Subscribers, limits: Limits, *, paid: bool = False
) -> AsyncIterator[Send]:
    request = TelegramRequest(TOKEN, api=url)
    await request.initialize()
    broadcasting = crowd.sender(request, limits, paid=paid)

    async def send(_: range) -> None:
        id_ = await crowd.confirm()
        await broadcasting.run_once()
        await crowd.must_have(id_)

    yield send
    await request.shutdown()


def _crowd(folder: Path, people: int) -> AbstractAsyncContextManager[Subscribers]:
    return subscribers(f"sqlite:///{folder / 'bench.db'}", folder / "bench.keys", people)
