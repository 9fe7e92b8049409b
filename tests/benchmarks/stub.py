"""A minimal Bot API in a separate process, which gives every message the same answer.

It is written by hand, so that it costs a fraction of what is measured. It prints its port. With a
rate, it accepts that many messages a second (token bucket of that size), answers 429 above it, and
delays each answer by `DELAY`. `/tally` returns what was received since the last call.
"""

import asyncio
import re
import sys
import time
from collections import Counter
from typing import cast

import orjson
import uvloop

from tests.benchmarks.processes import end_with_parent

BOT = {"id": 42, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
CHAT = {"id": 1001, "type": "private", "first_name": "Maria", "last_name": "Silva"}
SENT = {
    "message_id": 4242,
    "date": 1_700_000_000,
    "chat": CHAT,
    "from": BOT,
    "text": "Your letter has left. Thank you: the people of Hong Kong are not alone.",
}
TOO_MANY_REQUESTS = {
    "ok": False,
    "error_code": 429,
    "description": "Too Many Requests: retry after 1",
    "parameters": {"retry_after": 1},
}

DELAY = 0.05
"""Seconds until an answer is sent."""

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHAT = re.compile(rb"chat_id\D{1,8}(\d+)")
"""Finds the chat id, in JSON and in both encodings of a form."""


def _answer(status: bytes, content: object) -> bytes:
    body = orjson.dumps(content)
    head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


_ME, _SENT = (_answer(b"200 OK", {"ok": True, "result": each}) for each in (BOT, SENT))
_TOO_MANY_REQUESTS = _answer(b"429 Too Many Requests", TOO_MANY_REQUESTS)
_NONE = _answer(b"400 Bad Request", {"ok": False, "description": "This is not a message."})


class Telegram:
    """Counts messages: how many, to whom, and when."""

    def __init__(self, rate: float) -> None:
        self._rate = self._tokens = rate
        self.delay = DELAY if rate else 0.0
        self._filled = time.monotonic()
        self._first = self._last = 0.0
        self._reset()

    def answer(self, path: bytes, body: bytes) -> bytes:
        if path == b"/tally":
            return self._tally()
        if not path.endswith(b"/sendMessage"):
            return _ME
        chat = _CHAT.search(body)
        if chat is None or b"people" not in body:
            return _NONE
        now = time.monotonic()
        if self._rate and not self._take_token(now):
            self._refused += 1
            return _TOO_MANY_REQUESTS
        self._came[chat[1]] += 1
        self._first, self._last = self._first or now, now
        return _SENT

    def _take_token(self, now: float) -> bool:
        self._tokens = min(self._rate, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _tally(self) -> bytes:
        came = self._came
        tally = {
            "messages": came.total(),
            "people": len(came),
            "most": max(came.values(), default=0),
            "refused": self._refused,
            "seconds": self._last - self._first,
        }
        self._reset()
        return _answer(b"200 OK", tally)

    def _reset(self) -> None:
        self._came: Counter[bytes] = Counter()
        self._refused, self._first, self._last = 0, 0.0, 0.0


class _Session(asyncio.Protocol):
    """One connection; requests have a Content-Length and come one at a time."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._came = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # cast, not isinstance: uvloop's transports are no subclass of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._came += data
        while (end := self._came.find(_END)) >= 0:
            length = _LENGTH.search(self._came, 0, end)
            whole = end + len(_END) + (int(length[1]) if length else 0)
            if len(self._came) < whole:
                return
            path = self._came[: self._came.index(b"\r\n")].split(b" ")[1]
            body, self._came = self._came[end + len(_END) : whole], self._came[whole:]
            self._answer(self._telegram.answer(path, body))

    def _answer(self, answer: bytes) -> None:
        if self._telegram.delay:
            loop = asyncio.get_running_loop()
            loop.call_later(self._telegram.delay, self._transport.write, answer)
        else:
            self._transport.write(answer)


async def serve(rate: float) -> None:
    telegram, loop = Telegram(rate), asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Session(telegram), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - the parent reads it
    await loop.create_future()


if __name__ == "__main__":
    end_with_parent()
    uvloop.run(serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0))
