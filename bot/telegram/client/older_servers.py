"""Sends calls with new features of the Bot API again without them, where a server is too old.

A self-hosted Bot API server may be older than the bot (github.com/tdlib/telegram-bot-api). It
refuses an HTML tag or a kind of button that it doesn't know. Each process learns this once.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import Any, TypeVar

import structlog
from telegram.error import BadRequest

T = TypeVar("T")

Fields = Mapping[str, Any]
"""The parameters of a call, as JSON values."""

log = structlog.get_logger()

_TIME_TAG = re.compile(r"</?tg-time\b[^>]*>")
_TEXTS = ("text", "caption")


class NewFeature(Enum):
    """A feature that older servers refuse."""

    TIME = "date_time"
    """Times that each reader sees in their own time zone (Bot API 9.5, date_time)."""
    STYLE = "style"
    """The colour of a button (Bot API 9.4, InlineKeyboardButton, style)."""
    COPY = "copy_text"
    """Buttons that copy a text (Bot API 7.11, CopyTextButton). Older servers see no kind."""


_REFUSALS: Mapping[NewFeature, tuple[str, ...]] = {
    NewFeature.TIME: ("tg-time",),
    NewFeature.STYLE: ("style", "button", "keyboard"),
    NewFeature.COPY: ("copy_text", "button", "keyboard"),
}
"""Parts of the refusals of a server that doesn't know a feature, in lower case."""


class OlderServers:
    """Knows which features the server of this process refuses."""

    def __init__(self) -> None:
        """Begin with the assumption that the server knows every feature."""
        self._refused: set[NewFeature] = set()

    async def call(self, fields: Fields, send: Callable[[Fields], Awaitable[T]]) -> T:
        """Return the result of `send` with `fields`, without the features that are refused.

        A feature is remembered as refused once the same call succeeds without it. Raises what
        `send` raises.
        """
        for feature in self._refused:
            fields = without(fields, feature)
        tried: NewFeature | None = None
        while True:
            try:
                result = await send(fields)
            except BadRequest as error:
                tried, fields = _simplified(fields, error)
            else:
                break
        if tried is not None:
            self._refused.add(tried)
            log.info("server lacks a feature", kind=tried.value)
        return result


def _simplified(fields: Fields, error: BadRequest) -> tuple[NewFeature, Fields]:
    """Return a feature that may be the reason of a refusal, and the fields without it.

    Raises `error` if there is none.
    """
    description = error.message.lower()
    for feature, fragments in _REFUSALS.items():
        if any(fragment in description for fragment in fragments):
            simpler = without(fields, feature)
            if simpler != fields:
                return feature, simpler
    raise error


def without(fields: Fields, feature: NewFeature) -> Fields:
    """Return the parameters of a call without a feature."""
    if feature is NewFeature.TIME:
        return {name: _without_times(name, value) for name, value in fields.items()}
    markup = fields.get("reply_markup")
    if not isinstance(markup, dict) or "inline_keyboard" not in markup:
        return fields
    rows = [_row_without(row, feature) for row in markup["inline_keyboard"]]
    return {**fields, "reply_markup": {**markup, "inline_keyboard": [row for row in rows if row]}}


def _without_times(name: str, value: Any) -> Any:
    """Return a field whose times stand as plain text: in UTC, as the text inside the tag says."""
    if name in _TEXTS and isinstance(value, str):
        return _TIME_TAG.sub("", value)
    if name == "media" and isinstance(value, dict):  # editMessageMedia, InputMedia, caption
        return {key: _without_times(key, each) for key, each in value.items()}
    return value


def _row_without(row: list[dict[str, Any]], feature: NewFeature) -> list[dict[str, Any]]:
    if feature is NewFeature.COPY:
        return [button for button in row if "copy_text" not in button]
    return [{key: each for key, each in button.items() if key != "style"} for button in row]
