"""Receives updates that Telegram posts to a URL (Bot API, setWebhook).

Telegram posts the updates of a chat one after another, and repeats each until the answer is a 2xx.
So 200 means that the update is done, and any other status that Telegram must post it again. What
is refused because too much is in progress waits at Telegram, for up to 24 hours.
"""

import hmac
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import structlog
from aiohttp import web

from bot.logs import error_fields
from bot.telegram.client.api_errors import read_json
from bot.telegram.updates.inbound import IncomingUpdate, read
from bot.telegram.updates.polling import Update

log = structlog.get_logger()

MAX_UPDATE_BYTES = 2**20
"""A message has at most 4096 characters, so no update comes near to this."""

MAX_IN_PROGRESS = 500
"""How many requests are in progress at once; Telegram alone makes MAX_CONNECTIONS at most."""

MAX_IN_PROGRESS_OF_CHAT = 50
"""How many of them concern one chat: a chat that floods must leave room for others."""

RETRY_AFTER = 5
"""Seconds after which Telegram shall post an update again that was not done."""

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of the header

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

Handle = Callable[[Update], Awaitable[str | None]]
"""Handles an update. Returns the id of a button press that the response shall acknowledge."""


def receiver(secret: str, handle: Handle, has_room: Callable[[], bool]) -> Handler:
    """Return the handler of POST requests, which passes updates to `handle`.

    It answers 200 when the update is done, 503 if Telegram must post it again, 403 if the request
    does not have `secret`, and 413 if it is too large. `handle` also gets each `MalformedUpdate`.
    A press is acknowledged in the response, which saves a call (Bot API, "Making requests when
    getting updates").
    `has_room` returns whether updates may be handled now.
    """
    expected = secret.encode()
    requests = _InProgress()

    async def receive(request: web.Request) -> web.StreamResponse:
        given = request.headers.get(_SECRET_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, expected):
            return web.Response(status=403)
        with requests.counted(None, MAX_IN_PROGRESS) as is_admitted:
            if not is_admitted or not has_room():
                return _later()
            body = await _read_body(request)
            if body is None:
                return web.Response(status=413)
            update = read(read_json(body))
            if update is None:
                return web.Response()
            chat = update.chat if isinstance(update, IncomingUpdate) else 0
            with requests.counted(chat, MAX_IN_PROGRESS_OF_CHAT) as is_admitted:
                return await _answer(handle, update) if is_admitted else _later()

    return receive


class _InProgress:
    """Counts the requests that are in progress, by key."""

    def __init__(self) -> None:
        self._count: Counter[int | None] = Counter()

    @contextmanager
    def counted(self, key: int | None, limit: int) -> Iterator[bool]:
        """Count a request while the context lasts. Yield whether it is within the limit."""
        self._count[key] += 1
        try:
            yield self._count[key] <= limit
        finally:
            self._count[key] -= 1
            if not self._count[key]:
                del self._count[key]


async def _answer(handle: Handle, update: Update) -> web.Response:
    try:
        press = await handle(update)
    except Exception as error:
        log.warning("update not done", **error_fields(error))
        return _later()
    if press is None:
        return web.Response()
    return web.json_response({"method": "answerCallbackQuery", "callback_query_id": press})


def _later() -> web.Response:
    """Return the answer after which Telegram posts the update again."""
    return web.Response(status=503, headers={"Retry-After": str(RETRY_AFTER)})


async def _read_body(request: web.Request) -> bytes | None:
    """Return the body of `request`; None if it is larger than MAX_UPDATE_BYTES."""
    if (request.content_length or 0) > MAX_UPDATE_BYTES:
        return None
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_UPDATE_BYTES:
            return None
    return bytes(body)
