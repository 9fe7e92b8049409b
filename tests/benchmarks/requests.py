"""Benchmark our request layer: messages a second, compared with other Python libraries.

All contenders send the same messages in turn from this process, on the same event loop, to a
minimal Bot API in another process. Each uses its documented defaults, and orjson if that can be set
(aiogram, bare aiohttp).
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiogram
import aiohttp
import orjson
import telegram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.telegram.client.request import TelegramRequest
from tests.benchmarks.figures import Contender, Result, Run
from tests.benchmarks.processes import Broken
from tests.benchmarks.receiving import TOKEN, receiving

TEXT = (
    "<b>Your letter has left.</b> Thank you: the people of Hong Kong are not alone, and your"
    " letter says so to those who govern them. Shall I tell you what happens next?"
)
CONCURRENCY = 50

Send = Callable[[int], Awaitable[object]]


@asynccontextmanager
async def _prepared(url: str) -> AsyncIterator[Send]:
    request = TelegramRequest(TOKEN, api=url)
    await request.initialize()
    rest = orjson.dumps({"text": TEXT, "parse_mode": "HTML"})[1:]
    yield lambda chat: request.call_prepared("sendMessage", b'{"chat_id":%d,%b' % (chat, rest))
    await request.shutdown()


@asynccontextmanager
async def _bot_over_ours(url: str) -> AsyncIterator[Send]:
    request = TelegramRequest(TOKEN, api=url)
    await request.initialize()
    yield lambda chat: request.bot.send_message(chat, TEXT, parse_mode="HTML")
    await request.shutdown()


@asynccontextmanager
async def _bot_by_default(url: str) -> AsyncIterator[Send]:
    async with telegram.Bot(TOKEN, base_url=f"{url}/bot") as bot:
        yield lambda chat: bot.send_message(chat, TEXT, parse_mode="HTML")


@asynccontextmanager
async def _aiogram(url: str) -> AsyncIterator[Send]:
    session = AiohttpSession(
        api=TelegramAPIServer.from_base(url),
        json_loads=orjson.loads,
        json_dumps=lambda value: orjson.dumps(value).decode(),
    )
    async with aiogram.Bot(TOKEN, session=session) as bot:
        yield lambda chat: bot.send_message(chat, TEXT, parse_mode="HTML")


@asynccontextmanager
async def _bare_aiohttp(url: str) -> AsyncIterator[Send]:
    address, headers = f"{url}/bot{TOKEN}/sendMessage", {"Content-Type": "application/json"}

    async with aiohttp.ClientSession() as session:

        async def send(chat: int) -> object:
            body = orjson.dumps({"chat_id": chat, "text": TEXT, "parse_mode": "HTML"})
            async with session.post(address, data=body, headers=headers) as response:
                return orjson.loads(await response.read())["result"]

        yield send


CONTENDERS: tuple[
    tuple[str, Callable[[str], AbstractAsyncContextManager[Send]], float | None], ...
] = (
    ("ours: prepared calls, as for broadcasts", _prepared, None),
    ("ours: python-telegram-bot on our pool", _bot_over_ours, None),
    ("python-telegram-bot, default", _bot_by_default, 7),
    ("aiogram", _aiogram, 0.9),
    ("bare aiohttp", _bare_aiohttp, None),
)


async def measure(rounds: int, seconds: float, folder: Path, advance: Callable[[], None]) -> Result:
    """Measure each contender for `seconds`, in turn, `rounds` times."""
    runs: dict[str, list[Run]] = {name: [] for name, _, _ in CONTENDERS}
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(receiving(folder))
        sends = {
            name: await stack.enter_async_context(contender(receiver.url))
            for name, contender, _ in CONTENDERS
        }
        for send in sends.values():
            await _run(send, seconds / 5)
        await receiver.tally()
        for _ in range(rounds):
            for name, send in sends.items():
                sent, run = await _run(send, seconds)
                if (came := (await receiver.tally()).messages) != sent:
                    raise Broken(f"{name} sent {sent} messages, but Telegram received {came}.")
                runs[name].append(run)
                advance()
    return Result(
        "requests",
        "messages a second",
        f"{CONCURRENCY} concurrent calls from one process; medians of {rounds} interleaved runs"
        f" of {seconds:g} s; µs CPU is the sender's CPU time for each message",
        tuple(Contender(name, runs[name], expected) for name, _, expected in CONTENDERS),
    )


async def _run(send: Send, seconds: float) -> tuple[int, Run]:
    """Send from `CONCURRENCY` tasks for `seconds`."""
    sent = 0

    async def sender(chat: int) -> None:
        nonlocal sent
        while time.perf_counter() < end:
            await send(chat)
            sent += 1

    begin, cpu = time.perf_counter(), _cpu()
    end = begin + seconds
    async with asyncio.timeout(seconds + 30), asyncio.TaskGroup() as group:
        for number in range(CONCURRENCY):
            group.create_task(sender(1001 + number))
    took, used = time.perf_counter() - begin, _cpu() - cpu
    return sent, Run(sent / took, {"µs CPU": used / sent * 1e6})


def _cpu() -> float:
    times = os.times()
    return times.user + times.system
