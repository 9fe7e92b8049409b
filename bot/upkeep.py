"""What an organisation does with its data from the command line, beside a bot that may run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app import open_keys, open_ready_database, utc_now
from bot.services.sweeping import Sweeping
from bot.settings import Settings
from storage import keys, rekeying, tallies
from storage.database import Database
from storage.vault import Vault


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Database]:
    database = await open_ready_database(settings)
    try:
        yield database
    finally:
        await database.close()


async def purge(settings: Settings) -> int:
    """Erase what is past its time; return how many actions were."""
    async with _opened(settings) as database:
        return await Sweeping(database, utc_now).sweep()


async def figures(settings: Settings) -> list[dict[str, str | int]]:
    """Return all figures, by campaign, day, stage, country, language and source."""
    async with _opened(settings) as database:
        return await database.read(tallies.figures)


async def reseal(settings: Settings) -> int:
    """Seal everything personal with the newest key; return how many values were."""
    vault = Vault(open_keys(settings))
    sealed = 0
    async with _opened(settings) as database:
        while done := await database.transact(lambda c: rekeying.reseal(c, vault)):
            sealed += done
        await database.tidy()
    return sealed


def new_key(settings: Settings) -> int:
    """Add a key to the key file; return its number."""
    open_keys(settings)
    return keys.rotate(settings.keys.file).current
