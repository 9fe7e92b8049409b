"""Reads `targets.csv`, the targets of a campaign as a table, and `areas.csv`.

The rows become the same values as blocks of `[[targets]]`, so that one model checks both. Programs
that edit tables run formulas in cells; these tables go from hand to hand, so they may have none.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conversations.folder.campaign_files import AREAS_FILE, TARGETS_FILE, CampaignFiles
from conversations.model.campaigns.targets import MAX_TARGETS, Target
from conversations.model.mistakes import Mistake, suggest

MAX_AREAS = 100_000
"""The most rows of `areas.csv`."""

_MAX_CELL = 1000
"""The longest cell, in characters."""

_MAX_REPORTED = 20
"""How many mistakes of a table are reported."""

_FORMULA = re.compile(r"[=+@\t\r]|-(?![\w ])")
_SEPARATORS = re.compile(r"[,;|]")
_NAME = "name_"
_LISTS = ("languages", "for_countries", "areas")
_COLUMNS = tuple(name for name in Target.model_fields if name != "name")


class TableError(Exception):
    """A table that can't be read, or is refused."""

    def __init__(self, problem: str, fix: str, row: int = 0, column: str = "") -> None:
        """`row` is counted as in the file, its heading is 1; 0 and "" for the whole table."""
        super().__init__(problem)
        self.problem, self.fix, self.row, self.column = problem, fix, row, column


@dataclass(frozen=True)
class TargetTable:
    """The rows of `targets.csv`."""

    values: tuple[dict[str, Any], ...] = ()
    """The values of each target, as `[[targets]]` has them."""

    rows: tuple[int, ...] = ()
    """Where each of them is in the file."""

    mistakes: tuple[Mistake, ...] = ()

    def place(self, where: str, number: int, key: str) -> str:
        """Return the place of a value of the target with this number, as mistakes name it."""
        return _place(where, self.rows[number], key)


def read_targets(
    files: CampaignFiles, defaults: Mapping[str, Any], languages: Sequence[str]
) -> TargetTable:
    """Return the targets of `targets.csv`; none if there is no such file.

    `defaults` are values of targets whose row has none. The column `name` has the name in all
    `languages` that have no column of their own.
    """
    values: list[dict[str, Any]] = []
    rows: list[int] = []
    try:
        table = rows_of(files, TARGETS_FILE, MAX_TARGETS)
        for number, cells in table:
            if not rows:
                _check_columns(cells)
            values.append({**defaults, **_target(cells, languages)})
            rows.append(number)
    except TableError as error:
        where = _place(files.where(TARGETS_FILE), error.row, error.column)
        return TargetTable(mistakes=(Mistake(error.problem, error.fix, where),))
    return TargetTable(tuple(values), tuple(rows))


def read_areas(files: CampaignFiles) -> tuple[dict[str, str], tuple[Mistake, ...]]:
    """Return the area of postcodes by how they begin, and what is wrong with `areas.csv`."""
    areas: dict[str, str] = {}
    try:
        for number, cells in rows_of(files, AREAS_FILE, MAX_AREAS):
            for column in ("prefix", "area"):
                if column not in cells:
                    problem = f"There is no column “{column}”."
                    raise TableError(problem, "Its columns are prefix and area.", 1)
                if not cells[column]:
                    raise TableError("This is empty.", "Fill it in.", number, column)
            if cells["prefix"] in areas:
                problem = f"“{cells['prefix']}” is in two rows."
                raise TableError(problem, "Delete one.", number, "prefix")
            areas[cells["prefix"]] = cells["area"]
    except TableError as error:
        where = _place(files.where(AREAS_FILE), error.row, error.column)
        return {}, (Mistake(error.problem, error.fix, where),)
    return areas, ()


def first_few(mistakes: Sequence[Mistake], where: str) -> list[Mistake]:
    """Return the mistakes without those of a table that are too many to read."""
    in_table = [each for each in mistakes if each.where.startswith(f"{where}:")]
    if len(in_table) <= _MAX_REPORTED:
        return [*mistakes]
    left_out = frozenset(in_table[_MAX_REPORTED:])
    problem = f"There are {len(left_out):,} more mistakes in this table."
    more = Mistake(problem, "Correct those above first.", where)
    return [*(each for each in mistakes if each not in left_out), more]


