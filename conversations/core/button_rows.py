"""How buttons share rows: a label that is cut in half a row has the whole row."""

import unicodedata
from collections.abc import Sequence

from conversations.core.replies import Button, Keyboard

_HALF_ROW = 21
"""How many Latin letters half a row of a phone holds."""


def paired(buttons: Sequence[Button]) -> Keyboard:
    """Return the buttons in their order, two in a row where both labels fit."""
    rows: list[tuple[Button, ...]] = []
    for button in buttons:
        if rows and len(rows[-1]) == 1 and all(map(_fits_half, (rows[-1][0], button))):
            rows[-1] = (*rows[-1], button)
        else:
            rows.append((button,))
    return tuple(rows)


def _fits_half(button: Button) -> bool:
    return sum(map(_width, button.label)) <= _HALF_ROW


def _width(character: str) -> float:
    """Return how wide a character is, in Latin letters. Two regional indicators are one flag."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
