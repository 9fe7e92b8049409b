"""How a bot gets updates: getUpdates and webhooks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bot.playground.telegram import Person
from tests.bot.playground.api_client import ApiClient, bad_request, keyboard

CONFLICT = (
    409,
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first",
)


async def test_updates_stay_until_an_offset_confirms_them(api: ApiClient, maria: Person) -> None:
    (first,) = await api("getUpdates")
    maria.send("Hello")
    again = await api("getUpdates")
    assert [update["message"]["text"] for update in again] == ["/start", "Hello"]
    assert await api("getUpdates", limit=1) == [first]
    rest = await api("getUpdates", offset=first["update_id"] + 1)
    assert [update["message"]["text"] for update in rest] == ["Hello"]


async def test_a_negative_offset_counts_from_the_end(api: ApiClient, maria: Person) -> None:
    for text in ("One", "Two", "Three"):
        maria.send(text)
    last = await api("getUpdates", offset=-2)
    assert [update["message"]["text"] for update in last] == ["Two", "Three"]
    assert await api("getUpdates") == last


async def test_updates_expire(api: ApiClient, maria: Person) -> None:
    said = await api.send(maria, reply_markup=keyboard({"text": "A", "callback_data": "a"}))
    maria.press(said["message_id"], "A")
    api.clock.tick(seconds=151)
    assert [*map(sorted, await api("getUpdates"))] == [["message", "update_id"]]
    api.clock.tick(hours=24)
    assert await api("getUpdates") == []


async def test_a_second_poller_ends_the_first(api: ApiClient) -> None:
    first = asyncio.create_task(api("getUpdates", timeout=20))
    async with asyncio.timeout(30):
        await api.telegram.updates.polled.wait()
    assert await api("getUpdates") == []
    assert await first == (
        409,
        "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
    )


async def test_a_bot_gets_the_kinds_of_update_that_it_allows(api: ApiClient, maria: Person) -> None:
    maria.block(blocked=True)
    both = [["message", "update_id"], ["my_chat_member", "update_id"]]
    assert [*map(sorted, await api("getUpdates"))] == both
    await api("getUpdates", allowed_updates=["my_chat_member"], offset=99)
    maria.block(blocked=False)
    (told,) = await api("getUpdates", timeout=5)
    assert told["my_chat_member"]["new_chat_member"]["status"] == "member"
    maria.send("Not asked for")
    assert await api("getUpdates", offset=told["update_id"] + 1) == []


async def test_commands_are_marked_as_clients_mark_them(api: ApiClient, maria: Person) -> None:
    (start,) = await api("getUpdates")
    assert start["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    maria.edit(1, "Hello")
    edited = (await api("getUpdates"))[-1]["edited_message"]
    assert (edited["text"], "entities" in edited) == ("Hello", False)


@pytest.mark.parametrize("payload", ["x" * 65, "a b", "ünder"])
async def test_a_deep_link_carries_64_plain_characters(maria: Person, payload: str) -> None:
    with pytest.raises(ValueError, match="up to 64"):
        maria.start(payload)


class Hook:
    """A bot that answers what is brought to it as a test says, then with 200."""

    def __init__(self) -> None:
        self.answers: list[web.Response | asyncio.Future[web.Response]] = []
        self.came: asyncio.Queue[tuple[str, str | None]] = asyncio.Queue()
        self.url = ""

    async def receive(self, request: web.Request) -> web.Response:
        update = await request.json()
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        content = update.get("message") or update["callback_query"]
        self.came.put_nowait((content.get("text") or content["data"], secret))
        answer = self.answers.pop(0) if self.answers else web.Response()
        return answer if isinstance(answer, web.Response) else await answer

    async def next(self) -> str:
        async with asyncio.timeout(30):
            return (await self.came.get())[0]


@asynccontextmanager
async def hooked() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield hook
    finally:
        await runner.cleanup()


async def test_the_webhook_retries_an_update_until_it_is_accepted(
    api: ApiClient, maria: Person
) -> None:
    async with hooked() as hook:
        moved = web.Response(status=307, headers={"Location": "/elsewhere"})
        hook.answers = [web.Response(status=503), moved, web.Response(status=204)]
        assert await api("setWebhook", url=hook.url, secret_token="s3cret") is True
        maria.send("Two")
        assert [await hook.next() for _ in range(4)] == ["/start", "/start", "/start", "Two"]
        info = await api("getWebhookInfo")
        told = (info["url"], info["last_error_message"], info["max_connections"])
        wrong = "Wrong response from the webhook: 307 Temporary Redirect"
        assert told == (hook.url, wrong, 40)
        await api("deleteWebhook")


async def test_the_secret_is_in_a_header(api: ApiClient, maria: Person) -> None:
    async with hooked() as hook:
        await api("setWebhook", url=hook.url, secret_token="s3cret")
        assert await hook.came.get() == ("/start", "s3cret")
        await api("setWebhook", url=hook.url)
        maria.send("No secret")
        assert await hook.came.get() == ("No secret", None)
        await api("deleteWebhook")


async def test_one_update_at_a_time_for_each_chat(api: ApiClient, maria: Person) -> None:
    john = api.telegram.add_person(1002, "John")
    async with hooked() as hook:
        held: asyncio.Future[web.Response] = asyncio.get_running_loop().create_future()
        hook.answers = [held]
        await api("setWebhook", url=hook.url)
        assert await hook.next() == "/start"
        maria.send("She waits")
        john.send("He does not")
        assert await hook.next() == "He does not"
        held.set_result(web.Response())
        assert await hook.next() == "She waits"
        await api("deleteWebhook")


async def test_a_press_and_a_message_can_overtake_each_other(api: ApiClient, maria: Person) -> None:
    said = await api.send(maria, reply_markup=keyboard({"text": "A", "callback_data": "pressed"}))
    async with hooked() as hook:
        held: asyncio.Future[web.Response] = asyncio.get_running_loop().create_future()
        hook.answers = [held]
        await api("setWebhook", url=hook.url)
        assert await hook.next() == "/start"
        maria.press(said["message_id"], "A")
        assert await hook.next() == "pressed"
        held.set_result(web.Response())
        await api("deleteWebhook")


async def test_the_webhook_waits_as_long_as_the_bot_asks(api: ApiClient, maria: Person) -> None:
    async with hooked() as hook:
        hook.answers = [web.Response(status=503, headers={"Retry-After": "1"})]
        await api("setWebhook", url=hook.url)
        assert await hook.next() == "/start"
        began = asyncio.get_running_loop().time()
        assert await hook.next() == "/start"
        assert asyncio.get_running_loop().time() - began >= 1
        await api("deleteWebhook")


async def test_max_connections_limits_parallel_requests(api: ApiClient, maria: Person) -> None:
    api.telegram.add_person(1002, "John").send("Second")
    async with hooked() as hook:
        held: asyncio.Future[web.Response] = asyncio.get_running_loop().create_future()
        hook.answers = [held]
        await api("setWebhook", url=hook.url, max_connections=1)
        first = await hook.next()
        assert (await api("getWebhookInfo"))["pending_update_count"] == 2
        assert hook.came.empty()
        held.set_result(web.Response())
        assert {first, await hook.next()} == {"/start", "Second"}
        await api("deleteWebhook")


async def test_a_webhook_and_polling_exclude_each_other(api: ApiClient, maria: Person) -> None:
    await api("setWebhook", url="http://127.0.0.1:1/nobody")
    assert await api("getUpdates") == CONFLICT
    await api("deleteWebhook")
    assert [update["message"]["text"] for update in await api("getUpdates")] == ["/start"]


async def test_pending_updates_can_be_dropped(api: ApiClient, maria: Person) -> None:
    await api("deleteWebhook", drop_pending_updates=True)
    assert await api("getUpdates") == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"secret_token": "no spaces"}, "secret token contains unallowed characters"),
        ({"secret_token": "x" * 257}, "secret token contains unallowed characters"),
        ({"url": "ftp://a.example"}, "bad webhook: invalid webhook URL specified"),
        ({"allowed_updates": "{"}, "can't parse allowed_updates JSON object"),
    ],
)
async def test_webhooks_that_are_refused(api: ApiClient, fields: dict[str, Any], why: str) -> None:
    answer = await api("setWebhook", **{"url": "http://127.0.0.1:1/hook", **fields})
    assert answer == bad_request(why)