def rows_of(files: CampaignFiles, name: str, limit: int) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table with their places, by column; empty ones are left out.

    Raises TableError.
    """
    if name not in files.content and name not in files.unreadable:
        return
    text, mistake = files.text(name)
    if mistake:
        raise TableError(mistake.problem, mistake.fix)
    if "\0" in text:
        raise TableError("This isn't a text file: it contains zero bytes.", "Save it as UTF-8 CSV.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    columns: list[str] = []
    count = 0
    try:
        for cells in reader:
            if not any(each.strip() for each in cells):
                continue
            if not columns:
                columns = _heading(cells)
                continue
            count += 1
            if count > limit:
                problem = f"This table has more than {limit:,} rows."
                raise TableError(problem, "Split it into several campaigns.", reader.line_num)
            yield reader.line_num, _by_column(columns, cells, reader.line_num)
    except csv.Error:
        problem = "This row can't be read: a quote is missing, or a cell is too long."
        fix = "Open the table in a spreadsheet, and save it as CSV again."
        raise TableError(problem, fix, reader.line_num) from None
    if not count:
        raise TableError("This table is empty.", "Write a heading and a row below it.")


def delimiter_of(text: str) -> str:
    """Return what separates the cells of a table."""
    return max(",;\t", key=text.partition("\n")[0].count)


def _heading(cells: Sequence[str]) -> list[str]:
    columns = [cell.strip() for cell in cells]
    for column in columns:
        if columns.count(column) > 1:
            raise TableError(f"Two columns are called “{column}”.", "Rename one.", 1)
    return columns


def _by_column(columns: Sequence[str], cells: Sequence[str], row: int) -> dict[str, str]:
    if len(cells) > len(columns):
        problem = f"This row has {len(cells)} cells, but the heading has {len(columns)}."
        raise TableError(problem, "Put quotes around cells with a comma.", row)
    found: dict[str, str] = {}
    for column, cell in zip(columns, cells, strict=False):
        text = cell.strip()
        if len(text) > _MAX_CELL:
            problem = f"This cell has {len(text):,} characters."
            raise TableError(problem, "Is a quote missing?", row, column)
        if _FORMULA.match(text):
            problem = "This begins like a formula."
            raise TableError(problem, "Write its value instead.", row, column)
        found[column] = text
    return found


def _check_columns(cells: Mapping[str, str]) -> None:
    """Check the heading: cells of the first row have its columns. Raises TableError."""
    for column in cells:
        if column not in (*_COLUMNS, "name") and not column.startswith(_NAME):
            problem = f"The column “{column}” is not known."
            fix = suggest(column, (*_COLUMNS, "name", f"{_NAME}en"))
            raise TableError(problem, fix, 1)
    for column in ("id", "address"):
        if column not in cells:
            raise TableError(f"There is no column “{column}”.", "Add it.", 1)
    if not any(column == "name" or column.startswith(_NAME) for column in cells):
        raise TableError("There is no column “name”.", "Add it, or name_en and so on.", 1)


def _target(cells: Mapping[str, str], languages: Sequence[str]) -> dict[str, Any]:
    """Return the values of a target, as `[[targets]]` has them."""
    given = {column: cell for column, cell in cells.items() if cell}
    values: dict[str, Any] = {
        column: _value(column, given[column]) for column in _COLUMNS if column in given
    }
    common = dict.fromkeys(languages, given["name"]) if "name" in given else {}
    own = {
        column.removeprefix(_NAME): cell
        for column, cell in given.items()
        if column.startswith(_NAME)
    }
    return {**values, "name": {**common, **own}}


def _value(column: str, cell: str) -> Any:
    if column in _LISTS:
        return [part.strip() for part in _SEPARATORS.split(cell) if part.strip()]
    return int(cell) if column == "letters_per_hour" and cell.isascii() and cell.isdigit() else cell


def _place(where: str, row: int, column: str) -> str:
    return f"{where}:{row} {column}".strip() if row else where
