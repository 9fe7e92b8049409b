"""Run the bot until a signal asks it to stop: `actionbot run`, `work` and `demo`."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import typer

from bot.settings import model


def serve_bot(*, answer: bool, work: bool) -> None:
    """Run the bot: `answer` people, `work` on the outbox, or both."""
    from bot.app import App
    from bot.assembly.foundation import Options
    from bot.services.housekeeping import campaign_mode

    settings = model.load()

    async def serve() -> None:
        async with App.open(settings, Options(real=True)) as bot:
            await campaign_mode.require_valid(bot.core.database, bot.base.campaigns, settings.mail)
            if answer and (link := await bot.first_admin()):
                typer.echo(f"The bot has no admin yet. Open this to become the first: {link}")
                typer.echo("The link works once, within 24 hours. Don't share it.")
            await bot.run(answer=answer, work=work)

    run_until_signalled(serve())


def run_until_signalled(work: Coroutine[Any, Any, None]) -> None:
    """Run until `work` ends, or until SIGTERM or SIGINT asks for a clean shutdown."""
    runner: Callable[..., Any] = asyncio.run
    with suppress(ImportError):  # Windows
        import uvloop

        runner = uvloop.run

    async def cancel_on_signal() -> None:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        if task is not None:
            for number in (signal.SIGTERM, signal.SIGINT):
                with suppress(NotImplementedError):  # Windows
                    loop.add_signal_handler(number, task.cancel)
        await work

    with suppress(asyncio.CancelledError, KeyboardInterrupt):
        runner(cancel_on_signal())
