"""The command line: what an organisation types."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from bot import logs
from bot.cli.campaign import campaigns
from bot.cli.figures import export, recount
from bot.cli.keys import keys
from bot.cli.printing import (
    MISTAKEN,
    NOUSER,
    TEMPFAIL,
    WENT_WRONG,
    AsJson,
    out,
)
from bot.errors import CommandError
from bot.settings import model
from conversations.model.mistakes import Mistake

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A campaign that lives in Telegram. To begin: actionbot demo, or actionbot init.",
    epilog="Exit status: 0 done; 2 something is to be mended first; 1 anything else.",
)
app.add_typer(keys, name="keys")
app.add_typer(campaigns, name="campaign")
app.command()(export)
app.command()(recount)


def main() -> None:
    """Run a command. What ends it is told in words: no traceback, no secret."""
    logs.configure()
    try:
        app(standalone_mode=True)
    except Exception as error:
        cause: Exception = error
        while isinstance(cause, ExceptionGroup):
            cause = cause.exceptions[0]
        if isinstance(cause, CommandError):
            show_mistakes(cause.mistakes)
            sys.exit(MISTAKEN)
        # Only kind and place: the words of an error may hold anything.
        found = logs.error_fields(error)
        typer.echo(f"✗ This should not happen: {found['error']} in {found['where']}.", err=True)
        sys.exit(WENT_WRONG)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the page is served.")] = 8080,
    campaigns: Annotated[
        Path | None, typer.Option(help="A folder of campaigns instead of the sample.")
    ] = None,
    empty: Annotated[
        bool, typer.Option("--empty", help="Start without the two weeks of invented history.")
    ] = False,
) -> None:
    """Start the playground: the whole bot on this machine, without token or account."""
    from bot.playground.demo import SAMPLES, playground

    async def play() -> None:
        try:
            async with playground(port, campaigns or SAMPLES, with_history=not empty) as running:
                typer.echo(f"\n  The playground is at {running.site.url}")
                typer.echo("  Nothing leaves this machine. Press Ctrl-C to end.\n")
                await asyncio.get_running_loop().create_future()
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used ({type(error).__name__}).",
                fix="Take another one: actionbot demo --port 8081",
            ) from None

    _run(play())


@app.command()
def init() -> None:
    """Ask for what the bot needs, try it, and write the settings."""
    from bot.cli.init import initialise

    initialise()


@app.command()
def run(
    no_workers: Annotated[
        bool, typer.Option("--no-workers", help="Only answer: `actionbot work` sends the mail.")
    ] = False,
) -> None:
    """Run the bot: answer people and send their letters, until Ctrl-C or SIGTERM."""
    _serve(answer=True, work=not no_workers)


@app.command()
def work() -> None:
    """Only send mail and erase what is past its time, beside `run --no-workers` (PostgreSQL)."""
    _serve(answer=False, work=True)


@app.command()
def check(as_json: AsJson = False) -> None:
    """Look for mistakes in settings and campaigns, and tell all of them at once."""
    from bot.doctor.configuration import find_mistakes

    mistakes = asyncio.run(find_mistakes(os.environ))
    if as_json:
        out.print_json(data=[mistake.as_json() for mistake in mistakes])
    else:
        show_mistakes(mistakes)
        if not any(mistake.is_error for mistake in mistakes):
            typer.echo("Settings and campaigns can be used.")
    raise typer.Exit(MISTAKEN if any(each.is_error for each in mistakes) else 0)


@app.command()
def doctor(
    send: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Send a test letter to it, too.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try what is set up: is everything right for letters to arrive?

    Settings, campaigns, Telegram and its webhook, clock, database, key files, the log-in to the
    mail server, and what DNS says: SPF, DKIM, DMARC, MX. Nothing is changed, and without --send
    nothing is sent.

    Exit status: 1 if there is a fault; 0 if there are warnings at most.
    """
    from bot.doctor import report, test_letter
    from bot.doctor.checks import run_checks
    from bot.doctor.finding import CheckContext, Finding, Status

    given = model.load() if send else None
    recipient = test_letter.parse_recipient(send, given) if send and given else ""

    async def look(progress: Callable[[int, int], None]) -> list[Finding]:
        tools = CheckContext()
        found = list(await run_checks(os.environ, tools, progress))
        return [*found, await test_letter.send(given, recipient, tools)] if given else found

    with _progress("Looking …") as progress:
        findings = asyncio.run(look(progress))
    if as_json:
        out.print_json(data=[finding.as_json() for finding in findings])
    elif out.is_terminal:
        out.print(report.table(findings, out.width))
    for line in () if as_json else report.lines(findings, in_table=out.is_terminal):
        typer.echo(line)
    raise typer.Exit(WENT_WRONG if any(each.status is Status.BAD for each in findings) else 0)


