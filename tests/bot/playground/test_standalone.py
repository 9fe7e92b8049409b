"""The standalone playground: any token makes a bot, with people, a page and a way to test it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.playground import bots as bots_module
from bot.playground.bots import PEOPLE, Bots
from bot.playground.standalone import Standalone

NOON = datetime(2019, 6, 9, 12, tzinfo=UTC)
TOKEN = "123456:any-secret"
INVALID = (401, "Unauthorized: invalid token specified")
UNKNOWN = (401, "Unauthorized")


class Client:
    """A bot, and a browser beside it."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url, self.session = url, session

    async def call(self, method: str, token: str = TOKEN, **fields: Any) -> Any:
        async with self.session.post(f"{self.url}/bot{token}/{method}", data=fields) as response:
            body = await response.json()
            return body["result"] if body["ok"] else (body["error_code"], body["description"])

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        async with self.session.get(self.url + path, headers=headers) as response:
            is_json = response.content_type == "application/json"
            return response.status, await (response.json() if is_json else response.text())

    async def does(self, action: str, person: int = 1001, bot: int = 123456, **body: Any) -> int:
        path = f"{self.url}/{bot}/api/people/{person}/{action}"
        async with self.session.post(path, json=body) as response:
            return response.status


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Client]:
    async with Standalone(Bots()) as running, aiohttp.ClientSession() as session:
        yield Client(running.url, session)


async def test_any_token_makes_a_bot(client: Client) -> None:
    me = await client.call("getMe")
    assert (me["id"], me["username"]) == (123456, "playground_123456_bot")
    assert (await client.call("getMe", "7:another"))["id"] == 7


async def test_each_bot_has_chats_and_files_of_its_own(client: Client) -> None:
    await client.call("getMe")
    await client.call("getMe", "7:another")
    assert await client.does("start") == 200
    (update,) = await client.call("getUpdates")
    assert update["message"]["text"] == "/start"
    assert await client.call("getUpdates", "7:another") == []
    sent = await client.call("sendDocument", chat_id="1001", document=BytesIO(b"words"))
    file = sent["document"]["file_id"]
    assert (await client.get(f"/file/bot{TOKEN}/{file}"))[0] == 200
    assert (await client.get(f"/file/bot7:another/{file}"))[0] == 404
    cannot_start = (403, "Forbidden: bot can't initiate conversation with a user")
    assert await client.call("sendMessage", "7:another", chat_id="1001", text="x") == cannot_start


@pytest.mark.parametrize(
    "token", ["no-number:x", "123456", "0123:x", "123456:", "1:a.b", f"1:{'x' * 64}", "-1:x"]
)
async def test_a_malformed_token_is_refused_as_telegram_does(client: Client, token: str) -> None:
    assert await client.call("getMe", token) == INVALID


async def test_the_first_secret_of_a_bot_counts(client: Client) -> None:
    await client.call("getMe")
    assert await client.call("getMe", "123456:another-secret") == UNKNOWN


async def test_an_unknown_method_is_answered_as_telegram_does(client: Client) -> None:
    assert await client.call("sendDice", chat_id="1001") == (404, "Not Found: method not found")


async def test_only_named_tokens_are_accepted() -> None:
    async with Standalone(Bots([TOKEN])) as running, aiohttp.ClientSession() as session:
        client = Client(running.url, session)
        assert (await client.call("getMe"))["id"] == 123456
        assert await client.call("getMe", "7:another") == UNKNOWN


def test_named_tokens_must_be_those_of_different_bots() -> None:
    for tokens in (["x"], [TOKEN, "123456:another"]):
        with pytest.raises(ValueError, match="token"):
            Bots(tokens)


async def test_the_number_of_bots_is_bounded(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bots_module, "MAX_BOTS", 1)
    await client.call("getMe")
    full = (429, "Too Many Requests: the playground has no room for more bots")
    assert await client.call("getMe", "7:another") == full
    assert (await client.call("getMe"))["id"] == 123456


