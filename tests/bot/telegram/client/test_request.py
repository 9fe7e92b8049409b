"""What the wire may do to a call, and what the caller is told of it: never the token."""

import asyncio
import json
import logging
import socket
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    TelegramError,
)

from bot.telegram.client.api_errors import (
    NotSent,
    PerhapsSent,
    TooManyRequests,
    UnknownMethod,
)
from bot.telegram.client.request import MAX_ANSWER_BYTES, TelegramRequest
from bot.telegram.updates.polling import get_updates
from tests.bot.telegram.client.wire import (
    SECRET,
    TOKEN,
    Wire,
    broken,
    refused,
    result,
    too_many,
    wired,
)

MARIA = 4200


async def error_of(wire: Wire, kind: type[TelegramError]) -> TelegramError:
    """Return the error of a message to Maria, after looking whether it gives anything away."""
    with pytest.raises(kind) as caught:
        await wire.request.bot.send_message(MARIA, "Good morning")
    assert type(caught.value) is kind
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert SECRET not in told
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value


SENT = {"message_id": 7, "date": 1, "chat": {"id": MARIA, "type": "private"}}
PICTURE = {"file_id": "f", "file_unique_id": "u", "width": 3, "height": 2}


async def test_a_call_sends_json() -> None:
    async with wired(result({**SENT, "something_new": 1, "video": "?"})) as wire:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="s:yes")]])
        message = await wire.request.bot.send_message(MARIA, "你好 🌊", reply_markup=keyboard)
    assert message.message_id == 7
    assert wire.calls[0].parameters == {
        "chat_id": MARIA,
        "text": "你好 🌊",
        "reply_markup": {"inline_keyboard": [[{"text": "Yes", "callback_data": "s:yes"}]]},
    }


async def test_a_picture_goes_as_a_form_with_the_rest_beside_it() -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="s:yes")]])
    async with wired(result({**SENT, "photo": [PICTURE]})) as wire:
        picture = InputFile(b"\xff\xd8 a river", filename="河.jpg", attach=True)
        await wire.request.bot.send_photo(
            MARIA, picture, caption="The river", reply_markup=keyboard
        )
    (call,) = wire.calls
    name = call.parameters["photo"].removeprefix("attach://")
    assert call.files == {name: b"\xff\xd8 a river"}
    assert call.parameters["caption"] == "The river"
    assert json.loads(call.parameters["reply_markup"]) == keyboard.to_dict()
    assert call.parameters["chat_id"] == str(MARIA)


async def test_the_library_s_bot_works_on_it() -> None:
    me = {"id": 1, "is_bot": True, "first_name": "Action", "username": "action_bot"}
    message = {"message_id": 9, "date": 1, "chat": {"id": MARIA, "type": "private"}, "text": "Hi"}
    async with wired(result(me), result(message), result({**message, "photo": []})) as wire:
        bot = Bot(TOKEN, base_url=f"{wire.api}/bot", request=wire.request)
        assert (await bot.get_me()).username == "action_bot"
        assert (await bot.send_message(MARIA, "Hi")).message_id == 9
        await bot.send_photo(MARIA, b"\xff\xd8 a river")
    assert list(wire.calls[2].files.values()) == [b"\xff\xd8 a river"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(400, "Bad Request: message is not modified"), BadRequest),
        (refused(401, "Unauthorized"), InvalidToken),
        (refused(403, "Forbidden: bot was blocked by the user"), Forbidden),
        (refused(404, "Not Found"), UnknownMethod),
        (refused(409, "Conflict: terminated by other getUpdates request"), Conflict),
        (refused(400, "Bad Request: chat was upgraded", migrate_to_chat_id=-100), ChatMigrated),
        (too_many(17), TooManyRequests),
        (refused(500, "Internal Server Error"), PerhapsSent),
        (refused(502, "Bad Gateway"), PerhapsSent),
    ],
)
async def test_what_telegram_refuses_is_told_by_type(
    answer: web.Response, kind: type[TelegramError]
) -> None:
    async with wired(answer) as wire:
        await error_of(wire, kind)


async def test_a_missing_method_is_an_endpoint_and_a_429_says_how_long() -> None:
    async with wired(refused(404, "Not Found"), too_many(17)) as wire:
        assert isinstance(await error_of(wire, UnknownMethod), EndPointNotFound)
        error = await error_of(wire, TooManyRequests)
        assert isinstance(error, TooManyRequests)
        assert error.seconds == 17
        assert error.retry_after.total_seconds() == 17