# A recipient may begin with a hyphen: whoever writes to us chooses it.
@app.command(context_settings={"ignore_unknown_options": True})
def bounce(
    recipients: Annotated[
        list[str] | None, typer.Argument(help="The envelope's recipients, if they are known.")
    ] = None,
) -> None:
    """Read one mail that came for the bot's domain from standard input, as from a pipe of Postfix.

    What bounces is told in its chat, and a letter that does leaves the count. The answer to the
    mail of a code says “this wasn't me”; other answers are passed on. All else is forgotten.

    Exit status: 0 read; 67 somebody wrote to an address that takes no answers, tell them so; 75 not
    at this moment, hand it over again.
    """
    try:
        from bot.cli.bounce import read, take
        from bot.mail.incoming.inbound_mail import Disposition

        fate = asyncio.run(take(read(sys.stdin.buffer), tuple(recipients or ())))
    except CommandError as mistaken:
        show_mistakes(mistaken.mistakes)
        raise typer.Exit(TEMPFAIL) from None
    except Exception as error:
        # Only the kind: the mail server writes this into its log, and may mail it.
        typer.echo(f"✗ Not at this moment: {type(error).__name__}.", err=True)
        raise typer.Exit(TEMPFAIL) from None
    if fate is Disposition.LEFT:
        # The mail server writes this to whoever sent it.
        typer.echo("Nobody reads this address. Answer the person who wrote to you.", err=True)
        raise typer.Exit(NOUSER)


@app.command()
def migrate() -> None:
    """Bring the database to the shape that this version expects. Stop the bot, and make a backup
    first.
    """
    from bot import startup

    with out.status("Migrating …"):
        done = asyncio.run(startup.migrate(model.load()))
    typer.echo("The database is up to date now." if done else "Nothing to do.")


@app.command()
def purge() -> None:
    """Erase what is past its time now, instead of within ten minutes."""
    from bot.cli import maintenance

    erased = asyncio.run(maintenance.purge(model.load()))
    typer.echo(f"Actions that were past their time and are erased: {erased}")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes. It must not exist yet.")],
) -> None:
    """Copy the database, SQLite or PostgreSQL, while the bot runs: into one file of SQLite.

    The key file is never in it: keep that elsewhere.
    """
    from bot.cli import maintenance

    with out.status("Copying …"):
        asyncio.run(maintenance.backup(model.load(), file))
    typer.echo(f"Copied to {file}. Without the key file nobody can read what is personal in it.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `actionbot backup` made.")],
) -> None:
    """Make the database anew from a backup, on either engine. What is there is left alone.

    A backup of an older version is brought to this one; the file itself stays as it is.
    """
    from bot.cli import maintenance

    with out.status("Restoring …"):
        asyncio.run(maintenance.restore(model.load(), file))
    typer.echo("The database is restored. Put its key file in place before the bot starts.")


def show_mistakes(mistakes: tuple[Mistake, ...]) -> None:
    """Print each mistake on lines of its own, which can be copied: where, what, and the mend."""
    for mistake in mistakes:
        where = f"{mistake.where}: " if mistake.where else ""
        typer.echo(f"{'✗' if mistake.is_error else '!'} {where}{mistake.problem}", err=True)
        if mistake.fix:
            typer.echo(f"  → {mistake.fix}", err=True)


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while it takes, on a terminal; what is yielded is told how many of how many."""
    # On standard error, so that JSON stays JSON.
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _serve(*, answer: bool, work: bool) -> None:
    from bot.app import App
    from bot.assembly.foundation import Options
    from bot.services.housekeeping import campaign_mode

    given = model.load()

    async def serve() -> None:
        async with App.open(given, Options(real=True)) as bot:
            await campaign_mode.require_valid(bot.core.database, bot.base.campaigns, given.mail)
            if answer and (link := await bot.first_admin()):
                typer.echo(f"The bot has no admin yet. Open this to become the first: {link}")
                typer.echo("It is good once, and for 24 hours. Show it to nobody else.")
            await bot.run(answer=answer, work=work)

    _run(serve())


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run until it ends, or until a signal asks to end it in order."""
    runner: Callable[..., Any] = asyncio.run
    with suppress(ImportError):  # Windows
        import uvloop

        runner = uvloop.run

    async def until_signalled() -> None:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        if task is not None:
            for number in (signal.SIGTERM, signal.SIGINT):
                with suppress(NotImplementedError):  # Windows
                    loop.add_signal_handler(number, task.cancel)
        await work

    with suppress(asyncio.CancelledError, KeyboardInterrupt):
        runner(until_signalled())
