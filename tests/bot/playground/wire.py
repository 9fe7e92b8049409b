"""A bot's side of the Bot API by bare aiohttp, so that the server is tested and not our client."""

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


class Wire:
    """Calls methods as any program would."""

    def __init__(self, url: str, telegram: TelegramState, clock: Clock) -> None:
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


def keyboard(*buttons: Any) -> dict[str, Any]:
    return {"inline_keyboard": [list(buttons)]}


def bad(why: str) -> tuple[int, str]:
    """The refusal of a request that is wrong in itself."""
    return 400, f"Bad Request: {why}"