@pytest.mark.parametrize("nonsense", ["soon", None, -3, [], 1e300])
async def test_a_429_that_does_not_say_how_long_still_means_a_wait(nonsense: object) -> None:
    async with wired(refused(429, "Too Many Requests", retry_after=nonsense)) as wire:
        error = await error_of(wire, TooManyRequests)
        assert isinstance(error, TooManyRequests)
        assert error.seconds == 5


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, PerhapsSent),
        (302, PerhapsSent),
        (403, PerhapsSent),
        (404, UnknownMethod),
        (429, TooManyRequests),
        (502, PerhapsSent),
        (504, PerhapsSent),
    ],
)
async def test_the_page_of_a_proxy_is_not_telegram_s_word(
    status: int, kind: type[TelegramError]
) -> None:
    page = f"<html><h1>Error</h1>POST /bot{TOKEN}/sendMessage</html>"
    answer = web.Response(text=page, status=status, headers={"Location": "http://127.0.0.1:9/"})
    async with wired(answer) as wire:
        await error_of(wire, kind)


async def test_a_server_that_repeats_the_token_is_not_repeated() -> None:
    async with wired(refused(400, f"Bad Request: no such path /bot{TOKEN}/")) as wire:
        assert "such path /bot110201543:…/" in str(await error_of(wire, BadRequest))


@pytest.mark.parametrize("body", [b"", b'{"ok":true}', b"[1]", b"null", b'{"ok":tr', b"\xff"])
async def test_a_200_that_says_nothing_may_have_done_it(body: bytes) -> None:
    async with wired(web.Response(body=body)) as wire:
        await error_of(wire, PerhapsSent)


async def test_half_an_answer_may_have_done_it() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
    async with broken(head + b'{"ok":true,"resu') as wire:
        await error_of(wire, PerhapsSent)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 20"])
async def test_a_line_that_breaks_may_have_done_it(answer: bytes) -> None:
    async with broken(answer) as wire:
        await error_of(wire, PerhapsSent)


async def test_silence_may_have_done_it() -> None:
    async with broken(b"", hang=True, read_timeout=0.05) as wire:
        await error_of(wire, PerhapsSent)


async def test_an_answer_beyond_all_measure_is_not_swallowed() -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {2 * MAX_ANSWER_BYTES}\r\n\r\n".encode()
    async with broken(head + b" " * (MAX_ANSWER_BYTES + 2**16)) as wire:
        await error_of(wire, PerhapsSent)


@asynccontextmanager
async def reaching(api: str) -> AsyncIterator[Wire]:
    request = TelegramRequest(TOKEN, api=api, connect_timeout=0.2, pool_timeout=0.2)
    await request.initialize()
    yield Wire(request, api, [], [])
    await request.shutdown()


async def test_nobody_there_means_not_sent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with reaching(f"http://127.0.0.1:{closed.getsockname()[1]}") as wire:
            await error_of(wire, NotSent)


async def test_an_address_that_is_none_means_not_sent() -> None:
    async with reaching("gopher://nowhere.invalid") as wire:
        await error_of(wire, NotSent)


async def test_a_full_pool_means_not_sent() -> None:
    async with broken(b"", hang=True) as wire:
        request = TelegramRequest(
            TOKEN, api=wire.api, connections=1, connect_timeout=0.05, pool_timeout=0.05
        )
        await request.initialize()
        first = asyncio.create_task(request.bot.get_me())
        await asyncio.sleep(0)
        await error_of(Wire(request, wire.api, [], []), NotSent)
        first.cancel()
        await request.shutdown()


async def test_a_call_before_the_pool_is_open_is_a_mistake_of_ours() -> None:
    with pytest.raises(RuntimeError, match="initialize"):
        await TelegramRequest(TOKEN).call_prepared("getMe", b"{}")


async def test_a_poll_may_last_as_long_as_it_asked_for() -> None:
    async def late(request: web.Request) -> web.Response:
        await asyncio.sleep(0.3)
        return result([])

    application = web.Application()
    application.router.add_post("/{path:.*}", late)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    request = TelegramRequest(
        TOKEN, api=f"http://127.0.0.1:{runner.addresses[0][1]}", read_timeout=0.1
    )
    await request.initialize()
    assert await get_updates(request, None, hold_seconds=10) == []
    with pytest.raises(PerhapsSent):
        await get_updates(request, None, hold_seconds=0)
    await request.shutdown()
    await runner.cleanup()


async def test_lone_surrogates_of_one_person_do_not_hide_the_batch() -> None:
    body = b'{"ok":true,"result":[{"update_id":1,"text":"\\ud83d"},{"update_id":2}]}'
    async with wired(web.Response(body=body)) as wire:
        updates = await get_updates(wire.request, None, hold_seconds=0)
    assert updates == [{"update_id": 1, "text": "?"}, {"update_id": 2}]


async def test_no_log_holds_the_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with wired(result(True), refused(500, "Internal"), too_many(3)) as wire:
        asyncio.get_running_loop().set_debug(True)
        await wire.request.bot.leave_chat(MARIA)
        await error_of(wire, PerhapsSent)
        await error_of(wire, TooManyRequests)
    async with broken(b"HTTP/1.1 2") as wire:
        await error_of(wire, PerhapsSent)
    assert SECRET not in caplog.text
