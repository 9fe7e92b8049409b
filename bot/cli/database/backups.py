"""`actionbot backup` and `actionbot restore`.

A backup is made while the bot runs. A restore creates a new database, and never overwrites one.
"""

import asyncio
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot import startup
from bot.cli.database.maintenance import (
    Store,
    add_entry,
    already_there,
    no_database,
    open_store,
)
from bot.clock import utc_now
from bot.database_errors import describe_database_error
from bot.errors import CommandError
from bot.services.housekeeping.authority_watch import remember
from bot.services.housekeeping.erasure_copy import copy_erasures
from bot.services.shared_clock import SharedClock
from bot.settings.model import Settings
from bot.startup import open_keys, open_trusted_state, open_vault
from conversations.model.mistakes import describe_file_error
from storage import erasure_file
from storage.backups import restoring
from storage.backups.tables import opened
from storage.backups.writing import copy_sqlite, finish, make_compact, write
from storage.crypto import key_rotation
from storage.crypto.keys import KeyFileError
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.engine.urls import open_database
from storage.erasure_file import ErasureFile
from storage.schema import migrations


@dataclass(frozen=True)
class RestoreOptions:
    """What an operator accepts when restoring."""

    foreign: bool = False
    """A backup whose digest isn't ours. It grants nothing."""
    erasures_lost: bool = False
    """It isn't known who was erased since the backup."""


@dataclass(frozen=True)
class Restored:
    """What a restore did."""

    erasures: int
    """How many erasures since the backup were done again."""
    foreign: bool
    """Whether the backup was foreign, so that it grants nothing."""


async def backup(settings: Settings, target: Path) -> None:
    """Copy the database to the new SQLite file `target`. Raises CommandError.

    In the copy, today's key encrypts all values, so one day's key decides how long it can be read.
    """
    _require_new_file(target)
    if settings.database.file is not None and not settings.database.file.exists():
        raise no_database()
    draft = target.with_name(f".{target.name}.draft")
    with _as_command_errors(settings):
        try:
            database = await open_database(settings.database.url.get_secret_value())
            try:
                await _copy(settings, database, draft)
                clock = await SharedClock.of(database)
                vault = await open_vault(settings, database, clock)
                # The file of erasures has at least the entries of the backup.
                copied = erasure_file.path_beside(settings.keys.file)
                await copy_erasures(database, vault, copied)
                await add_entry(Store(database, vault, clock), "backup")
                await remember(database, vault)
            finally:
                await database.close()
            await asyncio.to_thread(finish, draft, vault)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)


async def _copy(settings: Settings, database: Database, target: Path) -> None:
    if settings.database.file is not None:
        await asyncio.to_thread(copy_sqlite, settings.database.file, target)
    else:
        await database.read(partial(write, target=target))


async def restore(
    settings: Settings, source: Path, options: RestoreOptions | None = None
) -> Restored:
    """Create a new database from a backup, upgraded to this version. Raises CommandError.

    An existing database is never overwritten. Who was erased since the backup is erased again.
    """
    target = settings.database.file
    _check_paths(source, target)
    vault, copied = _open_keys(settings), _read_erasures(settings)
    with (
        _as_command_errors(settings),
        tempfile.TemporaryDirectory(dir=target and target.parent) as folder,
    ):
        draft = Path(folder) / "restored.db"
        prepare = partial(_prepare, source, draft, vault, copied, options or RestoreOptions())
        restored = await asyncio.to_thread(prepare)
        if target is not None:
            draft.replace(target)
        else:
            await _fill_empty(settings, draft)
    async with open_store(settings):
        pass  # this machine remembers the roles and modes
    return restored


async def _fill_empty(settings: Settings, draft: Path) -> None:
    database = await startup.open_ready_database(settings)
    try:
        if not await database.read(restoring.is_empty):
            raise already_there()
        await database.transact(partial(restoring.fill, source=draft))
    finally:
        await database.close()


def _prepare(
    source: Path, draft: Path, vault: Vault, copied: ErasureFile | None, options: RestoreOptions
) -> Restored:
    """Read a backup into the new file `draft`, and erase again what was erased since."""
    try:
        revision = restoring.revision_of(source)
        if not migrations.is_known(revision):
            raise startup.other_version(revision)
        ours = restoring.read_rows(source, draft, vault, revision)
        if not ours and not options.foreign:
            raise _foreign(source)
        if not ours:
            draft.unlink()
            restoring.read_rows(source, draft, vault, revision, without=restoring.GRANTING)
    except restoring.NotABackup:
        fix = "Use a file made by `actionbot backup`."
        raise CommandError(f"{source} isn't a backup.", fix=fix) from None
    startup.bring_up_to_date(f"sqlite:///{draft}")
    with opened(draft) as connection:
        _require_readable(connection, vault)
        try:
            erased = restoring.repeat_erasures(
                connection, vault, copied, lost=options.erasures_lost, foreign=not ours
            )
        except restoring.ErasuresMissing:
            raise _erasures_missing() from None
        restoring.adopt(connection, vault, utc_now())
        if not ours:
            restoring.grant_nothing(connection, vault, utc_now())
    make_compact(draft)  # what was erased again is gone from the file, too
    return Restored(erased, not ours)


def _require_readable(connection: Connection, vault: Vault) -> None:
    sample = key_rotation.sample_value(connection)
    if sample is not None and not sample.can_decrypt(vault):
        raise CommandError(
            "The key file can't open this backup: it belongs to another bot, or the backup is too"
            " old.",
            fix="Use a copy of the key file that is as old as the backup, or older.",
            where="keys.file",
        )


def _open_keys(settings: Settings) -> Vault:
    if not settings.keys.file.exists():
        raise CommandError(
            f"{settings.keys.file} is missing: a backup can't be opened without it.",
            fix="Put the key file in place first, with the file of erasures beside it.",
            where="keys.file",
        )
    trusted = open_trusted_state(settings)
    return Vault(open_keys(settings, utc_now().date()), lambda: utc_now().date(), trusted)


def _read_erasures(settings: Settings) -> ErasureFile | None:
    path = erasure_file.path_beside(settings.keys.file)
    try:
        return erasure_file.read(path)
    except KeyFileError as error:
        raise CommandError(str(error), fix=error.fix) from None
    except (OSError, ValueError):
        raise CommandError(
            f"{path} can't be read, or is damaged.", fix="Take the copy of another machine."
        ) from None


def _foreign(source: Path) -> CommandError:
    return CommandError(
        f"{source} was changed after it was made, or wasn't made with these keys.",
        fix="Use another backup. If you trust it anyway: --foreign restores it without roles, with"
        " all campaigns in test mode and all sending paused.",
    )


def _erasures_missing() -> CommandError:
    return CommandError(
        "The file of erasures doesn't reach from this backup until now, so people who were erased"
        " or unsubscribed since would come back.",
        fix="Put the newest copy beside the key file: its name is that of the key file, with"
        " .erasures. Each machine has one. Only if all are lost: --erasures-lost",
        where="keys.file",
    )


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
        raise already_there()


@contextmanager
def _as_command_errors(settings: Settings) -> Iterator[None]:
    """Turn every error while copying into a CommandError."""
    try:
        yield
    except FileNotFoundError:
        raise no_database() from None
    except OSError as error:
        problem, fix = describe_file_error(error)
        where = str(error.filename or "")
        raise CommandError(f"Can't copy it. {problem}", fix=fix, where=where) from None
    except (sqlite3.Error, SQLAlchemyError) as error:
        reason, fix = describe_database_error(error, settings.database.url.get_secret_value())
        raise CommandError(f"Can't copy it. {reason}", fix=fix) from None
