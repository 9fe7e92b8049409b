"""Fixtures: an embedded Telegram with a client, and Maria, who has pressed Start."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.playground.telegram import Person, TelegramServer, TelegramState
from tests.bot.playground.api_client import ApiClient, Clock


@pytest_asyncio.fixture
async def api() -> AsyncIterator[ApiClient]:
    clock = Clock()
    telegram = TelegramState(clock=clock)
    async with TelegramServer(telegram) as server:
        api = ApiClient(server.url, telegram, clock)
        yield api
        await api.session.close()


@pytest.fixture
def maria(api: ApiClient) -> Person:
    maria = api.telegram.add_person(1001, "Maria", "Silva")
    maria.start()
    return maria
