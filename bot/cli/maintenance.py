"""Work on the stored data from the command line: purge, figures, key rotation, backups.

All of it is safe while the bot runs, except `restore`.
"""

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from bot import startup
from bot.clock import utc_now
from bot.database_errors import describe_database_error
from bot.errors import CommandError
from bot.services.housekeeping.authority_watch import remember
from bot.services.housekeeping.retention import Retention
from bot.settings.model import Settings
from bot.startup import open_present_database, open_vault
from conversations.model.figures import Period
from conversations.model.mistakes import describe_file_error
from conversations.stats.csv_export import CsvRow
from storage import settling
from storage.admin import audit, audit_chain, authority
from storage.backup import (
    copy_sqlite,
    fill,
    is_empty,
    reencrypt_copy,
    write,
)
from storage.crypto import key_rotation
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.engine.urls import open_database
from storage.mail.delivery import sending
from storage.schema import migrations
from storage.stats import figures as kept
from storage.stats import recount as figures_recount
from storage.stats.recount import Difference


@dataclass(frozen=True)
class KeyAges:
    """The ages of the keys that encrypt personal data."""

    first_day: date
    """The first day whose values the key file decrypts."""

    floor: date | None
    """No stored value is encrypted with the key of an earlier day; None before the first pass."""

    backup_days: int


