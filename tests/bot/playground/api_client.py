"""A client of the Bot API in plain aiohttp, so that tests do not depend on the bot's own client."""

from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from bot.playground.telegram import Person, TelegramState

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2019, 6, 21, 14, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def tick(self, **time: float) -> None:
        self.now += timedelta(**time)


class ApiClient:
    """Calls methods of the embedded Telegram as a bot does."""

    def __init__(self, url: str, telegram: TelegramState, clock: Clock) -> None:
        self.url, self.telegram, self.clock = url, telegram, clock
        self.session = aiohttp.ClientSession()

    async def __call__(self, method: str, **fields: Any) -> Any:
        body = await self.raw(method, self.telegram.token, json=fields)
        return body["result"] if body["ok"] else (body["error_code"], body["description"])

    async def raw(self, method: str, token: str, **request: Any) -> Any:
        async with self.session.post(f"{self.url}/bot{token}/{method}", **request) as response:
            return await response.json()

    async def send(self, person: Person, text: str = "Hello", **fields: Any) -> Any:
        return await self("sendMessage", chat_id=person.id, text=text, **fields)


def keyboard(*buttons: Any) -> dict[str, Any]:
    return {"inline_keyboard": [list(buttons)]}


def bad_request(reason: str) -> tuple[int, str]:
    """Return the refusal of an invalid request."""
    return 400, f"Bad Request: {reason}"
