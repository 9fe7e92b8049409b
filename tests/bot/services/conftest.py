"""A mail room on each database, with a fake mail server."""

import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from storage.crypto.vault import Vault
from storage.engine.database import Database
from tests.bot.mail.sink import Sink, sinking
from tests.bot.services.mailroom import MailRoom


@pytest_asyncio.fixture
async def sink() -> AsyncIterator[Sink]:
    async with sinking() as sink:
        yield sink


@pytest.fixture
def room(database: Database, vault: Vault, sink: Sink) -> MailRoom:
    return MailRoom(database, vault, sink.url, ended=sink.mended)


@pytest.fixture
def even(monkeypatch: pytest.MonkeyPatch) -> None:
    """No jitter."""
    monkeypatch.setattr(random, "random", lambda: 0.5)
