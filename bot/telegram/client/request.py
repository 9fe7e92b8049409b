"""The requests that `telegram.Bot` makes, over our HTTP pool.

The token is part of every URL (Bot API, "Making requests"), and errors may contain URLs. So no
other error leaves this module: failures get a text of ours and are raised outside of any
``except``, so that they have neither cause nor context. The token is also removed from the texts of
servers.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from telegram import Bot
from telegram.error import BadRequest, TelegramError
from telegram.request import BaseRequest, RequestData

from bot import metrics
from bot.settings.addresses import TELEGRAM_API
from bot.telegram.client.api_errors import (
    NotSent,
    PerhapsSent,
    read_json,
    refusal,
)
from bot.telegram.client.forms import Form, encode
from bot.telegram.client.http_pool import HttpPool, NoResponse, RequestNotSent
from bot.telegram.client.older_servers import OlderServers

MAX_ANSWER_BYTES = 20 * 2**20
"""The largest answer is a file (Bot API, getFile: up to 20 MB)."""

_MESSAGE_FIELDS = ("message_id", "date", "chat", "photo")
"""The fields that the bot reads of a message that it sent, and those that the library requires.

With all fields, parsing takes twice the time. And if the library could not parse one of them, a
message that was sent would look like one that was not.
"""

_EDITED = b'{"ok":true,"result":true}'
"""The answer to an edit, instead of the edited message, which nothing reads."""

# At DEBUG the library logs the token and what people write.
logging.getLogger("telegram.Bot").setLevel(logging.INFO)

_Body = bytes | Form | None
_Timeout = float | None
_Timeouts = tuple[_Timeout, _Timeout, _Timeout, _Timeout]
"""Seconds for reading, writing, connecting, and for a free connection; None means no timeout."""


class TelegramRequest(BaseRequest):
    """The requests of one bot.

    `bot` has the methods of the Bot API. `call_prepared` makes a call without the library's objects
    in a quarter of the CPU time; broadcasts use it.

    Timeouts are in seconds. Those of the pool and of connecting raise `NotSent`, those of writing
    and reading `PerhapsSent`.
    """

    def __init__(
        self,
        token: str,
        *,
        api: str = TELEGRAM_API,
        connections: int = 250,
        read_timeout: float = 20,
        write_timeout: float = 20,
        connect_timeout: float = 5,
        pool_timeout: float = 5,
    ) -> None:
        """Prepare for `token` at `api`. `initialize` opens the pool.

        A thousand broadcast messages per second use 200 of the connections; the others remain for
        answers.
        """
        self._secret = token.rpartition(":")[2]
        self._base = f"{api.rstrip('/')}/bot{token}/"
        self._edits = f"{self._base}editMessage"
        self._origin = "/".join(self._base.split("/", 3)[:3])
        self._connections = connections
        self._timeouts = (read_timeout, write_timeout, connect_timeout, pool_timeout)
        self._pool: HttpPool | None = None
        self._older_servers = OlderServers()
        self.bot = Bot(
            token,
            base_url=lambda _: self._base.rstrip("/"),
            base_file_url=lambda _: f"{api.rstrip('/')}/file/bot{token}",
            request=self,
            get_updates_request=self,
        )
        """The methods of the Bot API, which use these connections. It needs no `initialize`."""

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer, if a call does not set its own timeout."""
        return self._timeouts[0]

    async def initialize(self) -> None:
        """Open the pool, if it is not open."""
        if self._pool is None:
            self._pool = HttpPool(
                self._origin,
                max_connections=self._connections,
                max_answer_bytes=MAX_ANSWER_BYTES,
            )

    async def shutdown(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            await pool.close()

    async def call_prepared(
        self, method: str, body: bytes, *, read_timeout: float | None = None
    ) -> Any:
        """Call a method with parameters that are JSON already; return its result as JSON values.

        Raises a TelegramError (see `bot.telegram.client.api_errors`).
        """
        read, write, connect, pool = self._timeouts
        timeouts = (read_timeout or read, write, connect, pool)
        _, payload = await self._exchange(self._base + method, body, timeouts)
        return _result(payload)["result"]

    async def download(self, file_id: str, most: int) -> bytes | None:
        """Return a file that somebody sent; None if it is over `most` bytes, or can't be had.

        Raises what the methods of `telegram.Bot` raise if Telegram is out of reach.
        """
        try:
            file = await self.bot.get_file(file_id)
            if file.file_path is None or (file.file_size or 0) > most:
                return None
            content = bytes(await file.download_as_bytearray())
        except BadRequest:
            return None
        return content if len(content) <= most else None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make a request (see `BaseRequest.do_request`). A refusal is raised here.

        The library would quote an answer that it cannot parse, and the error page of a proxy may
        contain the URL.
        """
        given = (read_timeout, write_timeout, connect_timeout, pool_timeout)
        read, write, connect, pool = (
            default if timeout is BaseRequest.DEFAULT_NONE else timeout
            for timeout, default in zip(given, self._timeouts, strict=True)
        )

        async def send(fields: Mapping[str, Any] | None) -> tuple[int, bytes]:
            body: _Body = None
            if fields and request_data is not None and request_data.contains_files:
                body = encode(fields, request_data.multipart_data)
            elif fields is not None:
                body = orjson.dumps(fields)
            return await self._exchange(url, body, (read, write, connect, pool))

        if request_data is None:
            status, payload = await send(None if method == "GET" else {})
        else:
            status, payload = await self._older_servers.call(request_data.parameters, send)
        if url.startswith(self._edits):
            _result(payload)
            payload = _EDITED
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return the answer in `payload`. Messages in it have only `_MESSAGE_FIELDS`.

        Raises PerhapsSent if the answer is incomplete.
        """
        answer = _result(payload)
        match answer["result"]:
            case {"message_id": _} as message:
                answer["result"] = _short(message)
            case [{"message_id": _}, *_] as messages:
                answer["result"] = [_short(message) for message in messages]
        return answer

    async def _exchange(self, url: str, body: _Body, timeouts: _Timeouts) -> tuple[int, bytes]:
        """Return the status and body of a successful answer; raise a TelegramError for others."""
        if self._pool is None:
            raise RuntimeError("The pool is not open. Call initialize() first.")
        failure: TelegramError | None = None
        try:
            status, payload = await _send(
                self._pool, url.removeprefix(self._origin), body, timeouts
            )
        except RequestNotSent as error:
            failure = NotSent(f"Telegram could not be reached ({_kind(error)}).")
        except Exception as error:
            failure = PerhapsSent(f"No answer from Telegram ({_kind(error)}).")
        if failure is None and not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            failure = refusal(status, payload, secret=self._secret)
        if failure is not None:
            # Any other URL is that of a file, whose path may contain anything.
            called = url.removeprefix(self._base) if url.startswith(self._base) else "a file"
            metrics.TELEGRAM_ERRORS.labels(called, type(failure).__name__).inc()
            raise failure
        return status, payload


def _kind(error: Exception) -> str:
    """Return the kind of `error` without its text, which may contain the URL."""
    return str(error) if isinstance(error, RequestNotSent | NoResponse) else type(error).__name__


async def _send(pool: HttpPool, target: str, body: _Body, timeouts: _Timeouts) -> tuple[int, bytes]:
    """Send `body`, or fetch a file where there is none. Raises RequestNotSent and NoResponse."""
    read, write, connect, free = timeouts
    connecting, with_file = _total(free, connect), _total(write, read)
    match body:
        case None:
            return await pool.get(target, connect_timeout=connecting, answer_timeout=with_file)
        case bytes():
            return await pool.post(target, body, connect_timeout=connecting, answer_timeout=read)
        case Form(media_type, content):
            return await pool.post(
                target,
                content,
                media_type=media_type,
                connect_timeout=connecting,
                answer_timeout=with_file,
            )


def _total(*timeouts: float | None) -> float | None:
    """Return the sum of `timeouts`; None, which means no timeout, if one of them is None."""
    return None if None in timeouts else sum(each for each in timeouts if each is not None)


def _result(payload: bytes) -> dict[str, Any]:
    """Return the answer in `payload`. Raises PerhapsSent if it is incomplete."""
    answer = read_json(payload)
    if not isinstance(answer, dict) or "result" not in answer:
        raise PerhapsSent("Telegram's answer is incomplete. It may have done what was asked.")
    return answer


def _short(message: dict[str, Any]) -> dict[str, Any]:
    return {name: message[name] for name in _MESSAGE_FIELDS if name in message}
