"""The webhook: as a receiver of whatever comes, and as the whole bot with Telegram before it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.app import App
from bot.assembly.foundation import Options
from bot.playground.inbox import Inbox
from bot.playground.telegram import Person, TelegramServer, TelegramState
from bot.settings.model import Settings
from bot.telegram.client.rate_gate import UNLIMITED
from bot.telegram.updates.inbound import ALLOWED_UPDATES, IncomingUpdate, MalformedUpdate
from bot.telegram.updates.webhook import (
    MAX_IN_PROGRESS_OF_CHAT,
    MAX_UPDATE_BYTES,
    RETRY_AFTER,
    receiver,
)
from bot.telegram.updates.webhook_watch import WEBHOOK
from bot.web.http_server import WebServer
from tests.ports import free_port
from tests.stage import SAMPLES

SECRET = "kept-between_Telegram-and-us"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
UPDATE = {"update_id": 1, "message": {"message_id": 1, "date": 0, "text": "Hello"}}


async def post(url: str, secret: str | None = SECRET, **how: Any) -> tuple[int, dict[str, str]]:
    """Bring something as anyone on the network could."""
    headers = {} if secret is None else {HEADER: secret}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, headers=headers, **how) as answer,
    ):
        return answer.status, dict(answer.headers)


class Taken:
    """Takes updates, unless it is to fail."""

    def __init__(self) -> None:
        self.came: list[IncomingUpdate | MalformedUpdate] = []
        self.fails = False
        self.has_room = True
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.press: str | None = None

    async def __call__(self, came: IncomingUpdate | MalformedUpdate) -> str | None:
        if self.fails:
            raise ConnectionError("the database is away")
        self.came.append(came)
        await self.may_end.wait()
        return self.press


@pytest_asyncio.fixture
async def received() -> AsyncIterator[tuple[str, Taken]]:
    taken = Taken()

    receive = receiver(SECRET, taken, lambda: taken.has_room)
    async with WebServer("127.0.0.1", 0, {("POST", WEBHOOK): receive}) as server:
        yield f"http://127.0.0.1:{server.port}{WEBHOOK}", taken


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "ü"])
async def test_who_does_not_know_the_secret_is_refused(
    received: tuple[str, Taken], secret: str | None
) -> None:
    url, taken = received
    status, _ = await post(url, secret, json=UPDATE)
    assert (status, taken.came) == (403, [])


async def test_what_is_not_done_is_to_come_again(received: tuple[str, Taken]) -> None:
    url, taken = received
    taken.fails = True
    status, headers = await post(url, json=UPDATE)
    assert (status, headers["Retry-After"]) == (503, str(RETRY_AFTER))
    taken.fails = False
    assert (await post(url, json=UPDATE))[0] == 200


async def test_while_too_much_waits_updates_stay_at_telegram(received: tuple[str, Taken]) -> None:
    url, taken = received
    taken.has_room = False
    status, headers = await post(url, json=UPDATE)
    assert (status, headers["Retry-After"], taken.came) == (503, str(RETRY_AFTER), [])
    taken.has_room = True
    assert (await post(url, json=UPDATE))[0] == 200


async def test_a_chat_that_floods_leaves_room_for_another(received: tuple[str, Taken]) -> None:
    url, taken = received
    taken.may_end.clear()
    flood = [asyncio.create_task(post(url, json=says(n, chat=1))) for n in range(80)]
    refused = [await each for each in itertools.islice(asyncio.as_completed(flood), 30)]
    assert {status for status, _ in refused} == {503}
    other = asyncio.create_task(post(url, json=says(99, chat=2)))
    while len(taken.came) <= MAX_IN_PROGRESS_OF_CHAT:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.005)
    taken.may_end.set()
    assert (await other)[0] == 200
    assert sorted(status for status, _ in await asyncio.gather(*flood)) == [200] * 50 + [503] * 30


def says(number: int, chat: int) -> dict[str, Any]:
    """Return an update: somebody writes in this chat."""
    person = {"id": chat, "is_bot": False, "first_name": "Maria"}
    message = {"message_id": number, "date": 1, "text": "Hello", "from": person}
    message["chat"] = {"id": chat, "type": "private", "first_name": "Maria"}
    return {"update_id": number, "message": message}


async def test_what_is_too_large_is_refused(received: tuple[str, Taken]) -> None:
    url, taken = received
    assert (await post(url, data=BytesIO(bytes(MAX_UPDATE_BYTES + 1))))[0] == 413

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * 2**16

    assert (await post(url, data=unannounced()))[0] == 413
    assert taken.came == []


async def test_a_press_is_acknowledged_in_the_response(received: tuple[str, Taken]) -> None:
    url, taken = received
    taken.press = "press-1"
    headers = {HEADER: SECRET}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, headers=headers, json=UPDATE) as response,
    ):
        call = await response.json()
    assert call == {"method": "answerCallbackQuery", "callback_query_id": "press-1"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff", b'{"update_id": 7}'])
async def test_what_cannot_be_read_is_done_with(received: tuple[str, Taken], body: bytes) -> None:
    url, taken = received
    assert (await post(url, data=body))[0] == 200
    assert all(isinstance(came, MalformedUpdate) for came in taken.came)


@dataclass
class Stage:
    app: App
    telegram: TelegramState
    url: str

    async def hears(self, person: Person, count: int) -> list[str]:
        """Return what the bot has said, once it has said so much."""

        def said(chat: Person) -> list[str]:
            return [message["text"] for message in chat.chat() if not message["mine"]]

        await person.until(lambda chat: len(said(chat)) >= count, 30)
        await self.app.conversation.reply_sender.wait_until_idle()
        return said(person)


@asynccontextmanager
async def running(folder: Path, server: TelegramServer, inbox: Inbox) -> AsyncIterator[Stage]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = Settings.model_validate(
        {
            "telegram": {
                "token": server.telegram.token,
                "api": server.url,
                "webhook_url": url,
                "webhook_secret": SECRET,
            },
            "database": {"url": f"sqlite:///{folder / 'actionbot.db'}"},
            "smtp": {"url": inbox.url},
            "mail": {"address": "actions@send.example"},
            "campaigns": {"folder": SAMPLES},
            "keys": {"file": folder / "actionbot.keys"},
            "web": {"port": port, "status_port": 0},
        },
        context={"folder": folder},
    )
    async with App.open(settings, Options(limits=UNLIMITED)) as app:
        run = asyncio.create_task(app.run(work=False))
        yield Stage(app, server.telegram, url + WEBHOOK)
        run.cancel()
        await asyncio.wait([run])


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with (
        TelegramServer(TelegramState(flood=False)) as server,
        Inbox() as inbox,
        running(tmp_path, server, inbox) as stage,
    ):
        yield stage


async def test_the_bot_is_brought_its_updates(stage: Stage) -> None:
    maria = stage.telegram.add_person(1001, "Maria", "Silva")
    maria.start()
    (welcome,) = await stage.hears(maria, 1)
    assert welcome.startswith("Action · Stand up for people's rights")
    hook = stage.telegram.updates.webhook
    assert hook is not None
    assert (hook.url, hook.secret, hook.connections) == (stage.url, SECRET, 40)
    assert stage.telegram.updates.allowed == list(ALLOWED_UPDATES)


async def test_what_one_person_types_is_answered_in_order(stage: Stage) -> None:
    maria, john = (
        stage.telegram.add_person(id_, name) for id_, name in ((1, "Maria"), (2, "John"))
    )
    for number in range(12):
        for person in (maria, john):
            person.send("/privacy" if number % 2 else "/help")
    for person in (maria, john):
        texts = await stage.hears(person, 12)
        assert texts == texts[:2] * 6
        assert texts[0] != texts[1]


async def test_what_is_brought_twice_is_answered_once(stage: Stage) -> None:
    maria = stage.telegram.add_person(1001, "Maria", "Silva")
    first = maria.send("/privacy")
    (private,) = await stage.hears(maria, 1)
    update = {"update_id": 77, "message": {**first, "message_id": 9, "text": "/help"}}
    at_once = await asyncio.gather(*[post(stage.url, json=update) for _ in range(2)])
    later = await post(stage.url, json=update)
    assert [status for status, _ in (*at_once, later)] == [200] * 3
    maria.send("/privacy")
    said = await stage.hears(maria, 3)
    assert (said[0], said[2]) == (private, private)
    assert said[1].startswith("I’m a bot. I help you")