@asynccontextmanager
async def open_existing_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database that the bot has created. Raises CommandError if there is none."""
    database = await open_present_database(settings)
    if database is None:
        raise _no_database()
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[tuple[Database, Vault]]:
    """Open the database and its keys for a command that changes something. Raises CommandError.

    At the end, this machine remembers what changed in roles, modes and the audit log.
    """
    async with open_existing_database(settings) as database:
        vault = await open_vault(settings, database)
        yield database, vault
        await remember(database, vault)


async def purge(settings: Settings) -> int:
    """Delete expired data; return how many actions that were."""
    async with open_store(settings) as (database, vault):
        erased = await Retention(database, vault, utc_now).run_once()
        note = partial(audit.add_command, vault=vault, command="purge", now=utc_now())
        await database.transact(note)
        return erased


async def figures(settings: Settings) -> list[CsvRow]:
    """Return all figures by campaign, day, figure and value; countries span all days."""
    today = utc_now().date()

    def read(connection: Connection) -> list[CsvRow]:
        slugs = kept.campaigns(connection)
        return kept.csv_rows(connection, slugs, Period.ALL, today)[1]

    async with open_existing_database(settings) as database:
        return await database.read(read)


async def recount(settings: Settings) -> tuple[int, list[Difference]]:
    """Recount from the records; return how many figures were checked, and those that differ."""
    async with open_existing_database(settings) as database:
        vault = await open_vault(settings, database)
        return await database.read(partial(figures_recount.recount, vault=vault))


async def identities(settings: Settings) -> list[dict[str, str | int]]:
    """Return which From identity the stored letters used, and why, counted by campaign."""
    async with open_existing_database(settings) as database:
        return await database.read(sending.identities)


async def archived(settings: Settings) -> list[bytes]:
    """Return the encrypted records of the archive."""
    async with open_existing_database(settings) as database:
        return await database.read(settling.archived)


async def key_ages(settings: Settings) -> KeyAges:
    """Return from which day on the key file decrypts values, and the oldest key in use."""
    async with open_existing_database(settings) as database:
        vault = await open_vault(settings, database)
        floor = await database.read(key_rotation.floor)
    return KeyAges(vault.first_day, floor, settings.keys.backup_days)


async def backup(settings: Settings, target: Path) -> None:
    """Copy the database to the new SQLite file `target`. Raises CommandError.

    In the copy, today's key encrypts all values, so one day's key decides how long it can be read.
    """
    _require_new_file(target)
    if settings.database.file is not None and not settings.database.file.exists():
        raise _no_database()
    draft = target.with_name(f".{target.name}.draft")
    with _as_command_errors(settings):
        try:
            database = await open_database(settings.database.url.get_secret_value())
            try:
                await _copy(settings, database, draft)
                vault = await open_vault(settings, database)
            finally:
                await database.close()
            await asyncio.to_thread(reencrypt_copy, draft, vault)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)


async def _copy(settings: Settings, database: Database, target: Path) -> None:
    if settings.database.file is not None:
        await asyncio.to_thread(copy_sqlite, settings.database.file, target)
    else:
        await database.read(partial(write, target=target))


async def restore(settings: Settings, source: Path) -> None:
    """Create a new database from a backup, upgraded to this version. Raises CommandError.

    An existing database is never overwritten.
    """
    target = settings.database.file
    _check_paths(source, target)
    folder_of_draft = target and target.parent
    with (
        _as_command_errors(settings),
        tempfile.TemporaryDirectory(dir=folder_of_draft) as folder,
    ):
        # On a copy: the backup file itself must not change.
        draft = Path(folder) / "backup.db"
        await asyncio.to_thread(_copy_and_upgrade, source, draft)
        if target is not None:
            draft.replace(target)
        else:
            await _fill_empty(settings, draft)
    if settings.keys.file.exists():
        async with open_store(settings) as (database, vault):
            await database.transact(partial(_adopt, vault))


async def _fill_empty(settings: Settings, draft: Path) -> None:
    database = await startup.open_ready_database(settings)
    try:
        if not await database.read(is_empty):
            raise _already_there()
        await database.transact(partial(fill, source=draft))
    finally:
        await database.close()


def _adopt(vault: Vault, connection: Connection) -> None:
    """Continue after a backup: the newest roles and modes that this machine knows stay valid."""
    authority.put_back(connection, vault)
    audit_chain.accept(connection, vault)
    audit.add_command(connection, vault, "restore", utc_now())


def _copy_and_upgrade(source: Path, draft: Path) -> None:
    """Copy a backup and upgrade the copy to this version. Raises CommandError."""
    url = f"sqlite:///{draft}"
    try:
        copy_sqlite(source, draft)
        revision = migrations.revision_of(url)
    except (sqlite3.DatabaseError, DatabaseError):
        revision = None
    if revision is None:
        fix = "Use a file made by `actionbot backup`."
        raise CommandError(f"{source} isn't a backup.", fix=fix)
    startup.bring_up_to_date(url)


def _require_new_file(target: Path) -> None:
    if target.exists():
        raise CommandError(f"{target} already exists.", fix="Choose another name.")
    if not target.parent.is_dir():
        raise CommandError(f"There is no folder {target.parent}.", fix="Create it first.")


def _check_paths(source: Path, target: Path | None) -> None:
    if not source.is_file():
        raise CommandError(f"There is no file {source}.", fix="Fix the path.")
    # Nor may an old write-ahead log be there: SQLite would apply it to the new database.
    if target and (target.exists() or target.with_name(f"{target.name}-wal").exists()):
        raise _already_there()


def _no_database() -> CommandError:
    return CommandError("There is no database yet.", fix="The bot creates it when it starts.")


def _already_there() -> CommandError:
    return CommandError(
        "A database already exists and wasn't touched.",
        fix="Stop the bot and move it away, or use an empty one.",
        where="database.url",
    )


@contextmanager
def _as_command_errors(settings: Settings) -> Iterator[None]:
    """Turn every error while copying into a CommandError."""
    try:
        yield
    except FileNotFoundError:
        raise _no_database() from None
    except OSError as error:
        problem, fix = describe_file_error(error)
        where = str(error.filename or "")
        raise CommandError(f"Can't copy it. {problem}", fix=fix, where=where) from None
    except (sqlite3.Error, SQLAlchemyError) as error:
        reason, fix = describe_database_error(error, settings.database.url.get_secret_value())
        raise CommandError(f"Can't copy it. {reason}", fix=fix) from None
