"""Checks reply_markup as Telegram does; each rule names its place in the Bot API."""

from typing import Any

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.content.entities import utf16_length
from bot.playground.telegram.refusal import bad_request

MAX_CALLBACK_BYTES = 64
"""InlineKeyboardButton, callback_data: "1-64 bytes"."""

MAX_COPY_LENGTH = 256
"""CopyTextButton, text: "1-256 characters"."""

MAX_BUTTONS, MAX_BUTTONS_PER_ROW = 100, 8
"""Telegram's servers accept about 100 buttons, and 8 in a row."""

_STYLES = ("danger", "success", "primary")
"""InlineKeyboardButton, style: 'Must be one of "danger" (red), "success" (green) or "primary"
(blue)' (Bot API 9.4)."""

_BUTTON_KINDS = ("callback_data", "url", "copy_text", "switch_inline_query", "web_app", "pay")
"""InlineKeyboardButton: "Exactly one of the fields … must be used to specify type"."""

_OTHER_MARKUPS = ("keyboard", "remove_keyboard", "force_reply")

Markup = dict[str, Any]


def inline(call: ApiCall) -> Markup | None:
    """Return an InlineKeyboardMarkup, the only kind that an edit can set. Raises ApiRefusal."""
    markup = read(call)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def read(call: ApiCall) -> Markup | None:
    """Check and return the reply_markup. Raises ApiRefusal."""
    given = call.value("reply_markup")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in given:
        rows = _rows(given, "inline_keyboard")
        for row in rows:
            for button in row:
                _check_inline_button(button)
        return {"inline_keyboard": rows}
    if "keyboard" in given:
        rows = _rows(given, "keyboard")
        return {**given, "keyboard": [[_reply_button(button) for button in row] for row in rows]}
    return given if any(given.get(kind) for kind in _OTHER_MARKUPS) else None


def _rows(markup: Markup, name: str) -> list[list[Any]]:
    rows = markup[name]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'can\'t parse keyboard: Field "{name}" must be an Array of Arrays')
    if sum(len(row) for row in rows) > MAX_BUTTONS or any(
        len(row) > MAX_BUTTONS_PER_ROW for row in rows
    ):
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return [row for row in rows if row]


def _check_label(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request('can\'t parse keyboard button: Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("can't parse keyboard button: text must be non-empty")
    if button.get("style", "primary") not in _STYLES:
        raise bad_request("can't parse keyboard button: invalid button style specified")


def _reply_button(button: Any) -> dict[str, Any]:
    """KeyboardButton: "For simple text buttons, String can be used instead of this object"."""
    full = {"text": button} if isinstance(button, str) else button
    _check_label(full)
    return dict(full)


def _check_inline_button(button: Any) -> None:
    _check_label(button)
    kinds = [kind for kind in _BUTTON_KINDS if kind in button]
    if len(kinds) != 1:
        raise bad_request("Text buttons are unallowed in the inline keyboard")
    match kinds[0]:
        case "callback_data":
            if not 1 <= len(str(button["callback_data"]).encode()) <= MAX_CALLBACK_BYTES:
                raise bad_request("BUTTON_DATA_INVALID")
        case "url":
            # InlineKeyboardButton, url: "HTTP or tg:// URL".
            if not str(button["url"]).startswith(("http://", "https://", "tg://")):
                raise bad_request("BUTTON_URL_INVALID")
        case "copy_text":
            copied = button["copy_text"]
            text = copied.get("text") if isinstance(copied, dict) else None
            if not isinstance(text, str) or not 1 <= utf16_length(text) <= MAX_COPY_LENGTH:
                raise bad_request("BUTTON_COPY_TEXT_INVALID")
