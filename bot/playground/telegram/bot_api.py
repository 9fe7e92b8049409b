"""Answers requests to the Bot API over HTTP (Bot API, "Making requests")."""

from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import BodyPartReader, web

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.methods import Methods
from bot.playground.telegram.refusal import ApiRefusal, bad_request

MAX_REQUEST_BYTES = 50 * 2**20
"""Sending files: "50 MB max size for other files"."""

FindBot = Callable[[str], Methods]
"""Returns the methods of the bot with a token. Raises ApiRefusal."""


class BotApi:
    """Answers calls of methods, and downloads of files, for one bot or for many."""

    def __init__(self, find: FindBot) -> None:
        """Answer for the bots that `find` knows."""
        self._find = find

    def add_routes(self, app: web.Application) -> None:
        """Serve the addresses that clients of the Bot API use."""
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{file}", self._file)

    async def _call(self, request: web.Request) -> web.Response:
        try:
            methods = self._find(request.match_info["token"])
            call = await _read(request)
            result = await methods.answer(request.match_info["method"], call)
        except ApiRefusal as refused:
            return _error_response(refused)
        return _json({"ok": True, "result": result}, 200)

    async def _file(self, request: web.Request) -> web.Response:
        try:
            files = self._find(request.match_info["token"]).telegram.files
            return web.Response(body=files[request.match_info["file"]][0])
        except (ApiRefusal, KeyError):
            return _error_response(ApiRefusal(404, "Not Found"))


async def _read(request: web.Request) -> ApiCall:
    """Read the parameters from the query string and from a body of JSON or either kind of form."""
    fields: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        if body := await request.read():
            try:
                parsed = orjson.loads(body)
            except orjson.JSONDecodeError:
                parsed = None
            if not isinstance(parsed, dict):
                raise bad_request("can't parse request")
            fields |= parsed
        return ApiCall(fields)
    if request.content_type == "multipart/form-data":
        files: dict[str, tuple[bytes, str]] = {}
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise bad_request("can't parse request")
            content = bytes(await part.read(decode=True))
            if part.filename is None:
                fields[part.name] = _decode(content)
            else:
                files[part.name] = (content, part.filename)
        return ApiCall(fields, files)
    return ApiCall(fields | dict(await request.post()))


def _decode(content: bytes) -> str:
    """Making requests: "All queries to the Telegram Bot API … must be made using UTF-8"."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise bad_request("strings must be encoded in UTF-8") from None


def _error_response(refused: ApiRefusal) -> web.Response:
    body: dict[str, Any] = {
        "ok": False,
        "error_code": refused.code,
        "description": refused.description,
    }
    if refused.parameters:
        body["parameters"] = refused.parameters
    return _json(body, refused.code)


def _json(value: Any, status: int) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")
