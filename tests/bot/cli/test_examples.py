"""The examples in `--help`: each command has some, and each can be typed as it stands."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from bot.cli.commands import app
from bot.cli.examples import EXAMPLES
from tests.bot.conftest import Type

ROOT: Any = typer.main.get_command(app)


def commands(group: Any = ROOT, prefix: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        yield f"{prefix}{name}"
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix}{name} ")


def parse(example: str) -> str:
    """Read an example as the program does, without running it; return the command's name."""
    typed = re.sub(r"^[A-Z_]+=\S+ | [<>] \S+$", "", example).replace("$(date +%F)", "today")
    program, *words = shlex.split(typed)
    assert program == "actionbot"
    command, names = ROOT, []
    while words and words[0] in getattr(command, "commands", {}):
        names.append(words.pop(0))
        command = command.commands[names[-1]]
    command.make_context(names[-1], words)
    return " ".join(names)


def test_every_command_has_examples_and_no_other_has() -> None:
    assert sorted(EXAMPLES) == sorted(commands())


@pytest.mark.parametrize("command", EXAMPLES)
def test_examples_are_those_of_their_command(command: str) -> None:
    assert [each for each in map(parse, EXAMPLES[command]) if not each.startswith(command)] == []


def test_help_shows_the_examples(actionbot: Type) -> None:
    for command in ("demo", "campaign new", "archive"):
        shown = actionbot(*command.split(), "--help").out
        assert [example for example in EXAMPLES[command] if f"• {example}" not in shown] == []
