"""What an organisation does with its data from the command line, beside a bot that may run."""

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from bot import startup
from bot.clock import utc_now
from bot.errors import CommandError
from bot.services.housekeeping.retention import Retention
from bot.settings.model import Settings
from bot.startup import open_present_database, open_vault
from conversations.model.figures import Period
from conversations.stats.csv_export import CsvRow
from storage.backup import (
    copy_sqlite,
    fill,
    is_empty,
    write,
)
from storage.crypto import key_rotation, keys
from storage.engine.database import Database
from storage.engine.urls import open_database
from storage.mail import sending
from storage.schema import migrations
from storage.stats import figures as kept
from storage.stats import recount as figures_recount
from storage.stats.recount import Difference


@asynccontextmanager
async def open_existing_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database that the bot has made, and make none. Raises Mistaken."""
    database = await open_present_database(settings)
    if database is None:
        raise CommandError("There is no database yet.", fix="The bot makes it when it starts.")
    try:
        yield database
    finally:
        await database.close()


async def purge(settings: Settings) -> int:
    """Erase what is past its time; return how many actions were."""
    async with open_existing_database(settings) as database:
        return await Retention(database, utc_now).run_once()


async def figures(settings: Settings) -> list[CsvRow]:
    """Return all figures, by campaign, day, figure and value; countries of all days together."""
    today = utc_now().date()

    def read(connection: Connection) -> list[CsvRow]:
        slugs = kept.campaigns(connection)
        return kept.csv_rows(connection, slugs, Period.ALL, today)[1]

    async with open_existing_database(settings) as database:
        return await database.read(read)


async def recount(settings: Settings) -> tuple[int, list[Difference]]:
    """Count again from the records; return how many figures, and those that differ."""
    async with open_existing_database(settings) as database:
        return await database.read(figures_recount.recount)


async def identities(settings: Settings) -> list[dict[str, str | int]]:
    """Return as whom letters that are still kept went out, and why, counted by campaign."""
    async with open_existing_database(settings) as database:
        return await database.read(sending.identities)


async def reseal(settings: Settings, progress: Callable[[int], None]) -> int:
    """Seal everything personal with the newest key; return how many values were."""
    sealed = 0
    async with open_existing_database(settings) as database:
        vault = await open_vault(settings, database)
        while done := await database.transact(lambda c: key_rotation.reencrypt(c, vault)):
            sealed += done
            progress(sealed)
        await database.discard_erased()
    return sealed


async def new_key(settings: Settings) -> int:
    """Add a key to the key file; return its number."""
    async with open_existing_database(settings) as database:
        await open_vault(settings, database)
    return keys.rotate(settings.keys.file).current


async def backup(settings: Settings, target: Path) -> None:
    """Copy the database to the SQLite file `target`. Raises Mistaken."""
    _check_room(target)
    with _copying():
        if settings.database.file is not None:
            await asyncio.to_thread(copy_sqlite, settings.database.file, target)
            return
        database = await open_database(settings.database.url.get_secret_value())
        try:
            await database.read(partial(write, target=target))
        finally:
            await database.close()


async def restore(settings: Settings, source: Path) -> None:
    """Make the database anew from a backup, brought to this version. Raises Mistaken.

    What is there already is never overwritten.
    """
    target = settings.database.file
    _check_way(source, target)
    with _copying(), tempfile.TemporaryDirectory(dir=target and target.parent) as folder:
        # The backup itself stays as it is, whatever its version.
        draft = Path(folder) / "backup.db"
        await asyncio.to_thread(_prepare, source, draft)
        if target is not None:
            draft.replace(target)
            return
        database = await startup.open_ready_database(settings)
        try:
            if not await database.read(is_empty):
                raise _already_there()
            await database.transact(partial(fill, source=draft))
        finally:
            await database.close()


def _prepare(source: Path, draft: Path) -> None:
    """Copy a backup and bring the copy to this version. Raises Mistaken."""
    url = f"sqlite:///{draft}"
    try:
        copy_sqlite(source, draft)
        stands = migrations.revision_of(url)
    except (sqlite3.DatabaseError, DatabaseError):
        stands = None
    if stands is None:
        fix = "Name a file that `actionbot backup` made."
        raise CommandError(f"{source} is no backup.", fix=fix)
    startup.bring_up_to_date(url)


def _check_room(target: Path) -> None:
    if target.exists():
        raise CommandError(f"{target} exists already.", fix="Choose another name.")
    if not target.parent.is_dir():
        raise CommandError(f"There is no folder {target.parent}.", fix="Make it first.")


def _check_way(source: Path, target: Path | None) -> None:
    if not source.is_file():
        raise CommandError(f"There is no file {source}.", fix="Mend the path.")
    # A log that is left behind counts, too: SQLite would play it into the next database.
    if target and (target.exists() or target.with_name(f"{target.name}-wal").exists()):
        raise _already_there()


def _already_there() -> CommandError:
    return CommandError(
        "There is a database already, and it is left as it is.",
        fix="End the bot, and move it away, or name an empty one.",
        where="database.url",
    )


@contextmanager
def _copying() -> Iterator[None]:
    """Tell whatever goes wrong while copying as Mistaken."""
    try:
        yield
    except FileNotFoundError:
        raise CommandError(
            "There is no database yet.", fix="The bot makes it when it starts."
        ) from None
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        raise CommandError(
            f"It cannot be copied ({type(error).__name__}).",
            fix="See that there is room, and that you may write there.",
        ) from None
