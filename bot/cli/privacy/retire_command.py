"""`actionbot retire`, as it is typed."""

from typing import Annotated

import typer


def retire(
    days: Annotated[
        int, typer.Option(min=1, max=365, help="How many days after the announcement to wipe.")
    ] = 14,
    now: Annotated[bool, typer.Option("--now", help="Wipe today, without waiting.")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Call the retirement off.")] = False,
) -> None:
    """Retire the bot: announce the end to everybody, wait, then wipe everything.

    Run it once to announce, and again after the wait, with the bot stopped, to wipe the database
    and the keys. It writes a report of what was wiped, and what could not be.
    """
    from bot.cli.privacy import retire

    retire.retire(days, now=now, cancel=cancel)
