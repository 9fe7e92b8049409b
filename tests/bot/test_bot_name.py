"""What a server can answer when the bot asks for its own name at the start."""

import pytest
from aiohttp import web

from bot.errors import CommandError
from bot.startup import bot_name
from tests.bot.telegram.client.wire import refused, result, wired

BOT = {"id": 7, "is_bot": True, "first_name": "Action"}
UNREACHABLE = "Can't reach Telegram to identify the bot"


async def test_the_name_is_the_username() -> None:
    async with wired(result({**BOT, "username": "action_bot"})) as wire:
        assert await bot_name(wire.request.bot) == "action_bot"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (result(BOT), "The server at telegram.api doesn't say the bot's user name."),
        (result({**BOT, "username": 7}), "The server at telegram.api doesn't say the bot's"),
        (result({**BOT, "username": ""}), "The server at telegram.api doesn't say the bot's"),
        (result(None), UNREACHABLE),
        (result([]), UNREACHABLE),
        (result("action_bot"), UNREACHABLE),
        (web.Response(text="<html>Sign in</html>"), UNREACHABLE),
        (web.Response(text='{"ok":true,"resu'), UNREACHABLE),
        (refused(502, "Bad Gateway"), UNREACHABLE),
        (refused(401, "Unauthorized"), "The server at telegram.api doesn't recognise this token."),
        (
            refused(429, "Too Many Requests: retry after 90", retry_after=90),
            "Telegram accepts no calls for this token for 90 seconds.",
        ),
    ],
)
async def test_an_answer_without_a_name_says_what_is_wrong(
    answer: web.Response, problem: str
) -> None:
    async with wired(answer) as wire:
        with pytest.raises(CommandError) as raised:
            await bot_name(wire.request.bot)
    assert f" · {problem}" in str(raised.value)
