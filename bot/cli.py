"""The command line: what an organisation types."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot import logs, settings
from bot.errors import Mistaken
from conversations.mistakes import Mistake

SETTINGS_ARE_WRONG = 2
"""The exit status where a person has to mend something first."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A campaign that lives in Telegram.",
)
campaigns = typer.Typer(no_args_is_help=True, help="Make and mend campaign folders.")
app.add_typer(campaigns, name="campaign")

out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def main() -> None:
    """Run a command; mistakes that can be mended are told without a traceback."""
    logs.configure()
    try:
        app(standalone_mode=True)
    except Mistaken as mistaken:
        show_mistakes(mistaken.mistakes)
        sys.exit(SETTINGS_ARE_WRONG)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the page is served.")] = 8080,
    campaigns: Annotated[
        Path | None, typer.Option(help="A folder of campaigns instead of the sample.")
    ] = None,
) -> None:
    """Start the playground: the whole bot on this machine, without token or account."""
    from bot.playground.demo import SAMPLES, playground

    async def play() -> None:
        try:
            async with playground(port, campaigns or SAMPLES) as running:
                out.print(f"\n  The playground is at [bold]{running.site.url}[/bold]")
                out.print("  Nothing leaves this machine. Press Ctrl-C to end.\n")
                await asyncio.get_running_loop().create_future()
        except OSError as error:
            raise Mistaken(
                f"Port {port} cannot be used ({type(error).__name__}).",
                mend="Take another one: actionbot demo --port 8081",
            ) from None

    _run(play())


@app.command()
def run(
    no_workers: Annotated[
        bool, typer.Option("--no-workers", help="Only answer; mail is sent elsewhere.")
    ] = False,
) -> None:
    """Run the bot: answer people and send their letters."""
    _serve(answer=True, work=not no_workers)


@app.command()
def work() -> None:
    """Send letters only, beside processes that answer (PostgreSQL)."""
    _serve(answer=False, work=True)


@app.command()
def check(as_json: AsJson = False) -> None:
    """Look for mistakes in settings and campaigns, and tell all of them at once."""
    from bot.checking import everything

    mistakes = everything(os.environ)
    if as_json:
        out.print_json(data=[vars(mistake) for mistake in mistakes])
    else:
        show_mistakes(mistakes)
        if not mistakes:
            out.print("Settings and campaigns are right.")
    raise typer.Exit(SETTINGS_ARE_WRONG if any(each.grave for each in mistakes) else 0)


@app.command()
def migrate() -> None:
    """Bring the database to the shape that this version expects."""
    from storage import migrations

    url = settings.load().database.url.get_secret_value()
    before, latest = migrations.current(url), migrations.latest()
    with out.status("Migrating …"):
        migrations.upgrade(url)
    out.print("Nothing to do." if before == latest else f"The database is at {latest} now.")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes. It must not exist yet.")],
) -> None:
    """Copy the database, while the bot runs. The key file is never in it: keep that elsewhere."""
    from storage.backup import copy

    source = settings.load().database.file
    if source is None:
        raise Mistaken(
            "PostgreSQL has its own way to make copies.", mend=f"Type: pg_dump -Fc -f {file} …"
        )
    if file.exists():
        raise Mistaken(f"{file} exists already.", mend="Choose another name.")
    with out.status("Copying …"):
        copy(source, file)
    out.print(f"Copied to {file}. Without the key file nobody can read what is personal in it.")


@app.command()
def purge() -> None:
    """Erase what is past its time now, instead of within ten minutes."""
    from bot import upkeep

    erased = asyncio.run(upkeep.purge(settings.load()))
    out.print(f"{erased} actions were past their time and are erased.")


@app.command()
def export(as_json: AsJson = False) -> None:
    """Print the figures, never people: as a table, or as JSON."""
    from bot import upkeep

    rows = asyncio.run(upkeep.figures(settings.load()))
    if as_json:
        out.print_json(data=rows)
        return
    if not rows:
        out.print("Nothing is counted yet.")
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    out.print(table)


@app.command()
def keys(
    new: Annotated[bool, typer.Option("--new", help="Add a key to the key file.")] = False,
    reseal: Annotated[
        bool, typer.Option("--reseal", help="Seal everything personal with the newest key.")
    ] = False,
) -> None:
    """Renew the key that seals what is personal: --new, restart every process, then --reseal."""
    from bot import upkeep

    given = settings.load()
    if new:
        number = upkeep.new_key(given)
        out.print(f"Key {number} is made. Copy {given.keys.file} to its safe place,")
        out.print("restart every process of the bot, then type: actionbot keys --reseal")
    elif reseal:
        with out.status("Sealing …"):
            count = asyncio.run(upkeep.reseal(given))
        out.print(f"{count} values were sealed with the newest key.")
    else:
        raise typer.BadParameter("Say --new or --reseal.")


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Try whether everything is set up: settings, campaigns, Telegram, mail, database, keys."""
    from bot.doctor import Finding, examine

    async def collect() -> list[Finding]:
        return [finding async for finding in examine()]

    findings = asyncio.run(collect())
    if as_json:
        out.print_json(data=[vars(finding) for finding in findings])
    else:
        table = Table("", "what", "seen", "the mend")
        for finding in findings:
            mark = "[green]✓[/green]" if finding.well else "[red]✗[/red]"
            table.add_row(mark, finding.what, finding.seen, finding.mend)
        out.print(table)
    raise typer.Exit(0 if all(finding.well for finding in findings) else 1)


@app.command()
def init() -> None:
    """Ask for what the bot needs, try it, and write the settings."""
    from bot.initialising import initialise

    initialise(out)


@campaigns.command("new")
def new_campaign(
    slug: Annotated[str, typer.Argument(help="Its short name, in small letters: save-the-river")],
) -> None:
    """Make a campaign folder to start from."""
    from bot.checking import make_campaign

    folder = make_campaign(_campaigns_folder(), slug)
    out.print(f"{folder} is made. Write its texts, then type: actionbot check")


@campaigns.command("stamp")
def stamp_campaign(
    slug: Annotated[str, typer.Argument(help="The campaign whose translations are up to date.")],
) -> None:
    """Note that a campaign's translations are in line with the original as it is now."""
    from conversations.loading import FILE, stamp

    folder = _campaigns_folder() / slug
    if not (folder / FILE).is_file():
        raise Mistaken(f"There is no campaign {slug} in {folder.parent}.", mend="See its name.")
    stamped = stamp(folder)
    for path in stamped:
        out.print(f"{path.name} is stamped.")
    if not stamped:
        out.print("All translations were stamped already.")


def show_mistakes(mistakes: tuple[Mistake, ...]) -> None:
    """Print mistakes as a table: where, what, and how to mend it."""
    if not mistakes:
        return
    table = Table("", "where", "what is wrong", "how to mend it", show_lines=True)
    for mistake in mistakes:
        mark = "[red]✗[/red]" if mistake.grave else "[yellow]![/yellow]"
        table.add_row(mark, mistake.where, mistake.what, mistake.mend)
    err.print(table)


def _campaigns_folder() -> Path:
    return settings.campaigns_folder() or Path("campaigns")


def _serve(*, answer: bool, work: bool) -> None:
    from bot.app import App

    given = settings.load()

    async def serve() -> None:
        async with App.open(given) as bot:
            await bot.run(answer=answer, work=work)

    _run(serve())


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run until it ends, or until a signal asks to end it in order."""
    runner: Callable[..., Any] = asyncio.run
    with suppress(ImportError):
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
