"""Fixtures that run `actionbot` commands: in an organisation's folder, or in this process."""

import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import structlog

from bot.cli.main import main
from bot.playground.inbox import Inbox
from bot.playground.telegram import TelegramServer, TelegramState
from tests.bot.organisation import Organisation, Outcome

Type = Callable[..., Outcome]


@pytest_asyncio.fixture
async def organisation(tmp_path: Path) -> AsyncIterator[Organisation]:
    """An organisation with valid settings, a Telegram and a mail server."""
    async with TelegramServer(TelegramState(flood=False)) as server, Inbox() as inbox:
        yield Organisation(tmp_path, server, inbox)


@pytest.fixture
def actionbot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Type]:
    """Return a function that runs a command in an empty folder, within this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def type_(*words: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["actionbot", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), printed.out, printed.err)

    yield type_
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
