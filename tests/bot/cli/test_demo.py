"""`actionbot demo`: its options, and what keeps it from starting."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.bot.conftest import Type
from tests.fork_server import ROOT


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_a_port_that_does_not_exist_is_refused(actionbot: Type, port: str) -> None:
    outcome = actionbot("demo", "--port", port)
    assert (outcome.status, outcome.out) == (2, "")
    assert "Invalid value for '--port'" in outcome.err


def test_a_port_that_another_program_uses(actionbot: Type) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        outcome = actionbot("demo", "--port", str(port))
    assert (outcome.status, outcome.out, outcome.err) == (
        2,
        "",
        f"✗ Port {port} is taken by another program.\n"
        "  → Choose another: actionbot demo --port 8081\n",
    )


@pytest.mark.parametrize("command", [("demo",), ("check",)])
def test_a_folder_without_campaigns_is_named(
    actionbot: Type, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    actionbot("campaign", "new", "river")
    for folder, problem, fix in (
        ("nowhere", "There is no such folder.", "Fix the path."),
        ("file", "This isn't a folder.", "Fix the path."),
        (
            "empty",
            "There is no campaign in this folder: no */campaign.toml.",
            "Create one: actionbot campaign new my-campaign",
        ),
        (
            "campaigns/river",
            "This is the folder of one campaign.",
            f"Name the folder that contains it: actionbot {command[0]} --campaigns "
            f"{tmp_path / 'campaigns'}",
        ),
    ):
        outcome = actionbot(*command, "--campaigns", folder)
        assert (outcome.status, outcome.err) == (2, f"✗ {folder}: {problem}\n  → {fix}\n")


def test_campaigns_are_found_beside_the_person(actionbot: Type, tmp_path: Path) -> None:
    """As the guide says: actionbot demo --campaigns campaigns."""
    actionbot("campaign", "new", "river")
    with subprocess.Popen(  # noqa: S603 - our own program
        (
            *(sys.executable, "-m", "tests.bot.offline", "demo", "--port", "0", "--empty"),
            *("--campaigns", "campaigns"),
        ),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        said = [process.stdout.readline() for _ in range(2)]
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert said[1].startswith("  The playground is at http://127.0.0.1:"), err
    assert process.returncode == 0
