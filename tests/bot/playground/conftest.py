"""A Telegram, the bot that calls it, and Maria, who has pressed Start."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.playground.telegram import Person, TelegramServer, TelegramState
from tests.bot.playground.wire import Clock, Wire


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[Wire]:
    clock = Clock()
    telegram = TelegramState(clock=clock)
    async with TelegramServer(telegram) as server:
        wire = Wire(server.url, telegram, clock)
        yield wire
        await wire.session.close()


@pytest.fixture
def maria(wire: Wire) -> Person:
    maria = wire.telegram.add_person(1001, "Maria", "Silva")
    maria.start()
    return maria
