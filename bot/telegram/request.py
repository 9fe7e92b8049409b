"""One request to the Bot API: over `lines`, or over aiohttp where files come along or back.

The token is part of every address (Bot API, "Making requests"), and aiohttp writes addresses into
its errors. So nothing of aiohttp's leaves this module: failures are told in our own words, raised
outside of any ``except`` so that they carry neither cause nor context, and what a server says is
searched for the token before it is repeated.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from io import BytesIO
from typing import IO, Any

import aiohttp
import orjson
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from bot import metrics
from bot.settings.addresses import TELEGRAM_API
from bot.telegram.api_errors import (
    NotSent,
    PerhapsSent,
    read_json,
    refusal,
)
from bot.telegram.http_pool import HttpPool, NoResponse, RequestNotSent

LARGEST_ANSWER = 20 * 2**20
"""Bytes. The largest thing Telegram answers with is a file (Bot API, getFile: up to 20 MB)."""

_MESSAGE_FIELDS = ("message_id", "date", "chat", "photo")
"""The fields that the bot reads of a message it has sent, and those that the library requires.

To parse the others takes twice the time, and a new kind of content that the library cannot parse
would make a sent message look like an unsent one.
"""

_EDITED = b'{"ok":true,"result":true}'
"""What an edit returns, in place of the message as it is now: nothing reads that."""

_BEFORE_SENDING = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)

# At DEBUG the library logs the token and what people write.
logging.getLogger("telegram.Bot").setLevel(logging.INFO)

_Body = bytes | aiohttp.FormData | None
_File = tuple[str, bytes | IO[bytes], str]
"""Name, content and media type, as python-telegram-bot has them."""
_Wait = float | None
_Waits = tuple[_Wait, _Wait, _Wait, _Wait]
"""Seconds for reading, writing, connecting, and for a free connection; None has no end."""


class TelegramRequest(BaseRequest):
    """The requests of one bot, on kept connections.

    It stands behind a `telegram.Bot` (both of its request slots may share one), and has in `call` a
    way of its own that spares building and parsing the library's objects: 28 % of a send.

    Time-outs are in seconds. Those of pool and connection end in `NotSent`, those of writing and
    reading in `PerhapsSent`.
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
        """Prepare for `token` at `api`; nothing is opened before `initialize`.

        A thousand updates a second have 200 connections in use, and leave the rest to answers.
        """
        self._secret = token.rpartition(":")[2]
        self._base = f"{api.rstrip('/')}/bot{token}/"
        self._edits = f"{self._base}editMessage"
        self._origin = "/".join(self._base.split("/", 3)[:3])
        self._connections = connections
        self._waits = (read_timeout, write_timeout, connect_timeout, pool_timeout)
        self._session: aiohttp.ClientSession | None = None
        self._lines: HttpPool | None = None
        self.bot = Bot(
            token,
            base_url=lambda _: self._base.rstrip("/"),
            request=self,
            get_updates_request=self,
        )
        """The methods of the Bot API, which use these connections. It needs no `initialize`."""

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer where a call says nothing else."""
        return self._waits[0]

    async def initialize(self) -> None:
        """Open the pool. Once is enough; twice does no harm."""
        if self._session is None:
            self._lines = HttpPool(self._origin, most=self._connections, largest=LARGEST_ANSWER)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections, ttl_dns_cache=300, keepalive_timeout=30
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
            )

    async def shutdown(self) -> None:
        """Close all connections."""
        if self._session is not None and self._lines is not None:
            session, lines = self._session, self._lines
            self._session = self._lines = None
            await session.close()
            await lines.close()

    async def call_prepared(
        self, method: str, body: bytes, *, read_timeout: float | None = None
    ) -> Any:
        """Call a method whose parameters are JSON already; return its result as plain JSON values.

        Raises `NotSent`, `PerhapsSent`, `TooManyRequests`, `UnknownMethod`, or what
        python-telegram-bot raises for the refusal.
        """
        read, write, connect, pool = self._waits
        waits = (read_timeout or read, write, connect, pool)
        _, payload = await self._exchange("POST", self._base + method, body, waits)
        return _result(payload)["result"]

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
        """Do as `BaseRequest.do_request` says; what is refused is raised here, as in `call`.

        The library would quote a body that it cannot read, and an error page of a proxy may repeat
        the address.
        """
        given = (read_timeout, write_timeout, connect_timeout, pool_timeout)
        read, write, connect, pool = (
            usual if wait is BaseRequest.DEFAULT_NONE else wait
            for wait, usual in zip(given, self._waits, strict=True)
        )
        body: _Body = None
        if request_data is not None and request_data.contains_files:
            body = _form(request_data.json_parameters, request_data.multipart_data)
        elif request_data is not None:
            body = orjson.dumps(request_data.parameters)
        status, payload = await self._exchange(method, url, body, (read, write, connect, pool))
        if url.startswith(self._edits):
            _result(payload)
            payload = _EDITED
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return the answer in `payload`, its messages without most of their fields.

        Raises PerhapsSent if the answer is incomplete.
        """
        answer = _result(payload)
        match answer["result"]:
            case {"message_id": _} as message:
                answer["result"] = _short(message)
            case [{"message_id": _}, *_] as messages:
                answer["result"] = [_short(message) for message in messages]
        return answer

    async def _exchange(
        self, method: str, url: str, body: _Body, waits: _Waits
    ) -> tuple[int, bytes]:
        """Return status and body of an answer in the 200s; raise what any other one means."""
        if self._session is None or self._lines is None:
            raise RuntimeError("The request layer is not open: initialize() comes first.")
        failure: TelegramError | None = None
        try:
            if method == "POST" and isinstance(body, bytes) and url.startswith(self._origin):
                read, _, connect, pool = waits
                status, payload = await self._lines.post(
                    url[len(self._origin) :], body, connect=_total(pool, connect), answer=read
                )
            else:
                status, payload = await _carried(self._session, method, url, body, waits)
        except (RequestNotSent, *_BEFORE_SENDING) as error:
            failure = NotSent(f"Telegram could not be reached ({_kind(error)}).")
        except Exception as error:
            failure = PerhapsSent(f"No answer from Telegram ({_kind(error)}).")
        if failure is None and not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            failure = refusal(status, payload, secret=self._secret)
        if failure is not None:
            # What is not a method is a file, whose path may be anything.
            called = url.removeprefix(self._base) if url.startswith(self._base) else "a file"
            metrics.TELEGRAM_ERRORS.labels(called, type(failure).__name__).inc()
            raise failure
        return status, payload


