"""The log contains no personal values, and connects an answer with the letter it led to."""

import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from prometheus_client import generate_latest

from bot import logs
from bot.metrics import REGISTRY
from bot.services.conversation.update_handler import UpdateHandler
from bot.telegram.broadcast_transport import BroadcastTransport
from storage.schema.tables import outbox
from tests import returned
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.broadcasts.test_broadcasting import (
    campaigner_ana,
    confirm_broadcast,
    subscribe_all,
)
from tests.stories.campaigners import send_broadcasts
from tests.stories.lines import TARGET
from tests.stories.records import read_table
from tests.updates import HELLO, update

NAME, ADDRESS, WORDS = "Wilhelmina Quistgaard", "w.quistgaard@mailbox.example", "My own brother"
REFUSAL = f"550 5.1.1 {ADDRESS} ({NAME}): {WORDS} is not wanted here"


class Log:
    """Everything that was printed during a test, to either stream."""

    def __init__(self, captured: pytest.CaptureFixture[str]) -> None:
        self._captured = captured
        self.text = ""

    def begins(self) -> None:
        """Start logging as a process does. Call it in the test: pytest replaces the streams."""
        logs.configure()

    @property
    def lines(self) -> list[dict[str, Any]]:
        printed = self._captured.readouterr()
        self.text += printed.out + printed.err
        return [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """The log as a process writes it, after `begins()`."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr("sys.excepthook", None)
    monkeypatch.setattr("sys.unraisablehook", None)
    monkeypatch.setattr("threading.excepthook", None)
    with warnings.catch_warnings():
        yield Log(capsys)
        logging.captureWarnings(capture=False)
    logging.getLogger("aiohttp").setLevel(logging.NOTSET)
    structlog.reset_defaults()


async def walks(person: Chat) -> None:
    await person.starts("hong-kong")
    await person.presses("Write the letter", "Continue")
    await person.says(NAME, "Portugal", ADDRESS)
    await person.types_the_code()
    await person.presses("Change…", "Add my own words")
    await person.says(WORDS)
    await person.presses("Send in my name")
    await person.stage.later(seconds=31)


async def test_no_personal_values_are_logged(
    stage: Stage, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.begins()
    stage.opens("hong-kong")
    stage.inbox.refusals[TARGET] = REFUSAL
    author = await campaigner_ana(stage)
    wilhelmina = stage.person("Wilhelmina", "Quistgaard")
    await walks(wilhelmina)
    await wilhelmina.says("/mydata")

    # A bounce; an update whose handling fails; a reply that fails; an invalid update.
    (code,) = stage.mails_to(ADDRESS)
    await stage.receive_mail(returned.postfix(code.sender, ADDRESS))
    await subscribe_all(stage, wilhelmina)
    await confirm_broadcast(stage, author, update(HELLO))
    words = f"{NAME} {ADDRESS} {wilhelmina.person.id}"

    async def fails(*_: object, **__: object) -> None:
        raise ValueError(words)

    with monkeypatch.context() as broken:
        broken.setattr(BroadcastTransport, "send", fails)
        await send_broadcasts(stage)
    with monkeypatch.context() as broken:
        broken.setattr(UpdateHandler, "_answer", fails)
        await wilhelmina.says(WORDS)
    logging.getLogger("aiohttp").setLevel(logging.DEBUG)
    for level in (10, 20, 30, 40, 50):
        logging.getLogger("aiohttp").log(level, words, exc_info=ValueError(words))
    warnings.simplefilter("always")
    warnings.warn(words, stacklevel=1)

    said = {line["event"] for line in log.lines}
    assert said >= {"answered", "mail attempted", "broadcast call failed", "answer failed"}
    assert said >= {"library warning"}
    printed = log.text + generate_latest(REGISTRY).decode()
    number = wilhelmina.person.id
    digits = wilhelmina.code()
    traces = (*NAME.split(), *ADDRESS.split("@")[:1], WORDS, digits, digits.replace(" ", ""))
    assert [each for each in traces if each in printed] == []
    assert [line for line in log.lines if number in line.values()] == []
    assert "Traceback" not in printed
    assert [line for line in log.lines if "@" in json.dumps(line)] == []
    assert stage.telegram.token not in printed


async def test_one_id_connects_an_answer_with_its_letter_until_it_left(
    stage: Stage, log: Log
) -> None:
    log.begins()
    stage.opens("hong-kong")
    maria = stage.person("Maria", "Silva")
    await maria.sends_the_letter()
    (letter,) = stage.mails_to(TARGET)
    await stage.receive_mail(returned.postfix(letter.sender, TARGET))
    (sent,) = [line for line in log.of("mail attempted") if line["kind"] == "letter"]
    followed = [line for line in log.lines if line.get("turn") == sent["turn"]]
    names = ("event", "step", "outcome", "smtp_code", "campaign")
    assert [{name: line[name] for name in names if name in line} for line in followed] == [
        {"event": "answered", "step": "sent"},
        {
            "event": "mail attempted",
            "outcome": "taken",
            "smtp_code": 250,
            "campaign": "hong-kong",
        },
    ]
    (bounce,) = log.of("mail came back")
    assert (bounce["smtp_code"], "turn" in bounce) == (550, False)
    rows = await read_table(stage, outbox)
    assert {row["turn_id"] for row in rows if row["kind"] == "letter"} == {""}
    journeys = {line["journey"] for line in log.of("answered")}
    assert len(journeys) == 1
    turns = [line["turn"] for line in log.of("answered")]
    assert len(set(turns)) == len(turns)
