"""A Telegram server that refuses calls, and whose answers are lost, cut or none of its own."""

import asyncio
from enum import StrEnum
from random import Random

import orjson
from aiohttp import web

from tests.chaos.telegram import ChaosTelegram

FAULTY_SHARE = 0.15
"""Share of the calls that go wrong during a storm."""

_PAGE = "<html><h1>502 Bad Gateway</h1></html>"
_SPARED = ("getMe", "setWebhook", "getWebhookInfo")
"""A process that can't start would only be started again."""


class CallFault(StrEnum):
    """What goes wrong with a call."""

    TOO_MANY = "429"
    INTERNAL = "500, and nothing was done"
    PAGE = "an HTML page, and nothing was done"
    LOST = "done, and the answer lost"
    PAGE_AFTER = "done, and an HTML page"
    HALF = "done, and half of the answer"
    SLOW = "slow"


class StormTelegram(ChaosTelegram):
    """The embedded Telegram server in a storm."""

    storm: Random | None = None
    """Decides which calls go wrong; None while the weather is good."""

    async def _call(self, request: web.Request) -> web.Response:
        chance = self.storm
        is_spared = request.match_info["method"] in _SPARED
        if chance is None or is_spared or chance.random() > FAULTY_SHARE:
            return await super()._call(request)
        fault = chance.choice(tuple(CallFault))
        match fault:
            case CallFault.TOO_MANY:
                wait = {"retry_after": chance.randint(1, 3)}
                return _refusal(429, "Too Many Requests", parameters=wait)
            case CallFault.INTERNAL:
                return _refusal(500, "Internal Server Error")
            case CallFault.PAGE:
                return web.Response(status=502, text=_PAGE, content_type="text/html")
            case CallFault.SLOW:
                await asyncio.sleep(chance.uniform(0, 2))
        answer = await super()._call(request)
        if fault is CallFault.PAGE_AFTER:
            return web.Response(status=502, text=_PAGE, content_type="text/html")
        if fault in (CallFault.LOST, CallFault.HALF) and request.transport is not None:
            if fault is CallFault.HALF:
                request.transport.write(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"ok":tr')
            request.transport.close()
        return answer


def _refusal(code: int, description: str, **more: object) -> web.Response:
    body = {"ok": False, "error_code": code, "description": description, **more}
    return web.Response(body=orjson.dumps(body), status=code, content_type="application/json")
