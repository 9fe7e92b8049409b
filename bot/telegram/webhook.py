"""Updates that Telegram brings (Bot API, setWebhook).

Telegram brings one update at a time for each chat and repeats it until it is answered in the 200s.
So 200 means that the update is done for good, and anything else that it must come again.
"""

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from aiohttp import web
from telegram import Bot

from bot.logs import error_fields
from bot.telegram.api_errors import read_json
from bot.telegram.inbound import ALLOWED_UPDATES, Incoming, Malformed, read
from bot.telegram.polling import Handle

log = structlog.get_logger()

CONNECTIONS = 40
"""How many updates Telegram may bring at once: 1 to 100."""

LARGEST_UPDATE = 2**20
"""Bytes. A message holds 4096 characters; what is a hundred times that is no update."""

COME_AGAIN = 5
"""Seconds after which an update that was not done is to come again (Retry-After)."""

LATELY = timedelta(minutes=2)
"""How long a failure to bring an update counts as one that goes on."""

_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of the header

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def register(bot: Bot, url: str, secret: str) -> None:
    """Have updates brought to `url`; `secret` is 1 to 256 of ``[A-Za-z0-9_-]``.

    Raises what the methods of `telegram.Bot` raise.
    """
    await bot.set_webhook(
        url,
        secret_token=secret,
        max_connections=CONNECTIONS,
        allowed_updates=ALLOWED_UPDATES,
    )


async def hindrance(bot: Bot, url: str, now: datetime) -> str | None:
    """Return what keeps Telegram from bringing updates to `url` (Bot API, getWebhookInfo), or None.

    Raises what the methods of `telegram.Bot` raise.
    """
    info = await bot.get_webhook_info()
    if info.url != url:
        return "Telegram brings updates elsewhere, or nowhere"
    failed = info.last_error_date
    if failed and now - failed < LATELY and info.pending_update_count:
        return "Telegram cannot bring updates"
    return None


def receiver(secret: str, handle: Handle) -> Handler:
    """Return the handler of POST requests that hands updates to `handle`.

    It answers 200 when the update is done, 503 where it must come again, 403 to whoever does not
    know `secret`, 413 to what is too large. What cannot be read is handed on as `Malformed`.
    """
    expected = secret.encode()

    async def receive(request: web.Request) -> web.StreamResponse:
        given = request.headers.get(_SECRET, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, expected):
            return web.Response(status=403)
        body = await _bounded(request)
        if body is None:
            return web.Response(status=413)
        came = read(read_json(body))
        return web.Response() if came is None else await _done(handle, came)

    return receive


async def _done(handle: Handle, came: Incoming | Malformed) -> web.Response:
    try:
        await handle(came)
    except Exception as error:
        log.warning("update not done", **error_fields(error))
        return web.Response(status=503, headers={"Retry-After": str(COME_AGAIN)})
    return web.Response()


async def _bounded(request: web.Request) -> bytes | None:
    """Return the body, or None where it is beyond `LARGEST_UPDATE`."""
    if (request.content_length or 0) > LARGEST_UPDATE:
        return None
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST_UPDATE:
            return None
    return bytes(body)
