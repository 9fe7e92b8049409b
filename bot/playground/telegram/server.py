"""Serves the embedded Telegram over HTTP (Bot API, "Making requests")."""

from contextlib import suppress
from typing import Any

import orjson
from aiohttp import BodyPartReader, web

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.methods import Methods
from bot.playground.telegram.refusal import ApiRefusal, bad_request
from bot.playground.telegram.state import TelegramState

_MAX_REQUEST_BYTES = 50 * 2**20
"""Sending files: "50 MB max size for other files"."""


class TelegramServer:
    """Serves the Bot API on a local port, as an async context manager."""

    def __init__(self, telegram: TelegramState, host: str = "127.0.0.1", port: int = 0) -> None:
        """Serve the bot in `telegram`; port 0 picks a free one."""
        self.telegram = telegram
        self._methods = Methods(telegram)
        self._address = (host, port)
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> "TelegramServer":
        """Start serving."""
        self.telegram.updates.call_method = self._call_from_webhook
        app = web.Application(client_max_size=_MAX_REQUEST_BYTES)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{file}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        host, port = self._address
        await web.TCPSite(self._runner, host, port).start()
        self.url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop serving."""
        await self.telegram.updates.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _call(self, request: web.Request) -> web.Response:
        try:
            if request.match_info["token"] != self.telegram.token:
                raise ApiRefusal(401, "Unauthorized")
            call = await _read(request)
            result = await self._methods.answer(request.match_info["method"], call)
        except ApiRefusal as refused:
            return _error_response(refused)
        return _json({"ok": True, "result": result}, 200)

    async def _call_from_webhook(self, fields: dict[str, Any]) -> None:
        with suppress(ApiRefusal):  # the bot can't learn of it
            await self._methods.answer(str(fields["method"]), ApiCall(fields))

    async def _file(self, request: web.Request) -> web.Response:
        file = self.telegram.files.get(request.match_info["file"])
        if request.match_info["token"] != self.telegram.token or file is None:
            return _error_response(ApiRefusal(404, "Not Found"))
        return web.Response(body=file[0])


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
