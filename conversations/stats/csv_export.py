"""Figures as a table for other programs: CSV (RFC 4180), never a word of people."""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from itertools import groupby

from conversations.model.figures import FEW, Figure, tellable

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class CsvRow:
    """One figure. Without a `day`, it is of the whole time that was asked for: countries are."""

    campaign: str
    day: str
    figure: str
    value: str
    count: int


def rows(lines: Iterable[CsvRow], *, tell_few: bool) -> list[dict[str, str | int]]:
    """Return the lines by name; of countries with few people, only that there are few is told."""
    if tell_few:
        return [asdict(line) for line in lines]
    found: list[dict[str, str | int]] = []
    for (campaign, figure), of_it in groupby(lines, lambda line: (line.campaign, line.figure)):
        if figure != Figure.COUNTRY:
            found += map(asdict, of_it)
            continue
        told = tellable({line.value: line.count for line in of_it})
        found += (
            {
                **asdict(CsvRow(campaign, "", figure, code, 0)),
                "count": f"<{FEW}" if count is None else count,
            }
            for code, count in sorted(told.items())
        )
    return found


def sheet(lines: Iterable[CsvRow], *, tell_few: bool) -> bytes:
    """Return the lines as CSV in UTF-8, with the mark by which spreadsheets know it."""
    written = io.StringIO()
    writer = csv.DictWriter(written, [field.name for field in fields(CsvRow)])
    writer.writeheader()
    for row in rows(lines, tell_few=tell_few):
        writer.writerow({name: _plain(value) for name, value in row.items()})
    return written.getvalue().encode("utf-8-sig")


def _plain(value: str | int) -> str | int:
    """Return a cell that spreadsheets take for no formula, but for words."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
