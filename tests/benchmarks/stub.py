"""The least of a Bot API on aiohttp, in a process of its own: one answer to every message.

It prints its port. `/count` tells how many messages came.
"""

import asyncio

import orjson
import uvloop
from aiohttp import web

from tests.benchmarks.processes import end_with_parent

BOT = {"id": 42, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
SENT = {
    "message_id": 4242,
    "date": 1_700_000_000,
    "chat": {"id": 1001, "type": "private", "first_name": "Maria", "last_name": "Silva"},
    "from": BOT,
    "text": "Your letter has left. Thank you: the people of Hong Kong are not alone.",
}


async def serve() -> None:
    me, sent = (orjson.dumps({"ok": True, "result": result}) for result in (BOT, SENT))
    count = 0

    async def answer(request: web.BaseRequest) -> web.Response:
        nonlocal count
        body = await request.read()
        if request.path == "/count":
            return web.Response(text=str(count))
        if not request.path.endswith("/sendMessage"):
            return web.Response(body=me, content_type="application/json")
        if b"chat_id" not in body or b"people" not in body:
            return web.Response(status=400, text="This is no message.")
        count += 1
        return web.Response(body=sent, content_type="application/json")

    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)  # noqa: T201 - the parent reads it
    await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    end_with_parent()
    uvloop.run(serve())