def _kind(error: Exception) -> str:
    """Return what went wrong, without an error's words: they may hold the address."""
    return str(error) if isinstance(error, RequestNotSent | NoResponse) else type(error).__name__


async def _carried(
    session: aiohttp.ClientSession, method: str, url: str, body: _Body, waits: _Waits
) -> tuple[int, bytes]:
    """Bring a form, or fetch a file. aiohttp knows a wait for pool and connection together only."""
    read, write, connect, pool = waits
    limits = aiohttp.ClientTimeout(
        total=_total(pool, connect, write, read),
        connect=_total(pool, connect),
        sock_connect=connect,
        sock_read=read,
    )
    # No redirects: the token goes nowhere else.
    asked = session.request(method, url, data=body, timeout=limits, allow_redirects=False)
    async with asked as response:
        return response.status, await _bounded(response)


def _total(*waits: float | None) -> float | None:
    """Return the sum of `waits`, or None where one has no end."""
    return None if None in waits else sum(wait for wait in waits if wait is not None)


def _result(payload: bytes) -> dict[str, Any]:
    """Return the answer in `payload`. Raises PerhapsSent if it is incomplete."""
    answer = read_json(payload)
    if not isinstance(answer, dict) or "result" not in answer:
        raise PerhapsSent("Telegram's answer is incomplete. It may have done what was asked.")
    return answer


def _short(message: dict[str, Any]) -> dict[str, Any]:
    return {name: message[name] for name in _MESSAGE_FIELDS if name in message}


def _form(fields: Mapping[str, str], files: Mapping[str, _File]) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)  # names in UTF-8, as browsers send them
    for name, value in fields.items():
        form.add_field(name, value)
    for name, (filename, content, media_type) in files.items():
        # aiohttp warns of large bytes, which it would write in one go.
        stream = BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=filename, content_type=media_type)
    return form


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    """Return the body of `response`; raise `ClientPayloadError` where it is beyond all measure."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > LARGEST_ANSWER:
            raise aiohttp.ClientPayloadError
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
