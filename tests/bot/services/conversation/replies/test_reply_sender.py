"""Telling goes on when the network does not."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select

from bot.playground.telegram import Person, TelegramServer
from bot.services import shutdown
from bot.services.conversation.replies.chat_sender import MAX_PAUSE
from bot.services.ports import ChatLimited, MessagePosition, SentMessages
from bot.telegram.outbound import Messenger
from conversations.core.replies import ClearChat, Reply
from storage.chats import leases
from storage.schema.tables import chats
from tests.databases import opened
from tests.stage import staged
from tests.stories.campaigners import appoint

SENT = "Send in my name"


@pytest.fixture
def cut_off(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The people whose chats lose every call that is made for them."""
    ids: set[int] = set()
    call: Any = TelegramServer._call

    async def cutting(server: TelegramServer, request: web.Request) -> web.Response:
        if request.content_type == "application/json":
            given = await request.json() if await request.read() else {}
            if given.get("chat_id") in ids and request.transport is not None:
                request.transport.abort()
                return web.Response(status=503)
        answer: web.Response = await call(server, request)
        return answer

    monkeypatch.setattr(TelegramServer, "_call", cutting)
    return ids


async def test_one_lost_call_keeps_nobody_else_waiting(
    database_url: str, tmp_path: Path, cut_off: set[int]
) -> None:
    folder = tmp_path / "stage"
    folder.mkdir()
    async with staged(database_url, folder) as stage:
        stage.opens("hong-kong")
        people = [stage.person(name) for name in ("Maria", "Jonas")]
        for number, chat in enumerate(people):
            await chat.comes_to_the_review(address=f"p{number}@mail.example")
            await chat.presses(SENT)
        maria, jonas = (chat.person for chat in people)
        cut_off.add(maria.id)
        await stage.later(seconds=31)
        assert [_knows(maria), _knows(jonas)] == [False, True]
        cut_off.clear()
        stage.clock.ahead += leases.FAILED_REPLY_PAUSE
        async with stage.bot() as app:
            await app.conversation.reply_sender.catch_up()
            await app.conversation.reply_sender.wait_until_idle()
        assert _knows(maria)


def _knows(person: Person) -> bool:
    return any("✓ Your letter was sent" in message["text"] for message in person.chat())


async def test_what_a_campaigner_composes_is_asked_again_and_not_the_letters_question(
    database_url: str, tmp_path: Path, cut_off: set[int]
) -> None:
    folder = tmp_path / "stage"
    folder.mkdir()
    async with staged(database_url, folder) as stage:
        stage.opens("hong-kong")
        olga = stage.person("Olga")
        appoint(stage, olga)
        await olga.starts("hong-kong")
        await olga.presses("Write the letter", "Continue")
        await olga.says("/broadcast")

        async def loses(*texts: str) -> list[str]:
            """Say this while no answer arrives, and return what is said after that."""
            cut_off.add(olga.person.id)
            await olga.says(*texts)
            cut_off.clear()
            stage.clock.ahead += timedelta(seconds=31)
            olga.heard()
            async with stage.bot() as app:
                await app.conversation.reply_sender.catch_up()
                await app.conversation.reply_sender.wait_until_idle()
            return olga.heard()

        heard = await loses("Good news")
        assert [heard[0], heard[1][:13], len(heard)] == ["Good news", "Who gets it? ", 2]
        heard = await loses("Olga Petrova")  # the panel waits for nothing: it is the letter's name
        assert heard[-1].startswith("2/4 · Which country do you live in?")


async def test_a_press_that_cannot_be_acknowledged_is_answered_all_the_same(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call: Any = TelegramServer._call

    async def refusing(server: TelegramServer, request: web.Request) -> web.Response:
        answer: web.Response = await call(server, request)
        swallowed = request.match_info["method"] == "answerCallbackQuery"
        return web.Response(status=502) if swallowed else answer

    monkeypatch.setattr(TelegramServer, "_call", refusing)
    folder = tmp_path / "stage"
    folder.mkdir()
    async with staged(database_url, folder) as stage:
        stage.opens("hong-kong")
        maria = stage.person("Maria")
        await maria.starts("hong-kong")
        await maria.presses("Write the letter", "Continue")
        assert maria.heard()[-1].startswith("1/4 · What’s your name?")


async def test_a_shutdown_leaves_no_lease_of_a_chat_whose_answer_hangs(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutdown, "SHUTDOWN_GRACE", 0.1)
    call: Any = TelegramServer._call
    hangs = asyncio.Event()

    async def hanging(server: TelegramServer, request: web.Request) -> web.Response:
        if request.match_info["method"] == "sendMessage":
            hangs.set()
            await asyncio.Event().wait()
        answer: web.Response = await call(server, request)
        return answer

    monkeypatch.setattr(TelegramServer, "_call", hanging)
    folder = tmp_path / "stage"
    folder.mkdir()
    async with staged(database_url, folder) as stage:
        stage.opens("hong-kong")
        maria = stage.person("Maria")
        maria.person.send("/help")
        answering = asyncio.create_task(stage.answer_updates())
        await asyncio.wait_for(hangs.wait(), 20)
        assert len(await _leased(database_url)) == 1
        answering.cancel()
        await asyncio.wait([answering])
        await stage.closing.aclose()
        assert await _leased(database_url) == []


async def test_a_chat_is_cleared_as_soon_as_telegram_no_longer_limits_it(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, limited = Messenger.send, asyncio.Event()

    async def limiting(
        messenger: Messenger, position: MessagePosition, reply: Reply
    ) -> SentMessages:
        if isinstance(reply, ClearChat) and not limited.is_set():
            limited.set()
            raise ChatLimited(7200)
        return await send(messenger, position, reply)

    monkeypatch.setattr(Messenger, "send", limiting)
    folder = tmp_path / "stage"
    folder.mkdir()
    async with staged(database_url, folder) as stage:
        stage.opens("hong-kong")
        maria = stage.person("Maria")
        await maria.sends_the_letter()
        clearing = asyncio.create_task(maria.presses("Clear this chat"))
        await asyncio.wait_for(limited.wait(), 20)
        stage.clock.ahead += MAX_PAUSE
        await asyncio.wait_for(clearing, 20)
        assert [line for line in maria.heard() if line.startswith("✗")]


async def _leased(database_url: str) -> list[str]:
    query = select(chats.c.lease).where(chats.c.lease.is_not(None))
    async with opened(database_url) as database:
        return await database.read(lambda c: list(c.execute(query).scalars()))
