"""What is logged: names of things that happened and numbers."""

import json
import logging

import pytest
import structlog

from bot import logs


def test_a_field_that_is_not_allowed_is_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    logs.configure()
    try:
        structlog.get_logger().warning("mail rests", smtp_code=535, address="a@b.example")
        logging.getLogger("some.library").warning("a@b.example is refused")
        logging.getLogger("some.library").info("a@b.example")
    finally:
        structlog.reset_defaults()
    told, library = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {key: told[key] for key in told if key != "timestamp"} == {
        "event": "mail rests",
        "smtp_code": 535,
        "level": "warning",
    }
    assert (library["event"], library["where"]) == ("library complained", "some.library")
    assert "@" not in json.dumps(library)
