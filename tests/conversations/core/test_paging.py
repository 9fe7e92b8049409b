"""Buttons are shown in pages of at most seven."""

import pytest

from conversations.core.buttons.admin import AuditPageButton
from conversations.core.paging import in_rows, page_of, page_of_rows
from conversations.core.replies import Keyboard, PersistentButton


def button(label: str) -> PersistentButton:
    return PersistentButton(label, AuditPageButton(1))


def turn(number: int, pages: int) -> PersistentButton:
    return button(f"to {number} of {pages}")


def labels(keyboard: Keyboard) -> list[list[str]]:
    return [[each.label for each in row] for row in keyboard]


BUTTONS = [button(each) for each in "abcdefgh"]


def test_what_fits_has_no_pages() -> None:
    assert labels(page_of(BUTTONS[:7], 1, 2, turn)) == [["a", "b"], ["c", "d"], ["e", "f"], ["g"]]
    rows = in_rows(BUTTONS[:7], 4)
    assert page_of_rows(rows, 1, turn) == rows


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (1, [["a", "b"], ["c", "d"], ["e", "f"], ["to 2 of 2"]]),
        (2, [["g", "h"], ["to 1 of 2"]]),
        (9, [["g", "h"], ["to 1 of 2"]]),
        (-1, [["a", "b"], ["c", "d"], ["e", "f"], ["to 2 of 2"]]),
    ],
)
def test_a_page_leads_to_the_next_and_the_last_to_the_first(
    number: int, shown: list[list[str]]
) -> None:
    assert labels(page_of(BUTTONS, number, 2, turn)) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (1, [["a", "b", "c"], ["to 2 of 2"]]),
        (2, [["d", "e", "f"], ["g", "h"], ["to 1 of 2"]]),
    ],
)
def test_rows_stay_whole(number: int, shown: list[list[str]]) -> None:
    assert labels(page_of_rows(in_rows(BUTTONS, 3), number, turn, 6)) == shown
