"""Counts of answers that are told give away nobody's."""

from collections import defaultdict
from itertools import product

import pytest

from conversations.model.stats.few_answers import Told, hide_few
from conversations.model.stats.figures import Figure
from conversations.stats.csv_export import CsvRow, rows

FEW, MANY = Told.FEW, Told.MANY


MOST = 23


@pytest.mark.parametrize("options", [2, 3])
def test_nothing_that_is_told_gives_away_how_many_are_few(options: int) -> None:
    """Who knows the sum and the rule still has two answers for each option with a few."""
    alike: dict[object, list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(MOST + 1), repeat=options):
        if sum(counts) <= MOST:
            told = hide_few(dict(zip("abc", counts, strict=False)))
            alike[sum(counts), told and tuple(told.values())].append(counts)
    for possible in alike.values():
        for place in range(options):
            found = {counts[place] for counts in possible}
            assert len(found) > 1 or not any(0 < count < 5 for count in found), possible


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((4, 3), None),
        ((4, 5), None),
        ((4, 6), (FEW, MANY)),
        ((5, 5), (5, 5)),
        ((0, 10), (0, 10)),
        ((1, 2, 12), (FEW, FEW, 12)),
        ((4, 4, 12), None),
        ((0, 3, 12), (FEW, FEW, 12)),
        ((3, 50, 100), (FEW, MANY, MANY)),
    ],
)
def test_what_is_told(counts: tuple[int, ...], told: tuple[object, ...] | None) -> None:
    found = hide_few(dict(zip("abc", counts, strict=False)))
    assert (found and tuple(found.values())) == told


def test_the_table_tells_no_more_than_the_words() -> None:
    def line(value: str, count: int) -> CsvRow:
        return CsvRow("river", "", Figure.OWN_ANSWER, value, count)

    lines = [
        *(line("bank=left", 8), line("bank=right", 3)),
        *(line("bird=owl", 3), line("bird=wren", 2)),
        *(line("call=no", 7), line("call=yes", 5)),
    ]
    told = [(row["value"], row["count"]) for row in rows(lines, show_few=False)]
    assert told == [
        *(("bank=left", "5 or more"), ("bank=right", "<5")),
        *(("call=no", 7), ("call=yes", 5)),
    ]
    assert len(rows(lines, show_few=True)) == len(lines)
