"""Keyboards as python-telegram-bot has them."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.services.ports import MessagePosition
from conversations.core.buttons.packing import pack_persistent, pack_turn
from conversations.core.replies import Button, Keyboard, LinkButton, PersistentButton, TurnButton


def inline_keyboard(
    keyboard: Keyboard, place: MessagePosition | None = None
) -> InlineKeyboardMarkup | None:
    """Return `keyboard`, or None where it has no rows.

    Its turn buttons belong to the turn at `place`. Raises TypeError if they need one and have none.
    """
    rows = [[_button(button, place) for button in row] for row in keyboard]
    return InlineKeyboardMarkup(rows) if rows else None


def _button(button: Button, place: MessagePosition | None) -> InlineKeyboardButton:
    match button:
        case TurnButton(label, data) if place is not None:
            packed = pack_turn(data, place.journey, place.asked)
            return InlineKeyboardButton(label, callback_data=packed)
        case PersistentButton(label, data):
            return InlineKeyboardButton(label, callback_data=pack_persistent(data))
        case LinkButton(label, url):
            return InlineKeyboardButton(label, url=url)
        case _:
            raise TypeError("a button of a turn needs the turn")
