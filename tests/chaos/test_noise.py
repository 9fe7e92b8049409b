"""Noise in some chats delays no other chat, and no flood of updates fills the memory."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.bot.organisation import Organisation
from tests.bot.test_running import hooked
from tests.chaos.noise import MAX_LATENCY, measure
from tests.chaos.process import memory_of
from tests.chaos.world import world
from tests.fork_server import ForkedProcess

UPDATES = 20_000
CONNECTIONS = 100
MAX_GROWTH = 32 * 2**20
"""Bytes by which the memory may grow: what 2000 waiting answers and the caches need."""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_with_noise_no_reply_to_a_quiet_chat_is_late(
    database_url: str, tmp_path: Path
) -> None:
    """`make chaos PLAY=noise` also compares the latencies, which takes longer."""
    async with world(database_url, tmp_path, seed=3) as stage:
        result = await measure(stage, 14, rounds=1)
        assert result.slowest() <= MAX_LATENCY, result.figures()


@pytest.mark.parametrize("people", [1, UPDATES], ids=["one chat", "as many chats"])
async def test_a_flood_of_updates_does_not_fill_the_memory(
    organisation: Organisation, people: int
) -> None:
    hooked(organisation)
    url = f"{organisation.sections['telegram']['webhook_url']}/telegram"
    async with organisation.running("run") as running:
        assert isinstance(running.process, ForkedProcess)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as http:
            await _post_all(http, url, 300, people, first=1)
            before = memory_of(running.process.pid)
            statuses = await _post_all(http, url, UPDATES, people, first=1000)
        assert statuses <= {200, 503}
        assert memory_of(running.process.pid) - before < MAX_GROWTH
        assert await running.ends() == 0


async def _post_all(
    http: aiohttp.ClientSession, url: str, count: int, people: int, first: int
) -> set[int]:
    """Post `count` updates at once, and return the statuses of the answers."""

    async def post(number: int) -> int:
        chat = 10_000 + number % people
        person = {"id": chat, "is_bot": False, "first_name": "Maria", "language_code": "en"}
        message = {
            "message_id": number,
            "date": 1,
            "text": "/help",
            "from": person,
            "chat": {"id": chat, "type": "private", "first_name": "Maria"},
        }
        headers = {"X-Telegram-Bot-Api-Secret-Token": "s3cret-of-ours"}
        update = {"update_id": number, "message": message}
        async with http.post(url, json=update, headers=headers) as answer:
            return answer.status

    return set(await asyncio.gather(*(post(first + number) for number in range(count))))
