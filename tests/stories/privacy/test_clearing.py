"""A discreet chat is cleared: when, what stays, and what if Telegram deletes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from bot.playground.telegram import TelegramServer
from storage.schema.tables import chats, outbox
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.campaigners import appoint, send_broadcasts
from tests.stories.letters.incoming import bounces
from tests.stories.lines import COUNTRY, TARGET, WELCOME_BUTTONS
from tests.stories.privacy.discreet import (
    DISCREET,
    YES,
    becomes_discreet,
    clears,
    comes_to_the_review,
    pause,
    sends,
    shown,
    typed,
)
from tests.stories.records import read_table

LEFT = "Some messages here couldn’t be deleted. To remove them, delete this chat in Telegram."


async def test_the_chat_clears_itself_six_hours_after_the_letter_has_left(
    stage: Stage, maria: Chat
) -> None:
    await sends(stage, maria)
    await clears(stage, hours=5, minutes=58)
    assert shown(maria) != []
    await clears(stage, minutes=3)
    assert shown(maria) == []
    assert await read_table(stage, chats) == []
    (mail,) = [each for each in await read_table(stage, outbox) if each["kind"] == "letter"]
    assert (mail["state"], mail["encrypted_chat"]) == ("accepted", None)
    assert mail["encrypted_status_message"] is None


async def test_afterwards_start_looks_like_the_first_time(stage: Stage, maria: Chat) -> None:
    pedro = stage.person("Pedro")
    await pedro.starts("hong-kong")
    first = [pedro.heard(), pedro.buttons]
    await sends(stage, maria)
    await clears(stage, hours=6, minutes=1)
    await maria.starts("hong-kong")
    assert [[line for line in maria.heard() if line[0] != "✗"], maria.buttons] == first
    assert maria.buttons == WELCOME_BUTTONS
    for command in ("/mydata", "/settings", "/cancel", "/status"):
        await pedro.says(command)
        await maria.says(command)
        assert maria.heard() == pedro.heard()


async def test_nothing_is_written_after_clearing_even_if_the_letter_comes_back(
    stage: Stage, maria: Chat
) -> None:
    await sends(stage, maria)
    await clears(stage, hours=6, minutes=1)
    await maria.starts()
    maria.heard()
    await bounces(stage, TARGET)
    (mail,) = [each for each in await read_table(stage, outbox) if each["kind"] == "letter"]
    assert mail["state"] == "bounced"
    await stage.send_mail()
    assert maria.heard() == []


@pytest.mark.parametrize("end", ["stays", "cancels"])
async def test_an_abandoned_conversation_is_cleared(stage: Stage, maria: Chat, end: str) -> None:
    await becomes_discreet(maria)
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva")
    if end == "cancels":
        await maria.presses("Cancel")
    await stage.later(hours=25)
    await stage.run_retention()
    await stage.clear_chats()
    assert shown(maria) == []
    assert await read_table(stage, chats) == []


async def test_a_letter_that_waits_for_days_does_not_delay_the_clearing(
    stage: Stage, maria: Chat
) -> None:
    """After 48 hours Telegram would no longer delete the messages."""
    await comes_to_the_review(maria)
    await maria.presses("Send in my name")
    await pause(stage)
    await clears(stage, hours=44)
    assert shown(maria) != []
    await clears(stage, hours=2)
    assert shown(maria) == []
    await pause(stage, over=True)
    await stage.send_mail()
    assert len(stage.mails_to(TARGET)) == 1
    assert shown(maria) == []


async def test_messages_that_could_not_be_deleted_are_admitted(stage: Stage, maria: Chat) -> None:
    await sends(stage, maria)
    await clears(stage, hours=49)
    assert maria.last["text"] == LEFT
    assert await read_table(stage, chats) == []


async def test_clear_now(stage: Stage, maria: Chat) -> None:
    await sends(stage, maria)
    await maria.presses("Clear this chat")
    assert shown(maria) == []
    await stage.clear_chats()
    assert await read_table(stage, chats) == []


@pytest.fixture
def no_deletion(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The methods of the Bot API whose calls are lost, by their names in lower case."""
    lost: set[str] = set()
    call: Any = TelegramServer._call

    async def losing(server: TelegramServer, request: web.Request) -> web.Response:
        if request.path.rpartition("/")[2].lower() in lost and request.transport is not None:
            request.transport.abort()
            return web.Response(status=503)
        answer: web.Response = await call(server, request)
        return answer

    monkeypatch.setattr(TelegramServer, "_call", losing)
    yield lost


async def test_what_could_not_be_deleted_at_once_is_deleted_later(
    no_deletion: set[str], stage: Stage, maria: Chat
) -> None:
    await becomes_discreet(maria)
    await maria.presses("Write the letter", "Continue")
    no_deletion.add("deletemessages")
    await maria.says("Maria Silva")
    assert typed(maria) == ["Maria Silva"]
    no_deletion.clear()
    await stage.later(seconds=20)
    assert typed(maria) == []
    assert shown(maria) == [COUNTRY]


async def test_a_chat_that_could_not_be_cleared_is_cleared_later(
    no_deletion: set[str], stage: Stage, maria: Chat
) -> None:
    await sends(stage, maria)
    no_deletion.add("deletemessages")
    await clears(stage, hours=6, minutes=1)
    assert len(await read_table(stage, chats)) == 1
    no_deletion.clear()
    await clears(stage, minutes=2)
    assert shown(maria) == []
    assert await read_table(stage, chats) == []


async def test_a_chat_that_can_no_longer_be_cleared_is_forgotten(
    no_deletion: set[str], stage: Stage, maria: Chat
) -> None:
    await sends(stage, maria)
    no_deletion.add("deletemessages")
    await clears(stage, hours=49)
    assert await read_table(stage, chats) == []


async def test_the_messages_of_updates_are_deleted_as_well(stage: Stage, maria: Chat) -> None:
    olga = stage.person("Olga")
    appoint(stage, olga)
    await maria.starts("hong-kong")
    await maria.says("/subscribe")
    await maria.presses("Yes")
    await olga.says("/broadcast", "Good news")
    await olga.presses("Continue", "Send to fewer than 5 people")
    await send_broadcasts(stage)
    assert "Good news" in "".join(shown(maria))
    await maria.starts("hong-kong")
    await maria.presses("Is it safe for me?", DISCREET, YES)
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    await maria.types_the_code()
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    await clears(stage, hours=6, minutes=1)
    assert shown(maria) == []
