"""Keyboards as python-telegram-bot has them."""

from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.services.ports import MessagePosition
from conversations.core.buttons.packing import pack_persistent, pack_turn
from conversations.core.replies import Button, Keyboard, LinkButton, PersistentButton, TurnButton


class _Keyboard(InlineKeyboardMarkup):
    """A keyboard whose buttons have no other fields than a text, a URL, and data.

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
    target = {"callback_data": button.callback_data} if button.url is None else {"url": button.url}
    return {"text": button.text, **target}


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
        case TurnButton(label, data) if position is not None:
            packed = pack_turn(data, position.journey, position.asked)
            return InlineKeyboardButton(label, callback_data=packed)
        case PersistentButton(label, data):
            return InlineKeyboardButton(label, callback_data=pack_persistent(data))
        case LinkButton(label, url):
            return InlineKeyboardButton(label, url=url)
        case _:
            raise TypeError("a button of a turn needs the turn")
