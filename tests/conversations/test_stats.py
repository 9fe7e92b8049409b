"""Figures that are asked for: of which time they are, and what a table of them may hold."""

from datetime import date

import pytest

from conversations.effects import Every
from conversations.figures import Asked, Period
from conversations.known import House
from conversations.sheet import Line, sheet
from conversations.stats import digest

MONDAY = date(2031, 5, 12)


@pytest.mark.parametrize(
    ("zone", "last"),
    [("UTC", 11), ("America/Los_Angeles", 11), ("Asia/Hong_Kong", 11), ("Asia/Tokyo", 10)],
)
def test_what_comes_by_itself_is_of_days_that_are_over(zone: str, last: int) -> None:
    house = House({}, "bot", "actions@send.example", "tests@send.example", zone=zone)
    day = date(2031, 5, last)
    assert digest(house, Every.DAY, MONDAY) == Asked("*", Period.TODAY, day)
    assert digest(house, Every.WEEK, MONDAY) == Asked("*", Period.WEEK, day)


def test_no_cell_is_taken_for_a_formula() -> None:
    lines = [Line("river", "", "link", value, 7) for value in ("-2-3", "=1+1", "+1", "@a", "a-b")]
    written = sheet(lines, tell_few=False).decode("utf-8-sig").splitlines()
    assert [line.split(",")[3] for line in written[1:]] == ["'-2-3", "'=1+1", "'+1", "'@a", "a-b"]
