"""Run the bot until a signal asks it to stop: `actionbot run` and `actionbot work`."""

import os

import structlog
import typer

from bot import process_memory
from bot.cli.processes import run_service
from bot.errors import CommandError
from bot.settings import model, secret_files
from bot.settings.model import Settings
from bot.settings.setting_origins import settings_file

log = structlog.get_logger()


def serve_bot(*, answer: bool, work: bool) -> None:
    """Run the bot: `answer` people, `work` on the outbox, or both. Raises CommandError."""
    settings = model.load()
    if answer and not work:
        _require_many_processes(settings)
    run_service(_serve(settings, answer=answer, work=work))


def _require_many_processes(settings: Settings) -> None:
    """Raise CommandError if no `actionbot work` could run beside this process."""
    if settings.database.file is not None:
        raise CommandError(
            "SQLite allows one process, so no `actionbot work` could send the letters.",
            fix="Leave out --no-workers, or use PostgreSQL: database.url = "
            '"postgresql://user:password@host/name"',
            where="database.url",
        )


async def _serve(settings: Settings, *, answer: bool, work: bool) -> None:
    from bot.app import App
    from bot.assembly.foundation import Options
    from bot.services.housekeeping import campaign_mode

    is_locked = process_memory.lock_memory()
    async with App.open(settings, Options(real=True)) as bot:
        await campaign_mode.require_valid(bot.core.database, bot.base.campaigns, settings.mail)
        for found in secret_files.find_readable(settings, settings_file(os.environ)):
            log.warning("others can read a file with secrets", where=found.where)
        log.info("memory locked" if is_locked else "memory not locked")

        async def announce() -> None:
            if answer and (link := await bot.first_admin()):
                typer.echo(f"The bot has no admin yet. Open this to become the first: {link}")
                typer.echo("The link works once, within 24 hours. Don't share it.")

        await bot.run(answer=answer, work=work, started=announce)
