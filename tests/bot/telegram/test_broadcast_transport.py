"""What Telegram, or something in its place, answers to an update, and what that means for it."""

import asyncio

import pytest
from aiohttp import web

from bot.services.ports import (
    BlockedByUser,
    BroadcastCall,
    CallRefused,
    ChatLimited,
    KindRefused,
    NotReached,
    Uncertain,
)
from bot.telegram.broadcast_transport import BroadcastTransport
from bot.telegram.client.pacing import Pacer
from bot.telegram.client.rate_gate import Limits
from bot.telegram.client.request import TelegramRequest
from conversations.core.facts import Deployment
from tests.bot.telegram.client.wire import (
    TOKEN,
    Wire,
    broken,
    refused,
    result,
    too_many,
    wired,
)

MARIA = 4200
HELLO = BroadcastCall("sendMessage", b'"text":"Hello"}')
ALBUM = BroadcastCall("sendMediaGroup", b'"media":[]}')


def bulk(wire: Wire) -> BroadcastTransport:
    return BroadcastTransport(wire.request, Pacer(), lambda: Deployment({}, "action_bot", "", ""))


def page(status: int) -> web.Response:
    return web.Response(text="<html>It is not here.</html>", status=status)


@pytest.mark.parametrize(
    ("answer", "means"),
    [
        (refused(403, "Forbidden: bot was blocked by the user"), BlockedByUser),
        (refused(403, "Forbidden: user is deactivated"), BlockedByUser),
        (refused(403, "Forbidden: bot can't initiate conversation with a user"), BlockedByUser),
        (refused(400, "Bad Request: chat not found"), BlockedByUser),
        (refused(400, "Bad Request: PEER_ID_INVALID"), BlockedByUser),
        (refused(400, "Bad Request: INPUT_USER_DEACTIVATED"), BlockedByUser),
        (refused(400, "Bad Request: have no rights to send a message"), BlockedByUser),
        (refused(400, "Bad Request: TOPIC_CLOSED"), BlockedByUser),
        (refused(400, "Bad Request: VOICE_MESSAGES_FORBIDDEN"), KindRefused),
        (refused(403, "Forbidden: VOICE_MESSAGES_FORBIDDEN"), KindRefused),
        (refused(400, "Bad Request: not enough rights to send photos"), KindRefused),
        (refused(400, "Bad Request: MESSAGE_TOO_LONG"), CallRefused),
        (refused(400, "Bad Request: can't parse entities"), CallRefused),
        (refused(400, "Bad Request: something that nobody knows"), CallRefused),
        (refused(400, "Bad Request: FILE_REFERENCE_EXPIRED"), NotReached),
        (refused(400, "Bad Request: wrong file identifier"), CallRefused),
        (refused(400, "Bad Request: group upgraded", migrate_to_chat_id=-5), BlockedByUser),
        (refused(401, "Unauthorized"), CallRefused),
        (refused(404, "Not Found"), CallRefused),
        (refused(409, "Conflict"), CallRefused),
        (too_many(500), ChatLimited),
        (refused(500, "Internal Server Error"), Uncertain),
        (page(403), Uncertain),
        (page(200), Uncertain),
        (page(502), Uncertain),
        (result(True), Uncertain),
        (result([]), Uncertain),
        (result({"message_id": "none"}), Uncertain),
        (result([{"message_id": 7}, "none"]), Uncertain),
    ],
)
async def test_an_answer_means(answer: web.Response, means: type[Exception]) -> None:
    async with wired(answer) as wire:
        with pytest.raises(means) as raised:
            await bulk(wire).send(MARIA, HELLO)
    assert raised.type is means


async def test_an_album_has_the_ids_of_all_that_is_in_it() -> None:
    async with wired(result([{"message_id": 7}, {"message_id": 8}])) as wire:
        assert await bulk(wire).send(MARIA, ALBUM) == (7, 8)
    assert wire.calls[0].parameters == {"chat_id": MARIA, "media": []}


async def test_a_line_that_breaks_is_doubtful_and_none_at_all_is_not() -> None:
    async with broken(b"") as wire:
        with pytest.raises(Uncertain):
            await bulk(wire).send(MARIA, HELLO)
    async with broken(b"", hang=True, read_timeout=0.05) as wire:
        with pytest.raises(Uncertain):
            await bulk(wire).send(MARIA, HELLO)
    nobody = TelegramRequest(TOKEN, api="http://127.0.0.1:9")
    await nobody.initialize()
    with pytest.raises(NotReached):
        await bulk(Wire(nobody, "", [], [])).send(MARIA, HELLO)
    await nobody.shutdown()


async def test_who_ends_while_telegram_wants_to_wait_has_sent_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with wired(too_many(60)) as wire:
        call, refused = wire.request.call_prepared, asyncio.Event()

        async def observed(method: str, body: bytes) -> object:
            try:
                return await call(method, body)
            finally:
                refused.set()

        monkeypatch.setattr(wire.request, "call_prepared", observed)
        sending = asyncio.create_task(bulk(wire).send(MARIA, HELLO))
        await refused.wait()
        sending.cancel()
        with pytest.raises(NotReached):
            await sending


async def test_who_ends_in_the_middle_of_a_call_knows_nothing() -> None:
    async with broken(b"", hang=True) as wire:
        slow = BroadcastTransport(
            wire.request, Pacer(Limits()), lambda: Deployment({}, "action_bot", "", "")
        )
        sending = asyncio.create_task(slow.send(MARIA, HELLO))
        while not wire.calls:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0.01)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
