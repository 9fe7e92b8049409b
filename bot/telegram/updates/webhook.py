"""Receives updates that Telegram posts to a URL (Bot API, setWebhook).

Telegram posts the updates of a chat one after another, and repeats each until the answer is a 2xx.
So 200 means that the update is done, and any other status that Telegram must post it again.
"""

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from aiohttp import web
from telegram import Bot

from bot.logs import error_fields
from bot.telegram.client.api_errors import read_json
from bot.telegram.updates.inbound import ALLOWED_UPDATES, read
from bot.telegram.updates.polling import Handle, Update

log = structlog.get_logger()

MAX_CONNECTIONS = 40
"""How many updates Telegram may post at the same time: 1 to 100."""

MAX_UPDATE_BYTES = 2**20
"""A message has at most 4096 characters, so no update comes near to this."""

RETRY_AFTER = 5
"""Seconds after which Telegram shall post an update again that was not done."""

RECENT_FAILURE = timedelta(minutes=2)
"""How long a failed delivery counts as a problem."""

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of the header

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def register(bot: Bot, url: str, secret: str) -> None:
    """Have Telegram post updates to `url`; `secret` is 1 to 256 of ``[A-Za-z0-9_-]``.

    Raises what the methods of `telegram.Bot` raise.
    """
    await bot.set_webhook(
        url,
        secret_token=secret,
        max_connections=MAX_CONNECTIONS,
        allowed_updates=ALLOWED_UPDATES,
    )


async def delivery_problem(bot: Bot, url: str, now: datetime) -> str | None:
    """Return why updates do not arrive at `url` (Bot API, getWebhookInfo); None if they do.

    Raises what the methods of `telegram.Bot` raise.
    """
    info = await bot.get_webhook_info()
    if info.url != url:
        return "Telegram sends updates to another address, or to none"
    failed = info.last_error_date
    if failed and now - failed < RECENT_FAILURE and info.pending_update_count:
        return "Telegram cannot deliver updates"
    return None


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
