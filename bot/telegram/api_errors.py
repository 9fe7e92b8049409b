"""What came back from the Bot API, where it is not what was asked for.

The type of an error says what it means for a message: `NotSent`, `PerhapsSent`, or a refusal, which
is one of python-telegram-bot's own errors.
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

_UNTOLD_WAIT = 5
"""Seconds to wait after a 429 that names none, as a proxy in between may send."""

_LONGEST_WAIT = 10**6
"""Seconds. What asks for more than eleven days is no wait that Telegram ever named."""


class NotSent(NetworkError):
    """No connection was to be had: Telegram saw nothing, and asking again does nothing twice."""


class PerhapsSent(NetworkError):
    """No answer came that can be read: Telegram may have done what was asked, or may not."""


class TooManyRequests(RetryAfter):
    """A 429: Telegram did nothing, and wants no more for `seconds`."""

    def __init__(self, seconds: float) -> None:
        """Say how long to wait."""
        # Not RetryAfter's constructor, which warns of a change to come in python-telegram-bot.
        TelegramError.__init__(self, f"Telegram asks to wait {seconds} seconds.")
        self.seconds = seconds
        self._retry_after = timedelta(seconds=seconds)

    @property
    def retry_after(self) -> timedelta:
        """How long to wait."""
        return self._retry_after


class UnknownMethod(InvalidToken, EndPointNotFound):
    """A 404: this server knows no such method, or no such token (it says the same of both).

    Where the method is only cosmetic, catch `EndPointNotFound`: after a getMe that succeeded, the
    token is not the reason.
    """


_REFUSALS: Mapping[int, type[TelegramError]] = {
    HTTPStatus.UNAUTHORIZED: InvalidToken,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: UnknownMethod,
    HTTPStatus.CONFLICT: Conflict,
}


def read_json(payload: bytes) -> Any:
    """Return what `payload` says, or None where it is no JSON.

    A lone surrogate, which orjson refuses, becomes a question mark: one person's text must not make
    a whole batch of updates unreadable.
    """
    with suppress(orjson.JSONDecodeError):
        return orjson.loads(payload)
    with suppress(ValueError, RecursionError):
        lenient = json.dumps(json.loads(payload.decode(errors="replace")), ensure_ascii=False)
        return orjson.loads(lenient.encode(errors="replace"))
    return None


def refusal(status: int, payload: bytes, *, secret: str) -> TelegramError:
    """Return what an answer outside the 200s means (Bot API, "Making requests").

    What is not Telegram's JSON comes from something in between, such as a proxy, whose 403 does not
    mean that a person has blocked the bot. `secret` is left out of what is repeated.
    """
    answer = read_json(payload)
    told = answer if isinstance(answer, dict) else {}
    parameters = told.get("parameters")
    hints = parameters if isinstance(parameters, dict) else {}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = hints.get("retry_after")
        if isinstance(wait, int | float) and 0 < wait < _LONGEST_WAIT:
            return TooManyRequests(wait)
        return TooManyRequests(_UNTOLD_WAIT)
    description = str(told.get("description") or f"HTTP {status}").replace(secret, "…")
    if "migrate_to_chat_id" in hints:
        migrated = ChatMigrated(hints["migrate_to_chat_id"])
        migrated.message = description  # its own names the chat
        return migrated
    if status == HTTPStatus.NOT_FOUND or (told and status in _REFUSALS):
        return _REFUSALS[status](description)
    if told and HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return BadRequest(description)
    return PerhapsSent(f"Something else answered in Telegram's place, or it failed: {description}")
