"""Telegram's answer is cut off after the message was sent: a question is not asked twice."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from bot.playground.telegram import TelegramServer
from bot.services.recovery_gate import RecoveryGate
from bot.telegram.client import paced_bot
from tests.chat import Chat
from tests.stage import Stage, staged


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many calls of each method are made, but lose their answers."""
    left: dict[str, int] = {}
    call: Any = TelegramServer._call

    async def cutting(server: TelegramServer, request: web.Request) -> web.Response:
        answer: web.Response = await call(server, request)
        method = request.match_info["method"]
        if left.get(method) and request.transport is not None:
            left[method] -= 1
            request.transport.abort()
        return answer

    monkeypatch.setattr(TelegramServer, "_call", cutting)
    monkeypatch.setattr(paced_bot, "EDIT_RETRY_DELAY", 0.0)
    return left


@pytest_asyncio.fixture
async def stage(database_url: str, tmp_path: Path, cut: dict[str, int]) -> AsyncIterator[Stage]:
    """A stage whose server was made after `cut`, so that it loses answers."""
    assert cut == {}
    folder = tmp_path / "stage"
    folder.mkdir()
    async with staged(database_url, folder) as stage:
        stage.opens("hong-kong")
        yield stage


@pytest_asyncio.fixture
async def maria(stage: Stage) -> Chat:
    maria = stage.person("Maria", "Silva")
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    return maria


async def catches_up(stage: Stage, seconds: int) -> None:
    """Let time pass, and send what was lost."""
    stage.clock.ahead += timedelta(seconds=seconds)
    async with stage.bot() as app:
        await app.conversation.reply_sender.catch_up()
        await app.conversation.reply_sender.wait_until_idle()


def asked(chat: Chat, words: str) -> int:
    """Return how many messages of the chat contain these words."""
    return sum(words in each["text"] for each in chat.person.chat())


async def test_an_answer_shows_that_the_question_arrived(
    stage: Stage, maria: Chat, cut: dict[str, int]
) -> None:
    cut["sendMessage"] = 1
    await maria.says("Maria Silva")
    await catches_up(stage, 6)
    await maria.says("Portugal")
    await catches_up(stage, 60)
    assert (asked(maria, "2/4"), asked(maria, "3/4")) == (1, 1)


async def test_a_question_that_may_be_lost_is_asked_again_after_a_while(
    stage: Stage, maria: Chat, cut: dict[str, int]
) -> None:
    cut["sendMessage"] = 1
    await maria.says("Maria Silva")
    await catches_up(stage, 9)
    assert asked(maria, "2/4") == 1
    await catches_up(stage, 12)
    assert asked(maria, "2/4") == 2
    await maria.says("Portugal")
    assert asked(maria, "3/4") == 1


async def test_right_after_an_outage_no_reply_counts_as_lost(
    stage: Stage, maria: Chat, cut: dict[str, int]
) -> None:
    cut["sendMessage"] = 1
    await maria.says("Maria Silva")
    stage.clock.ahead += timedelta(seconds=60)
    async with stage.bot() as app:
        sender = app.conversation.reply_sender
        sender._gate = RecoveryGate(stage.clock)
        await sender.catch_up()
        await sender.wait_until_idle()
        assert asked(maria, "2/4") == 1
        sender._gate = RecoveryGate(stage.clock, alone=True)
        await sender.catch_up()
        await sender.wait_until_idle()
        assert asked(maria, "2/4") == 2


async def test_a_press_shows_which_message_is_the_question(
    stage: Stage, maria: Chat, cut: dict[str, int]
) -> None:
    cut["sendMessage"] = 1
    await maria.says("Maria Silva")
    before = len(maria.person.messages)
    await maria.presses("Back")
    await catches_up(stage, 60)
    assert len(maria.person.messages) == before, "the message itself was edited"
    assert maria.heard()[-1].startswith("✎ 1/4")


async def test_a_status_that_may_be_lost_repeats_no_question(
    stage: Stage, maria: Chat, cut: dict[str, int]
) -> None:
    """It is shown again, and the question after it is not."""
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    await maria.types_the_code()
    cut["sendMessage"] = 1
    await maria.presses("Send in my name")
    before = len(maria.person.messages)
    await catches_up(stage, 6)
    status = [each["text"] for each in maria.person.chat() if "will be sent" in each["text"]]
    assert (len(status), len(maria.person.messages) - before) == (2, 1)


async def test_an_edit_whose_answer_was_cut_off_is_made_again(
    stage: Stage, maria: Chat, cut: dict[str, int]
) -> None:
    await maria.says("Maria Silva")
    cut["editMessageText"] = 1
    before = len(maria.person.messages)
    await maria.presses("Back")
    await catches_up(stage, 60)
    assert (len(maria.person.messages), cut["editMessageText"]) == (before, 0)
