"""CSV for spreadsheets (RFC 4180), and the figures as CSV, which hold nothing about one person."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import groupby

from conversations.model.stats.few_answers import Told, hide_few
from conversations.model.stats.figures import (
    HIDDEN_IF_FEW,
    MIN_SHOWN_COUNT,
    Figure,
    hide_small_counts,
    own_answer_of,
)
from conversations.text.html import FSI, PDI

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Spreadsheets take a cell that begins with one of these for a formula."""


@dataclass(frozen=True)
class CsvRow:
    """One figure."""

    campaign: str
    """The campaign's slug."""
    day: str
    """The day as YYYY-MM-DD; "" for a figure of the whole period, as HIDDEN_IF_FEW are."""
    figure: str
    """The value of a `Figure`."""
    value: str
    """What was counted: a country's code, a stage of the funnel, a source …"""
    count: int


def rows(lines: Iterable[CsvRow], *, show_few: bool) -> list[dict[str, str | int]]:
    """Return the rows as columns by name.

    Unless `show_few`, countries and languages with fewer than MIN_SHOWN_COUNT people have no exact
    count.
    """
    if show_few:
        return [asdict(line) for line in lines]
    found: list[dict[str, str | int]] = []
    for (campaign, figure), group in groupby(lines, lambda line: (line.campaign, line.figure)):
        if figure not in HIDDEN_IF_FEW:
            found += map(asdict, group)
            continue
        if figure == Figure.OWN_ANSWER:
            found += _answers(list(group))
            continue
        counts = hide_small_counts({line.value: line.count for line in group})
        found += (
            {
                **asdict(CsvRow(campaign, "", figure, code, 0)),
                "count": f"<{MIN_SHOWN_COUNT}" if count is None else count,
            }
            for code, count in sorted(counts.items())
        )
    return found


def _answers(lines: list[CsvRow]) -> list[dict[str, str | int]]:
    """Return the answers to a campaign's own questions, as far as they can be told."""
    found: list[dict[str, str | int]] = []
    for _, group in groupby(lines, lambda line: own_answer_of(line.value)[0]):
        of_question = list(group)
        told = hide_few({line.value: line.count for line in of_question}) or {}
        found += (
            {**asdict(line), "count": _said(told[line.value])}
            for line in of_question
            if line.value in told
        )
    return found


def _said(told: int | Told) -> str | int:
    match told:
        case Told.FEW:
            return f"<{MIN_SHOWN_COUNT}"
        case Told.MANY:
            return f"{MIN_SHOWN_COUNT} or more"
        case count:
            return count


def sheet(lines: Iterable[CsvRow], *, show_few: bool) -> bytes:
    """Return the rows as CSV in UTF-8, with the byte order mark that spreadsheets need."""
    return encode([field.name for field in fields(CsvRow)], rows(lines, show_few=show_few))


def encode(names: Sequence[str], table: Iterable[Mapping[str, str | int]]) -> bytes:
    """Return a table with columns of these `names` as CSV. No cell is taken for a formula."""
    written = io.StringIO()
    writer = csv.DictWriter(written, names)
    writer.writeheader()
    for row in table:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return written.getvalue().encode("utf-8-sig")


def _cell(value: str | int) -> str | int:
    """Return a cell that no spreadsheet takes for a formula, without signs of direction."""
    if not isinstance(value, str):
        return value
    plain = value.replace(FSI, "").replace(PDI, "")
    return f"'{plain}" if plain.startswith(_FORMULA_STARTS) else plain
