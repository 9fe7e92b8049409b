"""Buttons in rows and pages: a panel has no more of them than a phone shows at once."""

from collections.abc import Callable, Sequence

from conversations.core.replies import Button, Keyboard

MAX_BUTTONS = 7
"""How many buttons a panel has."""


def in_rows(buttons: Sequence[Button], columns: int) -> Keyboard:
    """Return the buttons in rows of `columns`."""
    return tuple(tuple(buttons[at : at + columns]) for at in range(0, len(buttons), columns))


def page_of(
    buttons: Sequence[Button], number: int, columns: int, turn: Callable[[int], Button]
) -> Keyboard:
    """Return page `number`, from 1 on, in rows of `columns`; all buttons where they fit on one.

    `turn` makes the button that opens another page by its number. The last page leads to the first.
    """
    if len(buttons) <= MAX_BUTTONS:
        return in_rows(buttons, columns)
    size = MAX_BUTTONS - 1
    pages = -(-len(buttons) // size)
    page = min(max(number, 1), pages)
    shown = buttons[(page - 1) * size : page * size]
    return (*in_rows(shown, columns), (turn(page % pages + 1),))
