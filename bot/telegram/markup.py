"""Keyboards as python-telegram-bot has them."""

from typing import Any

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.services.ports import MessagePosition
from conversations.core.buttons.packing import pack_persistent, pack_turn
from conversations.core.replies import (
    Button,
    CopyButton,
    Keyboard,
    LinkButton,
    PersistentButton,
    TurnButton,
)


class _Keyboard(InlineKeyboardMarkup):
    """A keyboard whose buttons have only the fields that `_fields` writes.

    The library's `to_dict` goes through all fields that a button can have: it took an eighth of the
    bot's CPU time.
    """

    __slots__ = ()

    def to_dict(self, recursive: bool = True) -> dict[str, Any]:
        """Return the keyboard as the Bot API takes it."""
        return {
            "inline_keyboard": [[_fields(button) for button in row] for row in self.inline_keyboard]
        }


def _fields(button: InlineKeyboardButton) -> dict[str, Any]:
    fields = {"text": button.text}
    if button.url is not None:
        return {**fields, "url": button.url}
    if button.copy_text is not None:
        return {**fields, "copy_text": {"text": button.copy_text.text}}
    if button.style is not None:
        fields["style"] = button.style
    return {**fields, "callback_data": button.callback_data}


def inline_keyboard(
    keyboard: Keyboard, position: MessagePosition | None = None
) -> InlineKeyboardMarkup | None:
    """Return `keyboard`, or None where it has no rows.

    Its turn buttons belong to the turn at `position`. Raises TypeError if that is missing.
    """
    rows = [[_button(button, position) for button in row] for row in keyboard]
    return _Keyboard(rows) if rows else None


def _button(button: Button, position: MessagePosition | None) -> InlineKeyboardButton:
    match button:
        case TurnButton(label, data, style) if position is not None:
            packed = pack_turn(data, position.journey, position.asked)
            return InlineKeyboardButton(label, callback_data=packed, style=style)
        case PersistentButton(label, data):
            return InlineKeyboardButton(label, callback_data=pack_persistent(data))
        case LinkButton(label, url):
            return InlineKeyboardButton(label, url=url)
        case CopyButton(label, text):
            return InlineKeyboardButton(label, copy_text=CopyTextButton(text))
        case _:
            raise TypeError("a button of a turn needs the turn")