async def test_the_rate_limit_can_be_switched_off() -> None:
    for flood, last in ((True, 429), (False, "31")):
        bots = Bots(flood=flood)
        async with Standalone(bots) as running, aiohttp.ClientSession() as session:
            client = Client(running.url, session)
            await client.call("getMe")
            # Time stands still, so that a slow machine sends as many in a second as a fast one.
            bots.bots[123456].telegram.clock = lambda: NOON
            await client.does("start")
            answers = [
                await client.call("sendMessage", chat_id="1001", text=str(number))
                for number in range(1, 32)
            ]
            assert (answers[-1][0] if flood else answers[-1]["text"]) == last


async def test_a_test_acts_as_a_person_and_waits_for_the_answer(client: Client) -> None:
    await client.call("getMe")
    await client.does("start", payload="river")
    path = "/123456/api/people/1001/chat"
    status, early = await client.get(f"{path}?text=Hello&seconds=0")
    assert (status, early["found"]) == (200, False)
    keys = '{"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}'
    said = {"text": "Hello", "reply_markup": keys}
    await client.call("sendMessage", chat_id="1001", **said)
    _, shown = await client.get(f"{path}?text=Hello")
    assert shown["found"] is True
    assert [message["text"] for message in shown["chat"]] == ["/start river", "Hello"]
    number = shown["chat"][1]["message_id"]
    assert await client.does("press", message_id=number, data="A") == 200
    _, press = await client.call("getUpdates")
    assert press["callback_query"]["data"] == "a"
    answered = {"callback_query_id": press["callback_query"]["id"], "text": "Noted"}
    assert await client.call("answerCallbackQuery", **answered) is True
    assert (await client.get(path))[1]["toasts"] == ["Noted"]
    assert (await client.get(f"{path}?seconds=soon"))[0] == 400
    assert (await client.get("/123456/api/people/7/chat"))[0] == 400


async def test_each_bot_has_a_page(client: Client) -> None:
    _, waiting = await client.get("/")
    assert "No bot yet." in waiting and client.url in waiting
    await client.call("getMe")
    _, listed = await client.get("/")
    assert '<a href="/123456/">Bot 123456</a>' in listed
    for path in ("/123456/", "/123456", "/123456/main.js", "/style.css"):
        assert (await client.get(path))[0] == 200
    for path in ("/7/", "/7/api/state", "/123456/nothing.js", "/nothing.css"):
        assert (await client.get(path))[0] == 404
    _, state = await client.get("/123456/api/state")
    assert [person["id"] for person in state["people"]] == [id_ for id_, *_ in PEOPLE]
    assert state["bot"] == {
        "username": "playground_123456_bot",
        "name": "Bot 123456",
        "campaigns": "",
    }
    assert state["mail"] is None
    assert (await client.get("/123456/api/mail/1/raw"))[0] == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Origin": "https://elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
async def test_other_pages_in_the_browser_can_do_nothing(
    client: Client, headers: dict[str, str]
) -> None:
    for path in (f"/bot{TOKEN}/getMe", "/", "/123456/api/state"):
        assert (await client.get(path, **headers))[0] == 403
    assert "No bot yet." in (await client.get("/"))[1]


async def test_a_link_from_another_page_opens_the_playground(client: Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert (await client.get("/", **headers))[0] == 200


async def test_a_reply_names_the_message_that_it_answers(client: Client) -> None:
    await client.call("getMe")
    await client.does("start")
    known = {"chat_id": "1001", "text": "Hello", "reply_parameters": '{"message_id": 1}'}
    assert (await client.call("sendMessage", **known))["reply_to_message"]["text"] == "/start"
    lost = {**known, "reply_parameters": '{"message_id": 99}'}
    gone = (400, "Bad Request: message to be replied not found")
    assert await client.call("sendMessage", **lost) == gone
    anyway = '{"message_id": 99, "allow_sending_without_reply": true}'
    sent = await client.call("sendMessage", **{**lost, "reply_parameters": anyway})
    assert "reply_to_message" not in sent
    broken = {**known, "reply_parameters": "1"}
    wrong = (400, "Bad Request: can't parse ReplyParameters: expected an Object")
    assert await client.call("sendMessage", **broken) == wrong
