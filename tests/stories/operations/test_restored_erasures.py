"""Who was erased after a backup stays erased when it is restored; nobody gains a right by it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot import startup
from bot.cli.database import backups
from bot.cli.database.backups import RestoreOptions
from bot.errors import CommandError
from bot.services.housekeeping.erasure_copy import ErasureCopy
from bot.settings.model import Settings
from bot.settings.sections import DatabaseSettings, KeySettings
from storage import erasure_file
from storage.admin import campaign_modes
from storage.schema import tables as t
from tests.chat import Chat
from tests.databases import ENGINES, empty, opened
from tests.stage import Stage
from tests.stories.campaigners import appoint
from tests.stories.letters.test_answers import CHOICES, THANKS, agrees, asks, two_weeks_pass
from tests.stories.lines import TARGET
from tests.stories.operations.test_restoring import copy_keys

__all__ = ["asks"]


@pytest.fixture(params=ENGINES)
def elsewhere(request: pytest.FixtureRequest, stage: Stage, tmp_path: Path) -> Iterator[Settings]:
    """The settings of an empty installation, on SQLite and on PostgreSQL."""
    with empty(request, tmp_path / "elsewhere.db") as url:
        keys = KeySettings(file=tmp_path / "elsewhere.keys")
        database = DatabaseSettings(url=SecretStr(url))
        yield stage.settings.model_copy(update={"database": database, "keys": keys})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.db"


async def count(settings: Settings, *tables: str) -> dict[str, int]:
    async with opened(settings.database.url.get_secret_value()) as database:
        return {
            name: len(await database.read(lambda c: c.execute(select(table)).all()))  # noqa: B023 - runs at once
            for name in tables
            for table in [t.metadata.tables[name]]
        }


async def copies_erasures(stage: Stage) -> None:
    """Let the bot copy its log of erasures."""
    async with stage.bot() as app:
        core = app.core
        await ErasureCopy(core.database, core.vault, stage.settings.keys.file).run_once()


async def restores(stage: Stage, settings: Settings, file: Path, **accepts: bool) -> int:
    copy_keys(stage.settings, settings)
    return (await backups.restore(settings, file, RestoreOptions(**accepts))).erasures


async def test_nothing_comes_back_of_a_person_who_was_erased(
    stage: Stage, maria: Chat, elsewhere: Settings, file: Path
) -> None:
    await maria.sends_the_letter()
    await maria.presses("Yes")
    await maria.says("/subscribe")
    await maria.presses("Yes")
    await backups.backup(stage.settings, file)
    await maria.says("/forget")
    await maria.presses("Delete everything")
    await copies_erasures(stage)
    assert await restores(stage, elsewhere, file) == 1
    tables = ("actions", "outbox", "consents", "subscriptions")
    assert await count(elsewhere, *tables) == dict.fromkeys(tables, 0)
    await stage.restart_with(elsewhere)
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    assert maria.buttons == [["Use “Maria Silva”"], ["Back", "Cancel"]], "the name of her account"
    assert stage.mails_to(TARGET) != []


async def test_a_letter_that_was_withdrawn_is_not_sent(
    stage: Stage, maria: Chat, elsewhere: Settings, file: Path
) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    await backups.backup(stage.settings, file)
    await maria.presses("Undo")
    await copies_erasures(stage)
    assert await restores(stage, elsewhere, file) == 1
    await stage.restart_with(elsewhere)
    await stage.later(hours=1)
    assert stage.mails_to(TARGET) == []


async def test_people_who_unsubscribed_stay_unsubscribed(
    stage: Stage, maria: Chat, elsewhere: Settings, file: Path
) -> None:
    await maria.says("/subscribe")
    await maria.presses("Yes")
    await backups.backup(stage.settings, file)
    await maria.says("/unsubscribe")
    await copies_erasures(stage)
    await restores(stage, elsewhere, file)
    assert await count(elsewhere, "subscriptions", "erasures") == {
        "subscriptions": 0,
        "erasures": 1,
    }


async def test_nobody_is_asked_twice_whether_a_letter_was_answered(
    stage: Stage, elsewhere: Settings, file: Path, asks: None
) -> None:
    maria = await agrees(stage, "Maria")
    await backups.backup(stage.settings, file)
    await two_weeks_pass(stage)
    assert maria.all_buttons[-3:] == CHOICES
    await copies_erasures(stage)
    assert await restores(stage, elsewhere, file) == 1
    await stage.restart_with(elsewhere)
    maria.heard()
    await stage.send_scheduled_messages()
    assert maria.heard() == []
    await maria.presses("Real answer")
    maria.hears(THANKS)


async def test_a_gap_is_refused(stage: Stage, maria: Chat, elsewhere: Settings, file: Path) -> None:
    await maria.says("/forget")
    await maria.presses("Delete everything")
    await backups.backup(stage.settings, file)
    copied = erasure_file.path_beside(stage.settings.keys.file)
    complete = copied.read_bytes()
    for content in (b'{"after":0}\n', b'{"after":2}\n', None):
        copied.write_bytes(content or b"")
        if content is None:
            copied.unlink()
            copied.touch(mode=0o600)
            copied.write_bytes(b'{"after":9}\n')
        with pytest.raises(CommandError, match="file of erasures"):
            await restores(stage, elsewhere, file)
    assert await restores(stage, elsewhere, file, erasures_lost=True) == 0
    copied.write_bytes(complete)


def changed(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as backup, backup:
        for statement in statements:
            backup.execute(statement)


async def test_a_trigger_in_a_backup_is_not_restored(
    stage: Stage, maria: Chat, elsewhere: Settings, file: Path
) -> None:
    await maria.says("/start")
    await backups.backup(stage.settings, file)
    changed(
        file,
        "CREATE TRIGGER evil AFTER INSERT ON chats BEGIN DELETE FROM chats; END",
        "CREATE TRIGGER worse AFTER UPDATE ON alembic_version BEGIN DELETE FROM chats; END",
        "CREATE VIEW spies AS SELECT * FROM chats",
        "CREATE TABLE more (secret TEXT)",
    )
    await restores(stage, elsewhere, file)
    assert await count(elsewhere, "chats") == {"chats": 1}
    database = elsewhere.database.file
    if database is not None:
        with closing(sqlite3.connect(database)) as restored:
            names = {name for (name,) in restored.execute("SELECT name FROM sqlite_master")}
        assert names & {"evil", "worse", "spies", "more", "backup_digest"} == set()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE authority SET generation = 99",
        "DELETE FROM authority",
        "DELETE FROM chats",
        "DROP TABLE backup_digest",
        "UPDATE backup_digest SET digest = zeroblob(32)",
    ],
)
async def test_a_foreign_backup_grants_nothing(
    stage: Stage, maria: Chat, elsewhere: Settings, file: Path, statement: str
) -> None:
    olga = stage.person("Olga")
    appoint(stage, olga)
    await olga.says("/team")
    await maria.says("/start")
    await backups.backup(stage.settings, file)
    changed(file, statement)
    with pytest.raises(CommandError, match="was changed"):
        await restores(stage, elsewhere, file)
    await restores(stage, elsewhere, file, foreign=True)
    # The one entry is that of the restore.
    assert await count(elsewhere, "audit", "pauses") == {"audit": 1, "pauses": 1}
    async with opened(elsewhere.database.url.get_secret_value()) as database:
        keys = await startup.open_vault(elsewhere, database)
        modes = await database.read(partial(campaign_modes.load, vault=keys))
        assert modes.unconfirmed(("hong-kong",)) == {"hong-kong"}


@pytest.mark.parametrize(
    "statements",
    [
        ("DROP TABLE leases", "CREATE VIEW leases AS SELECT 'a' AS name, 'b' AS token, 1 AS until"),
        ("DROP TABLE leases", "CREATE VIRTUAL TABLE leases USING fts5 (name, token, until)"),
        (
            "DROP TABLE leases",
            "CREATE TABLE leases (name TEXT, token TEXT, until INT AS (abs(-1)))",
        ),
        ("DROP TABLE leases",),
        ("INSERT INTO leases VALUES ('a', 'b', 'not a time')",),
        ("INSERT INTO leases VALUES ('a', x'00', 1)",),
        ("UPDATE alembic_version SET version_num = x'00'",),
        ("DELETE FROM alembic_version",),
    ],
)
async def test_a_file_with_other_tables_or_values_is_refused(
    stage: Stage, maria: Chat, elsewhere: Settings, file: Path, statements: tuple[str, ...]
) -> None:
    await maria.says("/start")
    await backups.backup(stage.settings, file)
    changed(file, *statements)
    with pytest.raises(CommandError, match="isn't a backup"):
        await restores(stage, elsewhere, file, foreign=True)
