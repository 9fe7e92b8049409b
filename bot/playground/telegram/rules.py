"""What Telegram takes and what it refuses, each rule with its place in the Bot API."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from bot.playground.telegram.entities import parse, units
from bot.playground.telegram.refusal import Refused, bad

TEXT = 4096
"""sendMessage, text: "1-4096 characters after entities parsing"."""

CAPTION = 1024
"""sendPhoto, caption: "0-1024 characters after entities parsing"."""

CALLBACK_BYTES = 64
"""InlineKeyboardButton, callback_data: "1-64 bytes"."""

COPY = 256
"""CopyTextButton, text: "1-256 characters"."""

TOAST = 200
"""answerCallbackQuery, text: "0-200 characters"."""

BUTTONS, IN_A_ROW = 100, 8
"""Telegram's servers take about 100 buttons, and 8 in a row."""

DELETABLE = timedelta(hours=48)
"""deleteMessage: "A message can only be deleted if it was sent less than 48 hours ago"."""

PRESS_LIVES = timedelta(seconds=150)
"""How long a press waits for its answer."""

UPDATE_LIVES = timedelta(hours=24)
"""Getting updates: "they will not be kept longer than 24 hours"."""

FLOOD = 30.0
"""Messages that a bot may send at once, and in a second."""

_BUTTON_KINDS = ("callback_data", "url", "copy_text", "switch_inline_query", "web_app", "pay")


def rich(fields: Mapping[str, Any], name: str, most: int) -> tuple[str, list[dict[str, Any]]]:
    """Return a text or caption with its entities, trimmed as Telegram trims it."""
    given = fields.get(name)
    text = "" if given is None else str(given)
    mode = fields.get("parse_mode")
    entities: list[dict[str, Any]] = []
    match mode:
        case None | "":
            entities = decoded(fields.get("entities")) or []
        case str() if mode.lower() == "html":
            text, entities = parse(text)
        case _:
            raise bad("unsupported parse_mode")
    if name == "text" and not text.strip():
        raise bad("message text is empty")
    if units(text) > most:
        raise bad("message is too long" if name == "text" else "message caption is too long")
    return text, entities


def markup(fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the reply_markup, after looking at each button. Raises Refused."""
    given = decoded(fields.get("reply_markup"))
    if given in (None, ""):
        return None
    if not isinstance(given, dict):
        raise bad("object expected as reply markup")
    rows = given.get("inline_keyboard")
    if rows is None:
        return given
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('can\'t parse inline keyboard: Field "inline_keyboard" must be an Array')
    if sum(len(row) for row in rows) > BUTTONS or any(len(row) > IN_A_ROW for row in rows):
        raise bad("REPLY_MARKUP_TOO_LONG")
    for row in rows:
        for button in row:
            _button(button)
    return {"inline_keyboard": [row for row in rows if row]}


def _button(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad('can\'t parse inline keyboard button: Field "text" must be of type String')
    if not button["text"].strip():
        raise bad("can't parse inline keyboard button: text must be non-empty")
    kinds = [kind for kind in _BUTTON_KINDS if kind in button]
    if len(kinds) != 1:
        raise bad("Text buttons are unallowed in the inline keyboard")
    match kinds[0]:
        case "callback_data":
            if not 1 <= len(str(button["callback_data"]).encode()) <= CALLBACK_BYTES:
                raise bad("BUTTON_DATA_INVALID")
        case "url":
            if not str(button["url"]).startswith(("http://", "https://", "tg://")):
                raise bad("BUTTON_URL_INVALID")
        case "copy_text":
            if not 1 <= units(str(button["copy_text"].get("text", ""))) <= COPY:
                raise bad("BUTTON_COPY_TEXT_INVALID")


def decoded(value: Any) -> Any:
    """Return a parameter that a form carries as JSON."""
    if not isinstance(value, str) or not value.strip():
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise bad("can't parse JSON-encoded parameter") from None


def number(fields: Mapping[str, Any], name: str) -> int:
    """Return a whole number. Raises Refused."""
    try:
        return int(fields[name])
    except (KeyError, TypeError, ValueError):
        missing = {
            "chat_id": "chat_id is empty",
            "message_id": "message identifier is not specified",
        }
        raise bad(missing.get(name, f"invalid {name} specified")) from None


class Bucket:
    """How much a bot may send: 30 at once, 30 a second (Bots FAQ, "My bot is hitting limits")."""

    def __init__(self) -> None:
        """Begin full."""
        self._left = FLOOD
        self._counted: datetime | None = None

    def spend(self, now: datetime) -> None:
        """Take one. Raises Refused, with the seconds to wait."""
        passed = (now - self._counted).total_seconds() if self._counted else 0.0
        self._left, self._counted = min(FLOOD, self._left + passed * FLOOD), now
        if self._left < 1:
            raise Refused(429, "Too Many Requests: retry after 1", retry_after=1)
        self._left -= 1
