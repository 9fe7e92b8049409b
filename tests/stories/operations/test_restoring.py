"""A backup is made while the bot is used, and another bot is restored from it."""

import asyncio
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, func, insert, select

from bot import startup
from bot.cli.database import backups
from bot.errors import CommandError
from bot.settings.model import Settings
from bot.settings.sections import DatabaseSettings, KeySettings
from storage.crypto import keys
from storage.engine.database import Database
from storage.schema.tables import counters, metadata, pauses
from tests.chat import Chat
from tests.databases import ENGINES, empty, opened
from tests.stage import Stage

Counts = dict[str, int]


@pytest.fixture(params=ENGINES)
def elsewhere(request: pytest.FixtureRequest, stage: Stage, tmp_path: Path) -> Iterator[Settings]:
    """The settings of an empty installation, on SQLite and on PostgreSQL."""
    with empty(request, tmp_path / "elsewhere.db") as url:
        keys = KeySettings(file=tmp_path / "elsewhere.keys")
        database = DatabaseSettings(url=SecretStr(url))
        yield stage.settings.model_copy(update={"database": database, "keys": keys})


def counted(connection: Connection) -> Counts:
    """Count the rows of each table."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }


async def counts(url: str) -> Counts:
    async with opened(url) as database:
        return await database.read(counted)


async def test_a_bot_is_restored_from_its_backup(
    stage: Stage, maria: Chat, elsewhere: Settings, tmp_path: Path
) -> None:
    await maria.sends_the_letter()
    file = tmp_path / "backup.db"
    async with opened(stage.settings.database.url.get_secret_value()) as database:
        began, enough = asyncio.Event(), asyncio.Event()
        writing = asyncio.create_task(writes(database, began, enough))
        await began.wait()
        await backups.backup(stage.settings, file)
        enough.set()
        await writing
    assert modes(tmp_path) == {"backup.db": 0o600}
    kept = await counts(f"sqlite:///{file}")
    assert (kept["actions"], kept["outbox"], kept["chats"]) == (1, 1, 1)
    assert kept["counters"] == kept["pauses"] + 1 > 1

    copy_keys(stage.settings, elsewhere)
    await backups.restore(elsewhere, file)
    url = elsewhere.database.url.get_secret_value()
    assert await counts(url) == kept | {"audit": 1}  # the entry of the restore
    with pytest.raises(CommandError, match="A database already exists"):
        await backups.restore(elsewhere, file)
    assert await startup.migrate(elsewhere) is False
    await stage.restart_with(elsewhere)
    await maria.says("/mydata")
    assert "Maria Silva" in "".join(maria.heard())
    assert (await counts(url))["actions"] == 1


def copy_keys(source: Settings, target: Settings) -> None:
    """Copy the key file, and the file of erasures beside it."""
    for beside in ("", ".erasures"):
        key_file = source.keys.file
        file = key_file.with_name(key_file.name + beside)
        shutil.copy2(file, target.keys.file.with_name(target.keys.file.name + beside))


def modes(folder: Path) -> dict[str, int]:
    """Return the permissions of each restored file."""
    return {file.name: file.stat().st_mode & 0o777 for file in folder.glob("backup.db*")}


async def writes(database: Database, began: asyncio.Event, enough: asyncio.Event) -> None:
    """Write two rows in each transaction, until stopped, as a busy bot would."""
    numbers = count()
    while not enough.is_set():
        await database.transact(partial(_write, f"c{next(numbers)}"))
        began.set()


def _write(campaign: str, connection: Connection) -> None:
    counter = {"campaign": campaign, "accepted": 0, "refusals_in_row": 0, "last_number": 0}
    connection.execute(insert(counters), counter)
    since = datetime(2026, 6, 1, tzinfo=UTC)
    connection.execute(insert(pauses), {"campaign": campaign, "reason": "asked", "since": since})


async def test_a_file_that_is_not_a_backup_is_refused(elsewhere: Settings, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    keys.load_or_create(elsewhere.keys.file, date(2026, 6, 1))
    for content in ("Not a database, but long enough to be read as one. " * 20, ""):
        file.write_text(content)
        with pytest.raises(CommandError, match="isn't a backup"):
            await backups.restore(elsewhere, file)
