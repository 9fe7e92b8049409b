"""What the playground's pages share: no other web page may use them, and answers are JSON."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

Body = dict[str, Any]

_POLICY = (
    "default-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@web.middleware
async def refuse_other_pages(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer only our own page: no cross-site request, and no DNS rebinding."""
    host = request.host.rpartition(":")[0]
    origin = request.headers.get("Origin")
    foreign = origin is not None and origin != f"http://{request.host}"
    # Pictures and scripts of other pages have no Origin. Links that a person follows are fine.
    fetch = (request.headers.get("Sec-Fetch-Site"), request.headers.get("Sec-Fetch-Mode"))
    embedded = fetch[0] == "cross-site" and fetch[1] != "navigate"
    if host not in ("127.0.0.1", "localhost") or foreign or embedded:
        raise web.HTTPForbidden
    response = await handler(request)
    if not response.prepared:
        response.headers.update(HEADERS)
    return response


async def read_json(request: web.Request) -> Body:
    """Return the object in a request. Forms are refused, since other pages can send them."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        body = orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError:
        raise web.HTTPBadRequest from None
    return body if isinstance(body, dict) else {}


def json_response(value: Any, status: int = 200) -> web.Response:
    """Return a response with `value` as JSON."""
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")
