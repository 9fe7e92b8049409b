"""What an organisation does with its data from the command line, beside a bot that may run."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection

from bot.app import utc_now
from bot.errors import Mistaken
from bot.opening import open_present_database, open_vault
from bot.services.sweeping import Sweeping
from bot.settings import Settings
from conversations.figures import Period
from conversations.sheet import Line
from storage import figures as kept
from storage import keys, recounting, rekeying, sending
from storage.backup import copy
from storage.database import Database
from storage.recounting import Difference


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Open the database that the bot has made, and make none. Raises Mistaken."""
    database = await open_present_database(settings)
    if database is None:
        raise Mistaken("There is no database yet.", mend="The bot makes it when it starts.")
    try:
        yield database
    finally:
        await database.close()


async def purge(settings: Settings) -> int:
    """Erase what is past its time; return how many actions were."""
    async with opened(settings) as database:
        return await Sweeping(database, utc_now).sweep()


async def figures(settings: Settings) -> list[Line]:
    """Return all figures, by campaign, day, figure and value; countries of all days together."""
    today = utc_now().date()

    def read(connection: Connection) -> list[Line]:
        slugs = kept.campaigns(connection)
        return kept.lines(connection, slugs, Period.ALL, today)[1]

    async with opened(settings) as database:
        return await database.read(read)


async def recount(settings: Settings) -> tuple[int, list[Difference]]:
    """Count again from the records; return how many figures, and those that differ."""
    async with opened(settings) as database:
        return await database.read(recounting.recount)


async def identities(settings: Settings) -> list[dict[str, str | int]]:
    """Return as whom letters that are still kept went out, and why, counted by campaign."""
    async with opened(settings) as database:
        return await database.read(sending.identities)


async def reseal(settings: Settings, progress: Callable[[int], None]) -> int:
    """Seal everything personal with the newest key; return how many values were."""
    sealed = 0
    async with opened(settings) as database:
        vault = await open_vault(settings, database)
        while done := await database.transact(lambda c: rekeying.reseal(c, vault)):
            sealed += done
            progress(sealed)
        await database.tidy()
    return sealed


async def new_key(settings: Settings) -> int:
    """Add a key to the key file; return its number."""
    async with opened(settings) as database:
        await open_vault(settings, database)
    return keys.rotate(settings.keys.file).current


def backup(settings: Settings, target: Path) -> None:
    """Copy the database to `target`. Raises Mistaken."""
    source = settings.database.file
    if source is None:
        raise Mistaken(
            "PostgreSQL makes its own copies.", mend=f"Type: pg_dump --format=custom -f {target}"
        )
    if target.exists():
        raise Mistaken(f"{target} exists already.", mend="Choose another name.")
    try:
        copy(source, target)
    except FileNotFoundError:
        missing = target.parent if source.exists() else source
        raise Mistaken(f"There is no {missing}.", mend="Mend the path.") from None
    except (OSError, sqlite3.Error) as error:
        raise Mistaken(
            f"It cannot be copied ({type(error).__name__}).",
            mend="See that there is room, and that you may write there.",
        ) from None
