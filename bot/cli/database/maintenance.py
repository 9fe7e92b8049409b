"""Work on the stored data from the command line: purge, figures, key rotation, backups.

All of it is safe while the bot runs, except `restore`.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection

from bot.errors import CommandError
from bot.services.housekeeping.authority_watch import remember
from bot.services.housekeeping.retention import Retention
from bot.services.shared_clock import SharedClock
from bot.settings.model import Settings
from bot.startup import open_present_database, open_vault
from conversations.model.stats.figures import Period
from conversations.stats.csv_export import CsvRow
from storage.admin import audit
from storage.crypto import key_rotation
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.erasure import settling
from storage.mail.delivery import sending
from storage.retention import purge as purging
from storage.retention.purge import Due
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
        raise no_database()
    try:
        yield database
    finally:
        await database.close()


class Store(NamedTuple):
    """What a command works on."""

    database: Database
    vault: Vault
    clock: Callable[[], datetime]
    """Returns the time of the database's server, which all processes of the bot go by."""


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """Open the database and its keys for a command that changes something. Raises CommandError.

    At the end, this machine remembers what changed in roles, modes and the audit log.
    """
    async with open_existing_database(settings) as database:
        clock = await SharedClock.of(database)
        vault = await open_vault(settings, database, clock)
        yield Store(database, vault, clock)
        await remember(database, vault)


async def note(settings: Settings, command: str, about: str = "") -> None:
    """Record a command in the audit log. Raises CommandError."""
    async with open_store(settings) as store:
        await add_entry(store, command, about)


async def add_entry(store: Store, command: str, about: str = "") -> None:
    """Record a command in the audit log of a store that is open."""
    now = store.clock()
    await store.database.transact(
        lambda connection: audit.add_command(connection, store.vault, command, now, about)
    )


async def purge(settings: Settings) -> dict[str, int]:
    """Delete expired data; return how many rows that were in each table."""
    async with open_store(settings) as store:
        erased = await Retention(*store).run_once()
        await add_entry(store, "purge")
        return erased


async def preview_purge(settings: Settings) -> tuple[Due, ...]:
    """Return what a purge would delete now, by table, and change nothing."""
    async with open_existing_database(settings) as database:
        clock = await SharedClock.of(database)
        vault = await open_vault(settings, database, clock)
        return await database.read(partial(purging.preview, vault=vault, now=clock()))


async def figures(settings: Settings) -> list[CsvRow]:
    """Return all figures by campaign, day, figure and value; countries span all days."""

    def read(connection: Connection) -> list[CsvRow]:
        slugs = kept.campaigns(connection)
        return kept.csv_rows(connection, slugs, Period.ALL, clock().date())[1]

    async with open_existing_database(settings) as database:
        clock = await SharedClock.of(database)
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


async def export_archive(settings: Settings) -> list[bytes]:
    """Return the encrypted records of the archive; the audit log has an entry for that."""
    async with open_store(settings) as store:
        await add_entry(store, "archive export")
        return await store.database.read(settling.archived)


async def note_migration(settings: Settings) -> None:
    """Record an upgrade, unless the database is empty: then a backup may still be restored."""
    async with open_existing_database(settings) as database:
        if not await database.read(key_rotation.sample_values):
            return
    await note(settings, "migrate")


async def key_ages(settings: Settings) -> KeyAges:
    """Return from which day on the key file decrypts values, and the oldest key in use."""
    async with open_existing_database(settings) as database:
        vault = await open_vault(settings, database)
        floor = await database.read(key_rotation.floor)
    return KeyAges(vault.first_day, floor, settings.keys.backup_days)


def no_database() -> CommandError:
    """Return the error for a database that the bot has not created yet."""
    return CommandError("There is no database yet.", fix="The bot creates it when it starts.")


def already_there() -> CommandError:
    """Return the error for a database that must not be overwritten."""
    return CommandError(
        "A database already exists and wasn't touched.",
        fix="Stop the bot and move it away, or use an empty one.",
        where="database.url",
    )
