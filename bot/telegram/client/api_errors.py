"""The errors of calls to the Bot API.

The type says what the error means for a message: `NotSent`, `PerhapsSent`, or a refusal, for which
python-telegram-bot has its own types.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import orjson
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

_DEFAULT_RETRY_AFTER = 5
"""Seconds to wait after a 429 that does not say how long, such as that of a proxy."""

_MAX_RETRY_AFTER = 10**6
"""Seconds. Telegram never asks for more than eleven days."""


class NotSent(NetworkError):
    """There was no connection: Telegram received nothing, so the call can be repeated."""


class PerhapsSent(NetworkError):
    """No readable answer came: Telegram may have done what was asked, or not."""


class TooManyRequests(RetryAfter):
    """A 429: Telegram did nothing, and accepts no further call for `seconds`."""

    def __init__(self, seconds: float) -> None:
        """Telegram asks to wait `seconds`."""
        # RetryAfter's constructor warns of a coming change in python-telegram-bot.
        TelegramError.__init__(self, f"Telegram asks to wait {seconds} seconds.")
        self.seconds = seconds
        self._retry_after = timedelta(seconds=seconds)

    @property
    def retry_after(self) -> timedelta:
        """How long Telegram asks to wait."""
        return self._retry_after


class UnknownMethod(InvalidToken, EndPointNotFound):
    """A 404: the server does not know the method, or the token. It says the same of both.

    After a successful getMe, the token is not the reason: catch `EndPointNotFound` then.
    """


_REFUSALS: Mapping[int, type[TelegramError]] = {
    HTTPStatus.UNAUTHORIZED: InvalidToken,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: UnknownMethod,
    HTTPStatus.CONFLICT: Conflict,
}


def read_json(payload: bytes) -> Any:
    """Return the value of `payload`, or None if it is not JSON.

    A lone surrogate, which orjson refuses, becomes a question mark: the text of one person must not
    make a whole batch of updates unreadable.
    """
    with suppress(orjson.JSONDecodeError):
        return orjson.loads(payload)
    with suppress(ValueError, RecursionError):
        lenient = json.dumps(json.loads(payload.decode(errors="replace")), ensure_ascii=False)
        return orjson.loads(lenient.encode(errors="replace"))
    return None


def refusal(status: int, payload: bytes, *, secret: str) -> TelegramError:
    """Return the error for an answer whose status is no success (Bot API, "Making requests").

    An answer that is not Telegram's JSON comes from a proxy or the like. Its 403 does not mean that
    a person has blocked the bot. `secret` is removed from the error's text.
    """
    answer = read_json(payload)
    fields = answer if isinstance(answer, dict) else {}
    parameters = fields.get("parameters")
    hints = parameters if isinstance(parameters, dict) else {}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = hints.get("retry_after")
        if isinstance(wait, int | float) and 0 < wait < _MAX_RETRY_AFTER:
            return TooManyRequests(wait)
        return TooManyRequests(_DEFAULT_RETRY_AFTER)
    description = str(fields.get("description") or f"HTTP {status}").replace(secret, "…")
    if "migrate_to_chat_id" in hints:
        migrated = ChatMigrated(hints["migrate_to_chat_id"])
        migrated.message = description  # the original text contains the chat
        return migrated
    if status == HTTPStatus.NOT_FOUND or (fields and status in _REFUSALS):
        return _REFUSALS[status](description)
    if fields and HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return BadRequest(description)
    return PerhapsSent(f"Telegram failed, or something else answered: {description}")
