"""The database is migrated to the next version while processes of this one go on."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import startup
from bot.errors import CommandError
from storage.schema.migrations import is_latest
from tests.chat import Chat
from tests.databases import opened
from tests.newer_version import NewerVersion
from tests.stage import Stage

MARK = text("UPDATE chats SET next_version = 'kept'")
MARKED = text("SELECT next_version FROM chats")


async def test_a_letter_is_written_across_an_upgrade(
    stage: Stage, maria: Chat, database_url: str, tmp_path: Path
) -> None:
    version = NewerVersion(tmp_path)
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    maria.hears("1/4 · What’s your name? Your letter will be signed with it.")

    await asyncio.to_thread(version.migrate, database_url)
    async with opened(database_url) as database:
        await database.transact(lambda c: c.execute(MARK))
    await maria.says("Maria Silva")  # processes of this version go on
    maria.hears("2/4 · Which country…")

    with version.code():
        await stage.restarts_one()
        await maria.says("Portugal")  # the process of the next version answers
        maria.hears("Portugal.\n\n3/4 · What’s your email address?…")
    await stage.restarts_one()  # one of this version starts again
    await maria.says("maria@mail.example")
    await maria.types_the_code()
    await maria.presses("Send in my name")
    with version.code():
        await stage.later(seconds=31)
    (letter,) = stage.mails_to("chief-executive@government-hk.example")
    assert letter.message["Reply-To"] == "Maria Silva <maria@mail.example>"
    assert any("Your letter was sent" in line for line in maria.heard())
    async with opened(database_url) as database:
        assert await database.read(lambda c: c.execute(MARKED).scalars().all()) == ["kept"]


async def test_commands_wait_for_their_own_version(
    stage: Stage, maria: Chat, database_url: str, tmp_path: Path
) -> None:
    """A backup, a restore or the end of the bot would leave out what only the next one knows."""
    version = NewerVersion(tmp_path)
    await maria.starts("hong-kong")
    await asyncio.to_thread(version.migrate, database_url)
    with pytest.raises(CommandError, match="The database is from a newer version of actionbot"):
        await startup.open_present_database(stage.settings)
    with version.code():
        database = await startup.open_present_database(stage.settings)
        assert database is not None
        assert await database.read(is_latest)
        await database.close()
