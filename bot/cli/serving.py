"""Run the bot until a signal asks it to stop: `actionbot run` and `actionbot work`."""

import asyncio
import os
import sys
import time
from pathlib import Path

import structlog

from bot import process_memory
from bot.cli.processes import run_service
from bot.errors import CommandError
from bot.settings import model, secret_files
from bot.settings.model import Settings
from bot.settings.setting_origins import settings_file

log = structlog.get_logger()

START_PATIENCE = 60.0
"""Seconds for which a start waits for the database's server."""

START_RETRY_DELAY = 1.0
"""Seconds until a start is tried again."""

FIRST_ADMIN_FILE = "first-admin.txt"
"""Name of the file with the first admin's link, in the folder of the key file."""


def serve_bot(*, answer: bool, work: bool) -> None:
    """Run the bot: `answer` people, `work` on the outbox, or both. Raises CommandError."""
    settings = model.load()
    if answer and not work:
        _require_many_processes(settings)
    run_service(_serve_patiently(settings, answer=answer, work=work))


def _require_many_processes(settings: Settings) -> None:
    """Raise CommandError if no `actionbot work` could run beside this process."""
    if settings.database.file is not None:
        raise CommandError(
            "SQLite allows one process, so no `actionbot work` could send the letters.",
            fix="Leave out --no-workers, or use PostgreSQL: database.url = "
            '"postgresql://user:password@host/name"',
            where="database.url",
        )


async def _serve_patiently(settings: Settings, *, answer: bool, work: bool) -> None:
    """Run the bot. While its database is out of reach at the start, begin again.

    Raises CommandError.
    """
    from bot.database_errors import DatabaseOutage, database_error_in

    url = settings.database.url.get_secret_value()
    started, patience = asyncio.Event(), time.monotonic() + START_PATIENCE
    while True:
        try:
            return await _serve(settings, started, answer=answer, work=work)
        except Exception as error:
            found = None if started.is_set() else database_error_in(error, url)
            if found is None:
                raise
            if not isinstance(found, DatabaseOutage) or time.monotonic() >= patience:
                raise found from None
            log.warning("database out of reach, trying again", reason=found.mistakes[0].problem)
        await asyncio.sleep(START_RETRY_DELAY)


async def _serve(settings: Settings, started: asyncio.Event, *, answer: bool, work: bool) -> None:
    """Run the bot; set `started` when nothing can keep it from starting any more."""
    from bot.app import App
    from bot.assembly.foundation import Options
    from bot.services.campaigns import campaign_mode

    is_locked = process_memory.lock_memory()
    async with App.open(settings, Options(real=True)) as bot:
        await campaign_mode.require_valid(bot.core, bot.base.campaigns, settings.mail)
        for found in secret_files.find_readable(settings, settings_file(os.environ)):
            log.warning("others can read a file with secrets", where=found.where)
        log.info("memory locked" if is_locked else "memory not locked")

        async def announce() -> None:
            if answer:
                hand_over(await bot.first_admin(), settings.keys.file.parent)
            started.set()

        await bot.run(answer=answer, work=work, started=announce)


def hand_over(link: str | None, folder: Path) -> None:
    """Show the link for the first admin to the operator only: the link gives control of the bot.

    It goes to a terminal, or else to a file that only its owner can read: a journal has many
    readers. Without a link, an old file is deleted. Raises OSError.
    """
    from storage.crypto.keys import replace_private

    file = folder / FIRST_ADMIN_FILE
    if link is None:
        file.unlink(missing_ok=True)
    elif sys.stdin.isatty() and sys.stdout.isatty():
        sys.stdout.write(
            f"The bot has no admin yet. Open this to become the first: {link}\n"
            "The link works once, within 24 hours. Don't share it.\n"
        )
    else:
        replace_private(file, f"{link}\n")
        reason = "open the link in this file within 24 hours"
        log.warning("no admin yet", reason=reason, where=str(file))
