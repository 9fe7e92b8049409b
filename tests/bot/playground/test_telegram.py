"""The embedded Telegram, driven by bare aiohttp: it refuses what Telegram refuses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from bot.playground.telegram import Person, Telegram, TelegramServer


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2019, 6, 21, 14, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Wire:
    """Calls methods as any program would."""

    def __init__(self, url: str, telegram: Telegram, clock: Clock) -> None:
        self.url, self.telegram, self.clock = url, telegram, clock
        self.session = aiohttp.ClientSession()

    async def __call__(self, method: str, **fields: Any) -> Any:
        answer = await self.raw(method, self.telegram.token, json=fields)
        return answer["result"] if answer["ok"] else (answer["error_code"], answer["description"])

    async def raw(self, method: str, token: str, **how: Any) -> Any:
        async with self.session.post(f"{self.url}/bot{token}/{method}", **how) as response:
            return await response.json()

    async def says(self, person: Person, text: str = "Hello", **fields: Any) -> Any:
        return await self("sendMessage", chat_id=person.id, text=text, **fields)


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[Wire]:
    clock = Clock()
    telegram = Telegram(clock=clock)
    async with TelegramServer(telegram) as server:
        wire = Wire(server.url, telegram, clock)
        yield wire
        await wire.session.close()


@pytest.fixture
def maria(wire: Wire) -> Person:
    maria = wire.telegram.person(1001, "Maria", "Silva")
    maria.start()
    return maria


def keyboard(*buttons: dict[str, str]) -> dict[str, Any]:
    return {"inline_keyboard": [list(buttons)]}


async def test_a_wrong_token_and_an_unknown_method(wire: Wire) -> None:
    unauthorized = {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await wire.raw("getMe", "1:wrong") == unauthorized
    assert await wire("sendDice", chat_id=1) == (404, "Not Found")


async def test_parameters_come_as_json_as_a_form_and_in_the_query(
    wire: Wire, maria: Person
) -> None:
    token = wire.telegram.token
    form = await wire.raw("sendMessage", token, data={"chat_id": "1001", "text": "A form"})
    query = await wire.raw("SENDMESSAGE?chat_id=1001&text=A+query", token)
    assert [form["result"]["text"], query["result"]["text"]] == ["A form", "A query"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "message text is empty"),
        ("x" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
    ],
)
async def test_lengths_of_text(wire: Wire, maria: Person, text: str, why: str) -> None:
    assert await wire.says(maria, text) == (400, f"Bad Request: {why}")


async def test_lengths_are_counted_after_entities(wire: Wire, maria: Person) -> None:
    said = await wire.says(maria, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    assert said["entities"] == [{"type": "bold", "offset": 0, "length": 4096}]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<b>bold", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
    ],
)
async def test_broken_html(wire: Wire, maria: Person, text: str, why: str) -> None:
    answer = await wire.says(maria, text, parse_mode="HTML")
    assert answer == (400, f"Bad Request: can't parse entities: {why}")


async def test_entities_count_utf_16(wire: Wire, maria: Person) -> None:
    said = await wire.says(
        maria, 'ok 😀 <a href="https://a.example?x=1&amp;y=2">a &lt; b</a>', parse_mode="HTML"
    )
    assert said["text"] == "ok 😀 a < b"
    assert said["entities"] == [
        {"type": "text_link", "offset": 6, "length": 5, "url": "https://a.example?x=1&y=2"}
    ]
    shown = maria.chat()[-1]["html"]
    assert shown == 'ok 😀 <a href="https://a.example?x=1&amp;y=2">a &lt; b</a>'


@pytest.mark.parametrize(
    ("button", "why"),
    [
        ({"text": "Yes", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "Yes", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "Mail", "url": "mailto:a@b.example"}, "BUTTON_URL_INVALID"),
        ({"text": "Nothing"}, "Text buttons are unallowed in the inline keyboard"),
    ],
)
async def test_buttons(wire: Wire, maria: Person, button: dict[str, str], why: str) -> None:
    answer = await wire.says(maria, reply_markup=keyboard(button))
    assert answer == (400, f"Bad Request: {why}")


async def test_too_many_buttons(wire: Wire, maria: Person) -> None:
    button = {"text": "x", "callback_data": "x"}
    row = await wire.says(maria, reply_markup={"inline_keyboard": [[button] * 9]})
    rows = await wire.says(maria, reply_markup={"inline_keyboard": [[button]] * 101})
    assert row == rows == (400, "Bad Request: REPLY_MARKUP_TOO_LONG")


async def test_who_can_be_written_to(wire: Wire, maria: Person) -> None:
    stranger = wire.telegram.person(1002, "John")
    assert await wire("sendMessage", chat_id=7, text="x") == (400, "Bad Request: chat not found")
    answer = await wire.says(stranger)
    assert answer == (403, "Forbidden: bot can't initiate conversation with a user")
    maria.block(blocked=True)
    assert await wire.says(maria) == (403, "Forbidden: bot was blocked by the user")


async def test_a_press_is_answered_once_and_in_time(wire: Wire, maria: Person) -> None:
    button = {"text": "Yes", "callback_data": "y"}
    said = await wire.says(maria, reply_markup=keyboard(button))
    press = maria.press(said["message_id"], "Yes")
    too_old = (
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    )
    assert await wire("answerCallbackQuery", callback_query_id=press, text="Well") is True
    assert await wire("answerCallbackQuery", callback_query_id=press) == too_old
    late = maria.press(said["message_id"], "Yes")
    wire.clock.now += timedelta(seconds=151)
    assert await wire("answerCallbackQuery", callback_query_id=late) == too_old
    assert maria.toasts == ["Well"]


async def test_editing_to_the_same(wire: Wire, maria: Person) -> None:
    said = await wire.says(maria, "One", reply_markup=keyboard({"text": "A", "callback_data": "a"}))
    where = {"chat_id": maria.id, "message_id": said["message_id"]}
    edited = await wire("editMessageText", **where, text="Two")
    assert (edited["text"], "reply_markup" in edited) == ("Two", False)
    again = await wire("editMessageText", **where, text="Two")
    assert again == (
        400,
        "Bad Request: message is not modified: specified new message content and reply markup are "
        "exactly the same as a current content and reply markup of the message",
    )
    assert await wire("editMessageCaption", **where, caption="x") == (
        400,
        "Bad Request: there is no caption in the message to edit",
    )
    assert await wire("editMessageText", chat_id=maria.id, message_id=99, text="x") == (
        400,
        "Bad Request: message to edit not found",
    )


async def test_deleting(wire: Wire, maria: Person) -> None:
    first, second = [(await wire.says(maria, text))["message_id"] for text in ("One", "Two")]
    assert await wire("deleteMessages", chat_id=maria.id, message_ids=[first, 99]) is True
    wire.clock.now += timedelta(hours=49)
    answer = await wire("deleteMessage", chat_id=maria.id, message_id=second)
    assert answer == (400, "Bad Request: message can't be deleted")
    assert [message["text"] for message in maria.chat()] == ["/start", "Two"]


async def test_a_picture_and_its_file_id(wire: Wire, maria: Person) -> None:
    form = aiohttp.FormData()
    form.add_field("chat_id", "1001")
    form.add_field("caption", "<b>Look</b>")
    form.add_field("parse_mode", "HTML")
    form.add_field("photo", b"picture", filename="p.png", content_type="image/png")
    sent = await wire.raw("sendPhoto", wire.telegram.token, data=form)
    file_id = sent["result"]["photo"][0]["file_id"]
    again = await wire("sendPhoto", chat_id=1001, photo=file_id)
    assert again["photo"][0]["file_id"] == file_id
    foreign = await wire("sendPhoto", chat_id=1001, photo="77-" + file_id)
    assert foreign == (400, "Bad Request: wrong file identifier/HTTP URL specified")
    long = await wire("sendPhoto", chat_id=1001, photo=file_id, caption="x" * 1025)
    assert long == (400, "Bad Request: message caption is too long")


async def test_a_flood_is_refused_until_the_bucket_fills(wire: Wire, maria: Person) -> None:
    answers = [await wire.says(maria, f"{number}") for number in range(31)]
    assert all("message_id" in answer for answer in answers[:30])
    assert answers[30] == (429, "Too Many Requests: retry after 1")
    wire.clock.now += timedelta(seconds=1)
    assert (await wire.says(maria, "again"))["text"] == "again"


async def test_updates_stay_until_the_offset_moves(wire: Wire, maria: Person) -> None:
    (first,) = await wire("getUpdates")
    maria.send("Hello")
    again = await wire("getUpdates")
    assert [update["message"]["text"] for update in again] == ["/start", "Hello"]
    rest = await wire("getUpdates", offset=first["update_id"] + 1)
    assert [update["message"]["text"] for update in rest] == ["Hello"]


async def test_updates_expire(wire: Wire, maria: Person) -> None:
    said = await wire.says(maria, reply_markup=keyboard({"text": "A", "callback_data": "a"}))
    maria.press(said["message_id"], "A")
    wire.clock.now += timedelta(seconds=151)
    assert [*map(sorted, await wire("getUpdates"))] == [["message", "update_id"]]
    wire.clock.now += timedelta(hours=24)
    assert await wire("getUpdates") == []


async def test_a_second_poller_ends_the_first(wire: Wire) -> None:
    first = asyncio.create_task(wire("getUpdates", timeout=20))
    async with asyncio.timeout(5):
        await wire.telegram.intake.polled.wait()
    assert await wire("getUpdates") == []
    assert await first == (
        409,
        "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
    )


async def test_blocking_is_told_only_where_it_was_asked_for(wire: Wire, maria: Person) -> None:
    maria.block(blocked=True)
    assert [*map(sorted, await wire("getUpdates"))] == [["message", "update_id"]]
    await wire("getUpdates", allowed_updates=["my_chat_member"], offset=99)
    maria.block(blocked=False)
    (told,) = await wire("getUpdates", timeout=5)
    assert told["my_chat_member"]["new_chat_member"]["status"] == "member"


@asynccontextmanager
async def webhook(statuses: list[int]) -> AsyncIterator[tuple[str, list[Any], asyncio.Event]]:
    """A bot that answers with `statuses` in turn and tells what came."""
    came: list[Any] = []
    done = asyncio.Event()

    async def receive(request: web.Request) -> web.Response:
        update = await request.json()
        secret = request.headers["X-Telegram-Bot-Api-Secret-Token"]
        came.append((update["message"]["text"], secret))
        if len(came) == len(statuses):
            done.set()
        return web.Response(status=statuses[len(came) - 1])

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", came, done
    finally:
        await runner.cleanup()


async def test_the_webhook_brings_one_at_a_time_and_again_until_it_is_taken(wire: Wire) -> None:
    async with webhook([503, 500, 200, 200]) as (url, came, done):
        await wire("setWebhook", url=url, secret_token="s3cret")
        conflict = (
            409,
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
        )
        assert await wire("getUpdates") == conflict
        john = wire.telegram.person(1002, "John")
        john.send("One")
        john.send("Two")
        async with asyncio.timeout(10):
            await done.wait()
        assert [text for text, _ in came] == ["One", "One", "One", "Two"]
        assert {secret for _, secret in came} == {"s3cret"}
        await wire("deleteWebhook")


async def test_menus_are_scoped_and_spoken(wire: Wire, maria: Person) -> None:
    await wire("setMyCommands", commands=[{"command": "help", "description": "Help"}])
    hidden = [{"command": "help", "description": "Ajuda"}]
    await wire("setMyCommands", commands=hidden, language_code="pt")
    assert maria.commands() == [{"command": "help", "description": "Help"}]
    maria.speak("pt-br")
    assert maria.commands() == hidden
    bad = await wire("setMyCommands", commands=[{"command": "No!", "description": "x"}])
    assert bad == (400, "Bad Request: BOT_COMMAND_INVALID")


async def test_a_group_hears_the_bot_until_it_leaves(wire: Wire, maria: Person) -> None:
    group = wire.telegram.group(-5, "Friends", maria)
    await wire("sendMessage", chat_id=-5, text="In private only")
    assert await wire("leaveChat", chat_id=-5) is True
    assert (group.said, group.left) == (["In private only"], True)
    refused = (403, "Forbidden: bot is not a member of the group chat")
    assert await wire("sendMessage", chat_id=-5, text="Once more") == refused
