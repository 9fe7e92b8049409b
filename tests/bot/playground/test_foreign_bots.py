"""Bots of others on the standalone playground: the examples in the documentation, as they are."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
import pytest_asyncio

from tests.fork_server import ROOT
from tests.page_client import PagePerson

EXAMPLES = ROOT / "docs" / "examples"
TOKEN = "4711:secret"

pytestmark = pytest.mark.slow


@asynccontextmanager
async def running(*command: str, **variables: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a Python program until the block ends."""
    env = {**os.environ, **variables, "PYTHONUNBUFFERED": "1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=PIPE, env=env, cwd=ROOT
    )
    try:
        yield process
    finally:
        process.terminate()
        async with asyncio.timeout(20):
            await process.wait()


@pytest_asyncio.fixture
async def playground() -> AsyncIterator[str]:
    """Run `actionbot playground`; yield the address of its Bot API."""
    async with running("-m", "bot", "playground", "--port", "0", "--token", TOKEN) as process:
        assert process.stdout
        async with asyncio.timeout(30):
            while b"The Bot API is at" not in (line := await process.stdout.readline()):
                assert line, "it has ended"
        yield line.split()[-1].decode()


@asynccontextmanager
async def chat_with(playground: str, example: str) -> AsyncIterator[PagePerson]:
    """Run an example. What Maria does before it asks for updates, waits for it."""
    variables = {"BOT_API": playground, "BOT_TOKEN": TOKEN}
    async with (
        running(str(EXAMPLES / example), **variables),
        aiohttp.ClientSession() as session,
    ):
        yield PagePerson(f"{playground}/4711", session)


async def test_a_bot_with_python_telegram_bot(playground: str) -> None:
    async with chat_with(playground, "python_telegram_bot.py") as maria:
        await maria.does("start")
        await maria.hears("Clean up the river with us.\n\nWhat’s your name?")
        await maria.says("Maria")
        question = await maria.hears("Which day?")
        await maria.presses("Sunday")
        answer = await maria.hears("See you on Sunday, Maria!")
        assert (answer["message_id"], answer["keyboard"]) == (question["message_id"], [])


async def test_a_bot_with_aiogram(playground: str) -> None:
    async with chat_with(playground, "aiogram_bot.py") as maria:
        await maria.does("start")
        await maria.hears("The library. Which book?")
        await maria.says("Silent Spring")
        question = await maria.hears("For how long?")
        await maria.presses("4 weeks")
        answer = await maria.hears("“Silent Spring” is yours for 4 weeks.")
        assert (answer["message_id"], answer["keyboard"]) == (question["message_id"], [])
