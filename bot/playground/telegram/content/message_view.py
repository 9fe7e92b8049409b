"""Turns a message of the Bot API into what the page shows of it."""

from collections.abc import Mapping
from typing import Any

from bot.playground.telegram.content.entities import to_html

Message = dict[str, Any]

_KINDS = (
    "photo",
    "sticker",
    "voice",
    "video",
    "animation",
    "document",
    "audio",
    "location",
    "contact",
)
"""The contents besides text, each the name of its field in Message."""


def message_view(message: Message, files: Mapping[str, tuple[bytes, str]]) -> dict[str, Any]:
    """Return what the page shows of a message. `files` has content and name by file_id."""
    text: str = message.get("text") or message.get("caption") or ""
    entities: list[Any] = message.get("entities") or message.get("caption_entities") or []
    photo = message["photo"][-1]["file_id"] if "photo" in message else None
    picture = photo if photo in files else None  # `Person.send_other` sends no content
    kind = None if picture else next((kind for kind in _KINDS if kind in message), None)
    return {
        "message_id": message["message_id"],
        "mine": not message["from"]["is_bot"],
        "text": text,
        "html": to_html(text, entities),
        "photo": picture,
        "kind": kind,
        "name": _file_name(message, kind, files),
        "keyboard": [
            [_button_view(button) for button in row]
            for row in (message.get("reply_markup") or {}).get("inline_keyboard", [])
        ],
        "date": message["date"],
        "edited": "edit_date" in message,
    }


def _file_name(message: Message, kind: str | None, files: Mapping[str, tuple[bytes, str]]) -> str:
    """Return the name of the message's file; "" if it has none."""
    file = message.get(kind or "")
    stored = files.get(file.get("file_id", "")) if isinstance(file, dict) else None
    return stored[1] if stored else ""


def _button_view(button: dict[str, Any]) -> dict[str, Any]:
    view = {"text": button["text"], "style": button.get("style", "")}
    if "url" in button:
        return {**view, "kind": "url", "url": button["url"]}
    if "copy_text" in button:
        return {**view, "kind": "copy", "copy": button["copy_text"]["text"]}
    return {**view, "kind": "press", "data": button.get("callback_data", "")}
