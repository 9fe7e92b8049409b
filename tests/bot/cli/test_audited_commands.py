"""Each command that changes or exports people's data has an entry in the audit log."""

import typer
from typer.core import TyperGroup

from bot.cli.commands import app
from tests.bot.cli.privacy.test_disowned import ADDRESS, disowns
from tests.bot.cli.test_approve import campaigner_with_held_broadcast
from tests.bot.cli.test_team import audit_log, has_an_admin
from tests.bot.organisation import Organisation

ENTRIES = {
    "approve": {"approve"},
    "archive export": {"archive export"},
    "audit": {"audit --accept"},
    "backup": {"backup"},
    "campaign live": {"campaign live"},
    "campaign publish": {"campaign publish"},
    "disowned": {"disowned --undo"},
    "migrate": {"migrate"},
    "notice": {"notice"},
    "panic": {"panic", "panic --end"},
    "purge": {"purge"},
    "restore": {"restore"},
    "retire": {"retire", "retire --cancel"},
    "team remove": {"team remove"},
}
"""The entries of each command."""

WITHOUT = {
    "archive new-key": "makes keys in a file, without a database",
    "archive open": "reads a file, without a database",
    "bounce": "is run by a mail server",
    "campaign new": "writes files of a campaign",
    "campaign pull": "writes files of a campaign",
    "campaign stamp": "writes files of a campaign",
    "check": "reads",
    "demo": "has a database of its own",
    "doctor": "reads; a test letter contains nothing of people",
    "export": "prints figures, which name nobody and stand in the chat too",
    "init": "writes settings; there is no database yet",
    "keys": "reads",
    "keys dkim": "makes a key only where there is none",
    "languages": "reads",
    "languages export": "writes a file of texts",
    "languages reviewed": "notes in a file who has checked its texts",
    "playground": "has no database",
    "privacy": "reads settings",
    "recount": "reads",
    "run": "is the bot itself",
    "team": "reads",
    "work": "is the bot itself",
}
"""Why these have no entry."""


def commands(group: TyperGroup, above: str = "") -> set[str]:
    """Return all commands, as they are typed, below a group."""
    found: set[str] = set()
    for name, command in group.commands.items():
        typed = f"{above} {name}".strip()
        if isinstance(command, TyperGroup):
            found |= commands(command, typed)
        if not isinstance(command, TyperGroup) or command.invoke_without_command:
            found.add(typed)
    return found


def test_each_command_has_entries_or_a_reason() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    assert commands(group) - set(WITHOUT) == set(ENTRIES)
    assert not set(ENTRIES) & set(WITHOUT)


async def test_every_entry_is_written(organisation: Organisation, database_url: str) -> None:
    """Each command is typed once, in an order in which each has something to do."""
    organisation.sets(database={"url": database_url})
    organisation.sets(telegram={"campaigners": [771_001], "second_eyes_above": 0})
    async with organisation.running("run"):
        _, id_ = await campaigner_with_held_broadcast(organisation)
        await types(organisation, "approve", id_, "--yes")
    olga = await has_an_admin(organisation)
    async with organisation.running("run"):
        text = organisation.folder / "en.txt"
        text.write_text("Nothing was stolen.", "utf-8")
        await types(organisation, "notice", str(text), "--yes")
        await types(organisation, "retire", piped=b"y\n")
        await types(organisation, "retire", "--cancel")
    first = await written(organisation)
    await disowns(organisation, database_url)
    await types(organisation, "disowned", ADDRESS, "--undo")
    await types(organisation, "purge")
    await types(organisation, "archive", "export", str(organisation.folder / "records.txt"))
    await types(organisation, "backup", str(organisation.folder / "copy.db"))
    await types(organisation, "panic", "--yes")
    await types(organisation, "panic", "--end", "--yes")
    await types(organisation, "team", "remove", str(olga.id))
    assert [*(await written(organisation))[:7], *first] == [
        f"Server actionbot team remove Olga ({olga.id})",
        "Server actionbot panic --end",
        "Server actionbot panic",
        "Server actionbot backup",
        "Server actionbot archive export",
        "Server actionbot purge",
        "Server actionbot disowned --undo",
        "Server actionbot retire --cancel",
        "Server actionbot retire",
        "Server actionbot notice",
        f"Server actionbot approve {id_}",
    ]


async def written(organisation: Organisation) -> list[str]:
    """Return the commands among the latest ten entries."""
    return [line for line in await audit_log(organisation) if line.startswith("Server ")]


async def types(organisation: Organisation, *words: str, piped: bytes = b"") -> None:
    done = await organisation.types(*words, piped=piped)
    assert (done.status, done.err) == (0, ""), done.err
