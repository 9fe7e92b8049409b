"""Open what the bot needs before it can start: its name, the webhook, the database, the keys.

Each failure is a `CommandError` that names the setting and what to do, without any secret.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

import structlog
from sqlalchemy import Connection
from telegram import Bot
from telegram.error import EndPointNotFound, InvalidToken, TelegramError

from bot.clock import utc_now
from bot.database_errors import database_error
from bot.errors import CommandError
from bot.settings.model import Settings
from bot.telegram.client.api_errors import TooManyRequests
from bot.telegram.updates import webhook_watch
from conversations.folder import own_wording
from conversations.model.mistakes import describe_file_error
from conversations.text import languages
from storage.crypto import key_rotation, keys
from storage.crypto.trusted_state import TrustedState, state_file
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.engine.urls import open_database
from storage.schema import migrations

log = structlog.get_logger()


def use_own_wording(settings: Settings) -> None:
    """Use the organisation's own texts, if it has any. Raises CommandError if one is wrong."""
    folder = settings.campaigns.wording_folder
    if folder is None:
        return
    mistakes = tuple(each for each in own_wording.find_mistakes(folder) if each.is_error)
    if mistakes:
        raise CommandError(mistakes)
    languages.use_own(folder)


async def bot_name(bot: Bot) -> str:
    """Return the bot's user name (Bot API, getMe). Raises CommandError."""
    try:
        username = (await bot.get_me()).username
    except InvalidToken as error:
        elsewhere = ", or isn't a Bot API server" if isinstance(error, EndPointNotFound) else ""
        raise CommandError(
            f"The server at telegram.api doesn't recognise this token{elsewhere}.",
            fix="Check it against @BotFather.",
            where="telegram.token",
        ) from None
    except TooManyRequests as error:
        raise CommandError(
            f"Telegram accepts no calls for this token for {error.seconds:.0f} seconds.",
            fix="Start the bot again after that.",
            where="telegram.token",
        ) from None
    except (TelegramError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise CommandError(
            f"Can't reach Telegram to identify the bot ({type(error).__name__}).",
            fix="Check the network, and telegram.api if it's set.",
            where="telegram.api",
        ) from None
    if not isinstance(username, str) or not username:
        raise CommandError(
            "The server at telegram.api doesn't say the bot's user name.",
            fix="Check telegram.api if it's set.",
            where="telegram.api",
        )
    return username


async def register(bot: Bot, url: str, secret: str) -> None:
    """Register the webhook `url`, waiting if Telegram asks for that. Raises CommandError."""
    while True:
        try:
            return await webhook_watch.register(bot, url, secret)
        except TooManyRequests as error:
            reason = f"Telegram asks to wait {error.seconds:.0f} seconds"
            log.warning("webhook not registered yet", reason=reason)
            await asyncio.sleep(error.seconds)
        except TelegramError as error:
            raise CommandError(
                f"Telegram refused the webhook: {error.message}",
                fix="It must be https://, reachable from outside, on port 443, 80, 88 or 8443.",
                where="telegram.webhook_url",
            ) from None


async def open_ready_database(settings: Settings) -> Database:
    """Open the database for a process of the bot; create its tables if it is empty.

    A newer version may have migrated it, if this one can still use it. Raises CommandError, also
    for a database from any other version.
    """
    url = settings.database.url.get_secret_value()
    with _as_command_errors(url):
        database, revision = await _open(url, migrations.is_usable)
        if revision is None:
            try:
                await asyncio.to_thread(migrations.upgrade, url)
            except BaseException:
                await database.close()
                raise
        return database


async def open_present_database(settings: Settings) -> Database | None:
    """Open the database without creating anything; None if the bot has not created one yet.

    Raises CommandError.
    """
    url = settings.database.url.get_secret_value()
    with _as_command_errors(url):
        if _is_absent(settings):
            return None
        database, revision = await _open(url, migrations.is_latest)
        if revision is None:
            await database.close()
            return None
        return database


async def _open(url: str, is_accepted: Callable[[Connection], bool]) -> tuple[Database, str | None]:
    """Open a database; return it with its schema version, or None if it has no tables yet.

    Raises CommandError if the version is not accepted, after closing the database.
    """
    database = await open_database(url)
    try:
        # Not in a thread, so that a caller with a timeout can cancel it.
        revision = await database.read(migrations.current_revision)
        if revision is not None and not await database.read(is_accepted):
            raise other_version(revision)
    except BaseException:
        await database.close()
        raise
    return database, revision


def _is_absent(settings: Settings) -> bool:
    """Whether the file does not exist yet, although its folder does."""
    file = settings.database.file
    return file is not None and file.parent.is_dir() and not file.exists()


async def migrate(settings: Settings) -> bool:
    """Upgrade the database to this version; return whether there was anything to do.

    Raises CommandError, also if a bot is running on a database that allows only one process.
    """
    url = settings.database.url.get_secret_value()
    with _as_command_errors(url):
        database = await open_database(url)
        try:
            if not database.multi_process and not await database.lock_exclusively():
                raise CommandError(
                    "The bot is running on this database.",
                    fix="Stop it first.",
                    where="database.url",
                )
            return await asyncio.to_thread(bring_up_to_date, url)
        finally:
            await database.close()


def bring_up_to_date(url: str) -> bool:
    """Run the migrations that a database lacks; return whether there were any.

    Raises CommandError for a database from a newer version, and the database's own errors.
    """
    revision = migrations.revision_of(url)
    if revision is not None and not migrations.is_known(revision):
        raise other_version(revision)
    migrations.upgrade(url)
    return revision != migrations.latest()


@contextmanager
def _as_command_errors(url: str) -> Iterator[None]:
    """Turn every error of the database at `url` into a CommandError."""
    try:
        yield
    except CommandError:
        raise
    except Exception as error:
        raise database_error(error, url) from None


def other_version(revision: str) -> CommandError:
    """Return the error for a database whose schema `revision` is not the latest."""
    if revision == migrations.MOVING:
        what, fix = "a move that isn't complete", "Complete it: actionbot migrate --to URL"
    elif revision == migrations.MOVED:
        return CommandError(
            "This database was moved to PostgreSQL.",
            fix="Set the address of the new one. If the move was interrupted, run it again.",
            where="database.url",
        )
    elif revision in migrations.UNSUPPORTED:
        what, fix = "a version before the first release", "Start with a new, empty database."
    elif migrations.is_known(revision):
        what, fix = "an older version", "Make a backup, then run: actionbot migrate"
    else:
        what, fix = "a newer version of actionbot", "Install that version, or restore a backup."
    return CommandError(f"The database is from {what}.", fix=fix, where="database.url")


async def open_vault(
    settings: Settings, database: Database, clock: Callable[[], datetime] = utc_now
) -> Vault:
    """Return the vault; create the keys if nothing is stored yet. Raises CommandError.

    Keys that cannot decrypt what is stored are refused: everything would look damaged.
    """
    samples = await database.read(key_rotation.sample_values)
    file = settings.keys.file
    if samples and not file.exists():
        raise CommandError(
            f"{file} is missing, and the encrypted data can't be read without it.",
            fix="Restore it from its backup.",
            where="keys.file",
        )
    keyring = open_keys(settings, clock().date())
    vault = Vault(keyring, lambda: clock().date(), open_trusted_state(settings))
    # One value may have been forged, so that the bot would not start.
    if samples and not any(sample.can_decrypt(vault) for sample in samples):
        raise CommandError(
            f"The keys in {file} don't match this database.",
            fix="Restore the key file that belongs to this database.",
            where="keys.file",
        )
    if (floor := await database.read(key_rotation.floor)) is not None:
        vault.not_before(floor)
    return vault


def open_trusted_state(settings: Settings) -> TrustedState:
    """Return what this machine knows to be newest. Raises CommandError."""
    file = state_file(settings.keys.file)
    try:
        return TrustedState(file)
    except keys.KeyFileError as error:
        raise CommandError(str(error), fix=error.fix, where="keys.file") from None
    except OSError as error:
        problem, fix = describe_file_error(error)
        raise CommandError(f"Can't read {file}. {problem}", fix=fix, where="keys.file") from None


def open_keys(settings: Settings, today: date) -> keys.Keyring:
    """Return the keys; create the key file if it does not exist. Raises CommandError."""
    try:
        return keys.load_or_create(settings.keys.file, today)
    except keys.KeyFileError as error:
        raise CommandError(str(error), fix=error.fix, where="keys.file") from None
    except OSError as error:
        problem, fix = describe_file_error(error)
        raise CommandError(
            f"Can't read or create the key file {settings.keys.file}. {problem}",
            fix=fix,
            where="keys.file",
        ) from None
