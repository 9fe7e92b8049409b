"""`actionbot team`, `panic` and `audit`: roles and the audit log, on the server.

These commands need the keys. Each change is recorded in the audit log.
"""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.printing import AsJson, out
from bot.cli.processes import run_command
from bot.errors import CommandError
from bot.settings import model
from bot.settings.model import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from conversations.admin.audit_log import AuditPage
    from conversations.model.roles import Member

team = typer.Typer(no_args_is_help=False)


@dataclass(frozen=True)
class LogState:
    """The end of the audit log, and whether the whole log is intact."""

    page: "AuditPage"
    is_intact: bool


@team.callback(invoke_without_command=True)
def show_team(context: typer.Context, as_json: AsJson = False) -> None:
    """List who has a role. See also: actionbot team remove"""
    if context.invoked_subcommand:
        return
    members, suspended = run_command(_members(model.load()))
    if as_json:
        out.print_json(data=[_as_json(member) for member in members])
        return
    for member in members:
        remarks = [
            "named in the settings" if member.settled else "",
            "role ended, not confirmed" if member.lapsed else "",
        ]
        typer.echo(" · ".join([str(member.chat), member.role, member.name, *filter(None, remarks)]))
    if not members:
        typer.echo("Nobody has a role.")
    if suspended:
        typer.echo("All roles are suspended. To end that: actionbot panic --end")


@team.command("remove")
def remove_member(
    number: Annotated[int, typer.Argument(help="The person's number in `actionbot team`.")],
) -> None:
    """Take somebody's role away, for example after /panic."""
    name = run_command(_remove(model.load(), number))
    typer.echo(f"{name or number} has no role any more.")


def panic(
    end: Annotated[bool, typer.Option("--end", help="Give the roles back.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask, for scripts.")] = False,
) -> None:
    """Stop everything at once: suspend all roles, pause all sending, cancel invitations.

    Use it if an account in the team, or the bot, is in the wrong hands. It works while the bot
    runs. Afterwards: actionbot audit, actionbot team remove, actionbot panic --end.
    """
    settings = model.load()
    question = "Give all roles back?" if end else "Suspend all roles and pause all sending?"
    # Asked while no event loop runs: it would keep Ctrl-C from ending the question.
    if not yes and not typer.confirm(question):
        typer.echo("Nothing was changed.")
        raise typer.Exit(1)
    run_command(_panic(settings, end=end))
    if end:
        typer.echo(
            "The roles are back. All sending stays paused until an admin resumes it: /status"
        )
        typer.echo("Restart the bot, so that members see their commands again.")
    else:
        typer.echo("Nobody has a role now, and nothing is sent. To recover:")
        typer.echo("1. Find out what happened: actionbot audit")
        typer.echo("2. Remove people who must not come back: actionbot team remove NUMBER")
        typer.echo("3. Give the others their roles back: actionbot panic --end")


def audit(
    accept: Annotated[
        bool, typer.Option("--accept", help="Go on from what is there, after a forgery or a loss.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the latest entries of the audit log, and verify the whole log.

    With --accept, roles and campaign modes become the newest that this machine knows, entries that
    can't be verified are deleted, and the log goes on. Do that only once you know what happened.

    Exit status: 1 if the log isn't intact; 0 otherwise.
    """
    state = run_command(_audit(model.load(), accept=accept))
    from conversations.admin.audit_log import line
    from conversations.text.html import plain
    from conversations.text.languages import DEFAULT
    from conversations.text.wording import Wording

    wording = Wording(DEFAULT)
    lines = [plain(line(wording, entry)) for entry in state.page.entries]
    if as_json:
        head, intact = state.page.head, state.is_intact
        out.print_json(data={"head": head, "intact": intact, "entries": lines})
    else:
        for each in lines:
            typer.echo(each)
        typer.echo(f"Last entry: {state.page.head}")
        if not state.is_intact:
            typer.echo("✗ Entries are missing or forged. See: actionbot doctor", err=True)
    raise typer.Exit(0 if state.is_intact else 1)


async def _members(settings: Settings) -> "tuple[tuple[Member, ...], bool]":
    from bot.cli.database import maintenance
    from storage.admin import roles
    from storage.admin.roster import Roster

    async with maintenance.open_store(settings) as (database, vault, clock):
        roster = Roster(vault, clock, settings.telegram.admins, settings.telegram.campaigners)
        members = await database.read(roster.everyone)
        saved = await database.read(partial(roles.load, vault=vault))
    return members, saved.suspended


async def _remove(settings: Settings, number: int) -> str:
    """Take a role away; return the member's name. Raises CommandError."""
    from bot.cli.database import maintenance
    from storage.admin import audit, roles

    def work(connection: "Connection") -> str:
        member = roles.load(connection, vault).members.get(number)
        if member is None:
            raise CommandError(
                f"Nobody with the number {number} accepted an invitation.",
                fix="List the team: actionbot team. The settings name some of its members.",
            )
        roles.remove_chat(connection, vault, number)
        audit.add_command(connection, vault, "team remove", clock(), f"{member.name} ({number})")
        return member.name

    async with maintenance.open_store(settings) as (database, vault, clock):
        return await database.transact(work)


async def _panic(settings: Settings, *, end: bool) -> None:
    from bot.cli.database import maintenance
    from storage import panic
    from storage.admin import audit

    def work(connection: "Connection") -> None:
        if end:
            panic.end(connection, vault)
        else:
            panic.start(connection, vault, clock())
        audit.add_command(connection, vault, "panic --end" if end else "panic", clock())

    async with maintenance.open_store(settings) as (database, vault, clock):
        await database.transact(work)


async def _audit(settings: Settings, *, accept: bool) -> LogState:
    from bot.cli.database import maintenance
    from bot.services.housekeeping.authority_watch import verify_log
    from storage.admin import audit, audit_chain, authority

    def work(connection: "Connection") -> None:
        authority.put_back(connection, vault)
        audit_chain.accept(connection, vault)
        audit.add_command(connection, vault, "audit --accept", clock())

    async with maintenance.open_store(settings) as (database, vault, clock):
        if accept:
            await database.transact(work)
        page = await database.read(partial(audit.page, vault=vault, number=1))
        return LogState(page, not (await verify_log(database, vault)).is_broken)


def _as_json(member: "Member") -> dict[str, str | int | bool]:
    return {
        "number": member.chat,
        "role": member.role.value,
        "name": member.name,
        "settings": member.settled,
        "ended": member.lapsed,
    }
