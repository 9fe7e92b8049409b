"""Buttons in rows and pages: a panel has no more of them than a phone shows at once."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

from conversations.core.replies import Button, Keyboard

S = TypeVar("S")
T = TypeVar("T")

MAX_BUTTONS = 7
"""How many buttons a panel has."""


class Lazy(Sequence[T], Generic[S, T]):
    """Makes items as they are read: a page of a long list costs as much as one of a short list."""

    def __init__(self, items: Sequence[S], make: Callable[[S], T]) -> None:
        """`make` makes one item."""
        self._items = items
        self._make = make

    def __len__(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...

    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        """Make one item, or a slice of them."""
        if isinstance(index, slice):
            return [self._make(each) for each in self._items[index]]
        return self._make(self._items[index])


def in_rows(buttons: Sequence[Button], columns: int) -> Keyboard:
    """Return the buttons in rows of `columns`."""
    return tuple(tuple(buttons[at : at + columns]) for at in range(0, len(buttons), columns))


def items_of(items: Sequence[T], number: int, room: int = MAX_BUTTONS) -> Sequence[T]:
    """Return what stands on page `number`, from 1 on: one button of `room` turns the pages."""
    if len(items) <= room:
        return items
    size = room - 1
    page = min(max(number, 1), _pages(items, room))
    return items[(page - 1) * size : page * size]


def page_of(
    buttons: Sequence[Button],
    number: int,
    columns: int,
    turn: Callable[[int, int], Button],
    room: int = MAX_BUTTONS,
) -> Keyboard:
    """Return page `number`, from 1 on, in rows of `columns`; all buttons where they fit on one.

    A page has at most `room` buttons. `turn` makes the one that opens another page, from its number
    and how many there are. The last page leads to the first.
    """
    return (
        *in_rows(items_of(buttons, number, room), columns),
        *turning(buttons, number, turn, room),
    )


def turning(
    items: Sequence[object], number: int, turn: Callable[[int, int], Button], room: int
) -> Keyboard:
    """Return the row below the items of page `number`; none where all fit on one."""
    if len(items) <= room:
        return ()
    pages = _pages(items, room)
    return ((turn(min(max(number, 1), pages) % pages + 1, pages),),)


def _pages(items: Sequence[object], room: int) -> int:
    return -(-len(items) // (room - 1))


def page_of_rows(
    rows: Keyboard, number: int, turn: Callable[[int, int], Button], room: int = MAX_BUTTONS
) -> Keyboard:
    """Return page `number`, from 1 on, of rows that stay whole; all rows where they fit on one.

    `turn` and `room` are as in `page_of`. No row has more than `room - 1` buttons.
    """
    if sum(map(len, rows)) <= room:
        return rows
    pages: list[Keyboard] = [()]
    for row in rows:
        if sum(map(len, pages[-1])) + len(row) > room - 1:
            pages.append(())
        pages[-1] = (*pages[-1], row)
    page = min(max(number, 1), len(pages))
    return (*pages[page - 1], (turn(page % len(pages) + 1, len(pages)),))
