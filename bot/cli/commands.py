"""The subcommands of `actionbot`, and their options."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from bot.cli.approve import approve
from bot.cli.database.backup_commands import backup, restore
from bot.cli.database.figures import export, recount
from bot.cli.database.keys import keys
from bot.cli.database.migrate_command import migrate
from bot.cli.database.purge import purge
from bot.cli.demo import demo
from bot.cli.examples import add_examples
from bot.cli.failures import (
    EXIT_FAILURE,
    EXIT_MISTAKE,
    EXIT_NO_USER,
    EXIT_TEMPORARY_FAILURE,
    print_mistakes,
)
from bot.cli.playground import playground
from bot.cli.printing import AsJson, out, print_version
from bot.cli.privacy.archive import archive
from bot.cli.privacy.disowned import disowned
from bot.cli.privacy.documents import privacy
from bot.cli.privacy.notice import notice
from bot.cli.privacy.retire_command import retire
from bot.cli.processes import run_command
from bot.cli.serving import serve_bot
from bot.cli.setup.campaign import campaigns as campaign_commands
from bot.cli.setup.init import init
from bot.cli.setup.languages import languages_app
from bot.cli.team import audit, panic
from bot.cli.team import team as team_commands
from bot.errors import CommandError
from bot.settings import model

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # Otherwise --help breaks lines where a docstring does.
    epilog="Exit status: 0 success; 2 something needs fixing first; 1 any other error.",
)
app.add_typer(keys, name="keys")
app.add_typer(campaign_commands, name="campaign")
app.add_typer(languages_app, name="languages")
app.add_typer(team_commands, name="team")
app.add_typer(archive, name="archive")
app.command()(demo)
app.command()(init)


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=print_version, help="Show the version."),
    ] = False,
) -> None:
    """Run letter campaigns on Telegram. Start with actionbot demo or actionbot init."""


@app.command()
def check(
    campaigns: Annotated[
        Path | None,
        typer.Option(help="Check only the campaigns in this folder. No settings are needed."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check settings and campaigns, and list every mistake."""
    from bot.cli.setup.campaign_folders import require_campaigns
    from bot.doctor.configuration import find_campaign_mistakes, find_mistakes

    if campaigns is not None:
        require_campaigns(campaigns, "actionbot check --campaigns")
        mistakes = find_campaign_mistakes(campaigns.expanduser().resolve())
    else:
        mistakes = run_command(find_mistakes(os.environ))
    if as_json:
        out.print_json(data=[mistake.as_json() for mistake in mistakes])
    else:
        print_mistakes(mistakes)
        if not any(mistake.is_error for mistake in mistakes):
            checked = "Settings and campaigns" if campaigns is None else "The campaigns"
            remarks = f", apart from these remarks: {len(mistakes)}" if mistakes else ""
            typer.echo(f"{checked} are fine{remarks}.")
    raise typer.Exit(EXIT_MISTAKE if any(each.is_error for each in mistakes) else 0)


@app.command()
def doctor(
    send: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Also send a test letter to this address.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Test your setup: is everything ready for letters to arrive?

    It checks settings, campaigns, Telegram and its webhook, clock, database, key files, the log-in
    to the mail server, and DNS: SPF, DKIM, DMARC, MX. It changes nothing, and sends nothing unless
    you use --send.

    Exit status: 1 if there is a problem; 0 otherwise, even with warnings.
    """
    from bot.doctor import report, test_letter
    from bot.doctor.checks import run_checks
    from bot.doctor.finding import CheckContext, Finding, Status

    settings = model.load() if send else None
    recipient = test_letter.parse_recipient(send, settings) if send and settings else ""

    async def examine(progress: Callable[[int, int], None]) -> list[Finding]:
        context = CheckContext()
        found = list(await run_checks(os.environ, context, progress))
        if settings is not None:
            found.append(await test_letter.send(settings, recipient, context))
        return found

    with _progress_bar("Checking…") as progress:
        findings = run_command(examine(progress))
    if as_json:
        out.print_json(data=[finding.as_json() for finding in findings])
    elif out.is_terminal:
        out.print(report.table(findings, out.width))
    for line in () if as_json else report.lines(findings, in_table=out.is_terminal):
        typer.echo(line)
    raise typer.Exit(EXIT_FAILURE if any(each.status is Status.BAD for each in findings) else 0)


@app.command()
def run(
    no_workers: Annotated[
        bool,
        typer.Option("--no-workers", help="Only answer people; `actionbot work` sends the mail."),
    ] = False,
) -> None:
    """Run the bot: answer people and send their letters, until Ctrl-C or SIGTERM."""
    serve_bot(answer=True, work=not no_workers)


@app.command()
def work() -> None:
    """Only send mail and delete expired data, alongside `run --no-workers` (PostgreSQL)."""
    serve_bot(answer=False, work=True)


# A recipient chosen by a stranger may begin with a hyphen.
@app.command(context_settings={"ignore_unknown_options": True})
def bounce(
    recipients: Annotated[
        list[str] | None, typer.Argument(help="The envelope's recipients, if known.")
    ] = None,
) -> None:
    """Process one email to the bot's domain from standard input, for example from a Postfix pipe.

    Bounces are reported in the supporter's chat, and a bounced letter is no longer counted. A reply
    to a code email means “this wasn't me”; other replies are forwarded. Absences, delays and loops
    are discarded.

    Exit status: 0 processed; 67 the address takes no replies, so tell the sender; 75 not now,
    deliver it again later.
    """
    try:
        from bot.cli.bounce import process, read
        from bot.mail.incoming.inbound_mail import Disposition

        disposition = run_command(process(read(sys.stdin.buffer), tuple(recipients or ())))
    except CommandError as error:
        print_mistakes(error.mistakes)
        raise typer.Exit(EXIT_TEMPORARY_FAILURE) from None
    except Exception as error:
        # Only the error's class: the mail server logs this, and may email it.
        typer.echo(f"✗ Temporarily unavailable: {type(error).__name__}.", err=True)
        raise typer.Exit(EXIT_TEMPORARY_FAILURE) from None
    if disposition is Disposition.LEFT:
        # The mail server sends this to the email's sender.
        typer.echo(
            "Nobody reads this address. Please reply to the person who wrote to you.", err=True
        )
        raise typer.Exit(EXIT_NO_USER)


# Registered here because --help lists commands in this order.
app.command()(migrate)
app.command()(purge)
app.command()(backup)
app.command()(restore)
app.command()(export)
app.command()(recount)
app.command()(panic)
app.command()(audit)
app.command()(approve)
app.command()(notice)
app.command()(retire)
app.command()(disowned)
app.command()(privacy)
app.command()(playground)

add_examples(app)


@contextmanager
def _progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on a terminal; yield a function of the numbers done and in total."""
    # On standard error, so that JSON stays JSON.
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
