"""Commands as they are typed: what they print, and their exit status."""

import asyncio
import errno
import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import commands, processes
from bot.errors import CommandError
from bot.playground import demo
from tests.bot.conftest import Type
from tests.bot.organisation import TOKEN, Organisation

COMMANDS = (
    *("demo", "init", "run", "work", "check", "doctor", "migrate", "keys", "keys dkim"),
    *("export", "recount", "purge", "backup", "restore", "bounce", "privacy"),
    *("archive", "archive new-key", "archive export", "archive open"),
    *("campaign", "campaign new", "campaign stamp", "campaign live"),
    *("campaign publish", "campaign pull"),
    *("languages", "languages export", "languages reviewed"),
)
NEED_SETTINGS = (
    *("run", "work", "migrate", "keys", "keys dkim", "export", "purge", "privacy"),
    "backup copy.db",
    "restore copy.db",
    "campaign live river",
    "campaign publish river",
    "campaign pull river",
    "archive export records.txt",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(actionbot: Type, command: str) -> None:
    outcome = actionbot(*command.split(), "--help")
    assert (outcome.status, outcome.err) == (0, "")
    assert f"actionbot {command}" in outcome.out


def test_the_help_names_every_command(actionbot: Type) -> None:
    said = actionbot("--help").out
    assert [command for command in COMMANDS if f" {command.split()[0]} " not in said] == []


def test_the_help_lists_first_what_is_needed_first(actionbot: Type) -> None:
    lines = actionbot("--help").out.splitlines()
    listed = [found[1] for line in lines if (found := re.match(r"│ (\w+) ", line))]
    assert listed[:5] == ["demo", "init", "check", "doctor", "run"]


def test_the_help_breaks_lines_at_the_edge_only(
    actionbot: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = [line.strip() for line in actionbot("bounce", "--help").out.splitlines()]
    assert "longer counted. A reply to a code email means “this wasn't me”; other replies" in lines


@pytest.mark.parametrize("command", NEED_SETTINGS)
def test_without_settings_a_command_says_how_to_begin(actionbot: Type, command: str) -> None:
    outcome = actionbot(*command.split())
    said = "✗ actionbot.toml: No settings found here.\n  → Run: actionbot init\n"
    assert (outcome.status, outcome.out, outcome.err) == (2, "", said)


@pytest.mark.parametrize(("options", "has_history"), [((), True), (("--empty",), False)])
def test_the_demo_has_a_history_unless_it_is_to_be_empty(
    actionbot: Type, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], has_history: bool
) -> None:
    started = []

    def playground(*_: object, with_history: bool) -> None:
        started.append(with_history)
        raise OSError

    monkeypatch.setattr(demo, "playground", playground)
    assert actionbot("demo", "--port", "0", *options).status == 2
    assert started == [has_history]


def test_the_version_is_printed(actionbot: Type) -> None:
    outcome = actionbot("--version")
    assert (outcome.status, outcome.out) == (0, f"actionbot {version('actionbot')}\n")


def test_shells_can_complete_commands(actionbot: Type) -> None:
    assert "--install-completion" in actionbot("--help").out
    completed = subprocess.run(  # noqa: S603 - our own program
        [Path(sys.executable).with_name("actionbot")],
        env={
            **os.environ,
            "_ACTIONBOT_COMPLETE": "complete_bash",
            "COMP_WORDS": "actionbot do",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert completed.stdout.split() == ["doctor"]


def test_a_file_that_cannot_be_used_is_no_unexpected_error(
    actionbot: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: object) -> None:
        raise PermissionError(errno.EACCES, "no", "campaigns")

    monkeypatch.setattr("bot.doctor.configuration.find_mistakes", refused)
    outcome = actionbot("check")
    assert (outcome.status, outcome.err) == (
        2,
        "✗ campaigns: You have no permission to use it.\n"
        "  → Check its owner and mode (ls -l), and run this as the bot's user.\n",
    )


def test_an_unknown_command_is_refused(actionbot: Type) -> None:
    outcome = actionbot("nonsense")
    assert outcome.status == 2
    assert "No such command" in outcome.err


def test_what_should_not_happen_shows_no_words_and_no_traceback(
    actionbot: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ExceptionGroup("many", [ValueError(f"the token is {TOKEN}")])

    monkeypatch.setattr("bot.doctor.configuration.find_mistakes", broken)
    outcome = actionbot("check")
    assert outcome.status == 1
    assert outcome.err.startswith("✗ Unexpected error: ValueError in bot/cli/commands.py:")
    assert TOKEN not in outcome.err


def test_a_mistake_among_several_tasks_is_told_as_such(
    actionbot: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(_: object) -> None:
        raise ExceptionGroup("many", [CommandError("What.", fix="Mend.", where="here")])

    monkeypatch.setattr("bot.doctor.configuration.find_mistakes", mistaken)
    outcome = actionbot("check")
    assert (outcome.status, outcome.err) == (2, "✗ here: What.\n  → Mend.\n")


def test_the_bot_runs_on_uvloop() -> None:
    loops: list[str] = []

    async def look() -> None:
        loops.append(type(asyncio.get_running_loop()).__module__)

    processes.run_service(look())
    assert loops == ["uvloop"]


async def test_the_doctor_finds_no_fault(organisation: Organisation) -> None:
    async with organisation.running("run"):
        outcome = await organisation.types("doctor")
    assert outcome.status == 0
    lines = outcome.out.splitlines()
    assert lines[0] == "✓ settings and campaigns: No mistakes found."
    assert "✓ token: The bot is @action_bot." in lines
    assert "✓ keys: They match the database." in lines
    assert [line for line in lines if line.startswith("✗")] == []
    assert "! picture: The bot has no picture." in lines
    assert lines[-1] == "Problems: 0. Warnings: 6."


async def test_the_doctor_makes_neither_database_nor_keys(organisation: Organisation) -> None:
    before = sorted(path.name for path in organisation.folder.iterdir())
    outcome = await organisation.types("doctor")
    assert outcome.status == 0
    assert sorted(path.name for path in organisation.folder.iterdir()) == before
    await organisation.types("migrate")
    outcome = await organisation.types("doctor")
    assert outcome.status == 0
    assert not (organisation.folder / "actionbot.keys").exists()


async def test_the_doctor_sends_a_letter_to_try(organisation: Organisation) -> None:
    outcome = await organisation.types("doctor", "--send", "ann@mailbox.example")
    assert outcome.status == 0
    (mail,) = organisation.inbox.mails
    assert mail.recipients == ("ann@mailbox.example",)
    assert str(mail.message["Subject"]).startswith("[TEST] ")


async def test_the_doctor_tells_everything_that_is_wrong(organisation: Organisation) -> None:
    organisation.sets(
        telegram={"token": TOKEN},
        smtp={"url": "smtp+plain://ann:hunter2@127.0.0.1:9"},
        database={"url": "sqlite:///no/such/folder.db"},
    )
    outcome = await organisation.types("doctor", "--json")
    found = json.loads(outcome.out)
    assert outcome.status == 1
    bad = [each for each in found if each["well"] == "bad"]
    assert [each["what"] for each in bad] == ["token", "database", "mail server"]
    assert all(each["fix"] for each in bad)
    assert [secret for secret in (TOKEN, "hunter2") if secret in outcome.out + outcome.err] == []


def test_the_doctor_stops_where_settings_are_missing(actionbot: Type) -> None:
    outcome = actionbot("doctor")
    assert outcome.status == 1
    assert outcome.out.splitlines()[:2] == [
        "✗ settings and campaigns (actionbot.toml): No settings found here.",
        "  → Run: actionbot init",
    ]


@pytest.mark.parametrize(
    ("words", "how"),
    [
        (("run",), {"answer": True, "work": True}),
        (("run", "--no-workers"), {"answer": True, "work": False}),
        (("work",), {"answer": False, "work": True}),
    ],
)
def test_a_service_starts_without_typer_as_it_would_with_it(
    actionbot: Type,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    how: dict[str, bool],
) -> None:
    started: list[dict[str, bool]] = []
    monkeypatch.setattr("bot.cli.main.load_less", lambda: None)
    for module in ("serving", "commands"):
        monkeypatch.setattr(f"bot.cli.{module}.serve_bot", lambda **how: started.append(how))
    assert actionbot(*words).status == 0
    assert CliRunner().invoke(commands.app, words).exit_code == 0
    assert started == [how, how]


def test_a_command_is_spared_what_it_does_not_need() -> None:
    """A mail server may start `bounce` many times a minute."""
    told = subprocess.run(
        [sys.executable, "-c", "import sys, bot.cli.commands; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    spared = {"sqlalchemy", "alembic", "aiohttp", "telegram", "matplotlib", "cryptography"}
    spared |= {"rapidfuzz", "conversations.core.buttons"}
    assert spared & {*told.stdout.split()} == set()
