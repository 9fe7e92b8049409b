"""What must be there before the bot can start: its name, the webhook, the database, the keys.

Whatever is not right is told as `Mistaken`, with its place and its mend, and without a secret.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from telegram import Bot
from telegram.error import EndPointNotFound, InvalidToken, TelegramError

from bot.errors import CommandError
from bot.settings.model import Settings
from bot.telegram import webhook
from bot.telegram.api_errors import TooManyRequests
from storage.crypto import key_rotation, keys
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.engine.urls import open_database
from storage.schema import migrations


async def bot_name(bot: Bot) -> str:
    """Ask who the bot is. This alone must succeed. Raises Mistaken."""
    try:
        return str((await bot.get_me()).username)
    except InvalidToken as error:
        elsewhere = ", or is no Bot API" if isinstance(error, EndPointNotFound) else ""
        raise CommandError(
            f"The server at telegram.api does not know this token{elsewhere}.",
            fix="Compare the token with what @BotFather shows.",
            where="telegram.token",
        ) from None
    except (TelegramError, AttributeError, KeyError, TypeError) as error:
        raise CommandError(
            f"Telegram cannot be asked who the bot is ({type(error).__name__}).",
            fix="See to the network, and to telegram.api, if it is set.",
            where="telegram.api",
        ) from None


async def register(bot: Bot, url: str, secret: str) -> None:
    """Have updates brought to `url`, after a wait where Telegram asks for one. Raises Mistaken."""
    while True:
        try:
            return await webhook.register(bot, url, secret)
        except TooManyRequests as error:
            await asyncio.sleep(error.seconds)
        except TelegramError as error:
            raise CommandError(
                f"Telegram does not take the webhook: {error.message}",
                fix="It must be https://, reachable from outside, on port 443, 80, 88 or 8443.",
                where="telegram.webhook_url",
            ) from None


async def open_ready_database(settings: Settings) -> Database:
    """Open the database: one that is empty is made ready, an older one waits for `migrate`.

    Raises Mistaken.
    """
    url = settings.database.url.get_secret_value()
    with _in_words():
        database, stands = await _open(url)
        if stands is None:
            try:
                await asyncio.to_thread(migrations.upgrade, url)
            except BaseException:
                await database.close()
                raise
        return database


async def open_present_database(settings: Settings) -> Database | None:
    """Open the database, but make nothing: None where the bot has not made one yet.

    Raises Mistaken.
    """
    with _in_words():
        if _is_absent(settings):
            return None
        database, stands = await _open(settings.database.url.get_secret_value())
        if stands is None:
            await database.close()
            return None
        return database


async def _open(url: str) -> tuple[Database, str | None]:
    """Open a database; return it with its version, None where nothing is made yet.

    Raises Mistaken for a version that is not the one that is expected, and closes it then.
    """
    database = await open_database(url)
    try:
        # Not in a thread: whoever has waited long enough can cancel this.
        stands = await database.read(migrations.current_revision)
        if stands is not None and stands != migrations.latest():
            raise other_version(stands)
    except BaseException:
        await database.close()
        raise
    return database, stands


def _is_absent(settings: Settings) -> bool:
    """Whether there is no file yet, although its folder is there."""
    file = settings.database.file
    return file is not None and file.parent.is_dir() and not file.exists()


async def migrate(settings: Settings) -> bool:
    """Bring the database to the shape that this version expects; return whether anything was to do.

    Raises Mistaken, also where a bot is at work on a database that takes one process.
    """
    url = settings.database.url.get_secret_value()
    with _in_words():
        database = await open_database(url)
        try:
            if not database.multi_process and not await database.lock_exclusively():
                raise CommandError(
                    "The bot is at work on this database.",
                    fix="End it first.",
                    where="database.url",
                )
            return await asyncio.to_thread(bring_up_to_date, url)
        finally:
            await database.close()


def bring_up_to_date(url: str) -> bool:
    """Run the steps that a database lacks; return whether there were any.

    Raises Mistaken where it is of a newer version, and what the database raises.
    """
    stands = migrations.revision_of(url)
    if stands is not None and not migrations.is_known(stands):
        raise other_version(stands)
    migrations.upgrade(url)
    return stands != migrations.latest()


@contextmanager
def _in_words() -> Iterator[None]:
    """Tell whatever goes wrong with the database as Mistaken."""
    try:
        yield
    except CommandError:
        raise
    except Exception as error:
        raise not_opened(error) from None


def other_version(stands: str) -> CommandError:
    """Return what is to be said of a database at the step `stands`, which is not the latest."""
    if stands in migrations.UNSUPPORTED:
        what, fix = "a version before the first release", "Start with a new, empty database."
    elif migrations.is_known(stands):
        what, fix = "an older version", "Make a backup, then type: actionbot migrate"
    else:
        what, fix = "a newer version of actionbot", "Install that version, or restore a backup."
    return CommandError(f"The database is of {what}.", fix=fix, where="database.url")


def not_opened(error: Exception) -> CommandError:
    """Return what is to be said of a database that does not open."""
    # Only the kind: drivers write addresses and passwords into their words.
    return CommandError(
        f"The database cannot be opened ({type(error).__name__}).",
        fix="See that its server runs or its folder is there, and that the address is right.",
        where="database.url",
    )


async def open_vault(settings: Settings, database: Database) -> Vault:
    """Return the vault, with keys made at the first start. Raises Mistaken.

    Keys that do not open what is stored are refused: with others, everything would look damaged.
    """
    sealed = await database.read(key_rotation.sample_value)
    file = settings.keys.file
    if sealed and not file.exists():
        raise CommandError(
            f"{file} is gone, and only its keys open what is in the database.",
            fix="Restore it from its backup.",
            where="keys.file",
        )
    vault = Vault(open_keys(settings))
    if sealed and not sealed.can_decrypt(vault):
        raise CommandError(
            f"The keys in {file} do not open what is in the database.",
            fix="Restore the key file that belongs to this database.",
            where="keys.file",
        )
    return vault


def open_keys(settings: Settings) -> keys.Keyring:
    """Return the keys, made where there is no file yet. Raises Mistaken."""
    try:
        return keys.load_or_create(settings.keys.file)
    except keys.KeyFileError as error:
        raise CommandError(str(error), fix=error.fix, where="keys.file") from None
    except OSError as error:
        raise CommandError(
            f"The key file can be neither read nor made ({type(error).__name__}).",
            fix="See that its folder is there and may be written to.",
            where="keys.file",
        ) from None
