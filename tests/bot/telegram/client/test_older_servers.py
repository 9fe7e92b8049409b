"""What the bot learns from the refusals of an older Bot API server."""

import pytest
from telegram.error import BadRequest

from bot.telegram.client.older_servers import Fields, OlderServers

KEYBOARD = {"inline_keyboard": [[{"text": "Send", "callback_data": "s", "style": "success"}]]}
PLAIN = {"inline_keyboard": [[{"text": "Send", "callback_data": "s"}]]}
TIME = 'At <tg-time unix="1" format="t">00:00 UTC</tg-time>'


class Server:
    """Answers calls, and refuses those with a word that it doesn't know."""

    def __init__(self, *unknown: str, description: str) -> None:
        self.calls: list[Fields] = []
        self._unknown, self._description = unknown, description

    async def send(self, fields: Fields) -> str:
        self.calls.append(fields)
        if any(word in str(fields) for word in self._unknown):
            raise BadRequest(self._description)
        return "sent"


async def test_a_refused_feature_is_left_out_from_then_on() -> None:
    server = Server("tg-time", description='Unsupported start tag "tg-time" at byte offset 3')
    older = OlderServers()
    for _ in range(2):
        assert await older.call({"text": TIME, "parse_mode": "HTML"}, server.send) == "sent"
    told = [call["text"] for call in server.calls]
    assert told == [TIME, "At 00:00 UTC", "At 00:00 UTC"]


async def test_only_the_feature_that_was_the_reason_is_left_out() -> None:
    server = Server("style", description="can't parse inline keyboard button: unknown field")
    older = OlderServers()
    await older.call({"text": TIME, "reply_markup": KEYBOARD}, server.send)
    await older.call({"text": TIME, "reply_markup": KEYBOARD}, server.send)
    assert server.calls == [
        {"text": TIME, "reply_markup": KEYBOARD},
        {"text": TIME, "reply_markup": PLAIN},
        {"text": TIME, "reply_markup": PLAIN},
    ]


async def test_a_caption_of_an_edited_picture_loses_its_times() -> None:
    server = Server("tg-time", description='Unsupported start tag "tg-time" at byte offset 3')
    media = {"type": "photo", "media": "attach://picture", "caption": TIME}
    await OlderServers().call({"media": media}, server.send)
    assert server.calls[-1] == {"media": {**media, "caption": "At 00:00 UTC"}}


async def test_a_refusal_for_another_reason_is_raised_and_nothing_is_learned() -> None:
    server = Server("callback_data", description="Bad Request: BUTTON_DATA_INVALID")
    older, fields = OlderServers(), {"text": "x", "reply_markup": KEYBOARD}
    for _ in range(2):
        with pytest.raises(BadRequest):
            await older.call(fields, server.send)
    assert server.calls[0] == server.calls[2] == fields
