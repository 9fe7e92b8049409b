"""Logs hold only allowed fields, and no messages of errors."""

import ast
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot import logs


def test_a_field_that_is_not_allowed_is_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    logs.configure()
    try:
        structlog.get_logger().warning("mail paused", smtp_code=535, address="a@b.example")
        logging.getLogger("some.library").warning("a@b.example is refused")
        logging.getLogger("some.library").info("a@b.example")
    finally:
        structlog.reset_defaults()
    told, library = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {key: told[key] for key in told if key != "timestamp"} == {
        "event": "mail paused",
        "smtp_code": 535,
        "level": "warning",
    }
    assert (library["event"], library["where"]) == ("library warning", "some.library")
    assert "@" not in json.dumps(library)


def logged_fields(file: Path) -> Iterator[str]:
    """Yield the name of each field that the code in `file` logs."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name("log")), keywords=fields):
                yield from (field.arg for field in fields if field.arg)


def test_the_bot_logs_no_field_that_would_be_left_out() -> None:
    package = Path(logs.__file__).parent
    fields = {(file.name, name) for file in package.rglob("*.py") for name in logged_fields(file)}
    assert len(fields) > 20
    assert {each for each in fields if each[1] not in logs.FIELDS} == set()


CRASHES = """
import asyncio, gc, threading, warnings
from bot import logs

logs.configure()

class Dying:
    def __del__(self):
        raise KeyError("a@b.example")

def broken():
    raise KeyError("a@b.example")

async def lose():
    task = asyncio.create_task(asyncio.to_thread(broken))
    asyncio.get_running_loop().call_soon(broken)
    await asyncio.wait([task])
    del task  # its exception is never retrieved
    gc.collect()

thread = threading.Thread(target=broken)
thread.start()
thread.join()
Dying()
warnings.warn("a@b.example")
asyncio.run(lose(), debug=True)
broken()
"""


def test_uncaught_exceptions_are_logged_without_their_messages() -> None:
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-X", "dev", "-c", CRASHES],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["where"] for line in told if line["event"] == "uncaught exception"] == [
        "<string>:12",
        "<string>:9",
        "<string>:12",
    ]
    assert {line["where"] for line in told if line["event"] == "library warning"} == {
        "asyncio",
        "py.warnings",
    }
    assert "@" not in done.stdout + done.stderr
