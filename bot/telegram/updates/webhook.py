"""Receives updates that Telegram posts to a URL (Bot API, setWebhook).

Telegram posts the updates of a chat one after another, and repeats each until the answer is a 2xx.
So 200 means that the update is done, and any other status that Telegram must post it again.
"""

import hmac
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from bot.logs import error_fields
from bot.telegram.client.api_errors import read_json
from bot.telegram.updates.inbound import read
from bot.telegram.updates.polling import Handle, Update

log = structlog.get_logger()

MAX_UPDATE_BYTES = 2**20
"""A message has at most 4096 characters, so no update comes near to this."""

RETRY_AFTER = 5
"""Seconds after which Telegram shall post an update again that was not done."""

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of the header

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def receiver(secret: str, handle: Handle) -> Handler:
    """Return the handler of POST requests, which passes updates to `handle`.

    It answers 200 when the update is done, 503 if Telegram must post it again, 403 if the request
    does not have `secret`, and 413 if it is too large. `handle` also gets each `MalformedUpdate`.
    """
    expected = secret.encode()

    async def receive(request: web.Request) -> web.StreamResponse:
        given = request.headers.get(_SECRET_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, expected):
            return web.Response(status=403)
        body = await _read_body(request)
        if body is None:
            return web.Response(status=413)
        update = read(read_json(body))
        return web.Response() if update is None else await _answer(handle, update)

    return receive


async def _answer(handle: Handle, update: Update) -> web.Response:
    try:
        await handle(update)
    except Exception as error:
        log.warning("update not done", **error_fields(error))
        return web.Response(status=503, headers={"Retry-After": str(RETRY_AFTER)})
    return web.Response()


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
