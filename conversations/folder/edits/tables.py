"""Tables of a campaign as rows by their key, to compare and merge them row by row."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conversations.folder.campaign_files import AREAS_FILE, TARGETS_FILE, CampaignFiles
from conversations.folder.formats.target_table import MAX_AREAS, TableError, delimiter_of, rows_of

KEYS: Mapping[str, str] = {TARGETS_FILE: "id", AREAS_FILE: "prefix"}
"""The column that names a row, by table."""

_MISSING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Table:
    """The rows of a table."""

    columns: Sequence[str]

    rows: Mapping[str, Mapping[str, str]]
    """The cells that aren't empty, by column, of each row by its key."""

    delimiter: str = ","


def read_table(name: str, content: bytes) -> Table | None:
    """Return a table; None if it can't be read, or two rows have the same key."""
    files, key = CampaignFiles("", {name: content}), KEYS[name]
    columns: dict[str, None] = {}
    rows: dict[str, dict[str, str]] = {}
    try:
        for _, cells in rows_of(files, name, MAX_AREAS):
            columns |= dict.fromkeys(cells)
            named = cells.get(key, "")
            if not named or named in rows:
                return None
            rows[named] = {column: cell for column, cell in cells.items() if cell}
    except TableError:
        return None
    return Table(list(columns), rows, delimiter_of(files.text(name)[0]))


def set_cell(name: str, content: bytes, row: str, column: str, value: str) -> bytes | None:
    """Return a table with another value in a cell, whose column is added if it is missing.

    None if the table can't be read, or has no such row.
    """
    table = read_table(name, content)
    if table is None or row not in table.rows:
        return None
    columns = list(dict.fromkeys((*table.columns, column)))
    rows = {**table.rows, row: {**table.rows[row], column: value}}
    return _written(columns, list(rows.values()), table.delimiter)


def merge_tables(base: Table, mine: Table, newest: Table) -> tuple[bytes, list[str]]:
    """Return what both changed, put together; and the rows or cells that both changed.

    These are as in `mine`.
    """
    columns = [each for each in newest.columns if each in mine.columns or each not in base.columns]
    columns += [each for each in mine.columns if each not in (*newest.columns, *base.columns)]
    conflicts: list[str] = []
    merged: list[Mapping[str, str]] = []
    for key in dict.fromkeys((*newest.rows, *mine.rows)):
        before, ours, theirs = (each.rows.get(key) for each in (base, mine, newest))
        if ours in (theirs, before):
            row = theirs
        elif theirs == before:
            row = ours
        elif ours is None or theirs is None:
            row = ours
            conflicts.append(key)
        else:
            row, found = _merge_row(columns, before or _MISSING, ours, theirs)
            conflicts += [f"{key}.{column}" for column in found]
        if row is not None:
            merged.append(row)
    return _written(columns, merged, newest.delimiter), conflicts


def _merge_row(
    columns: Sequence[str],
    base: Mapping[str, str],
    mine: Mapping[str, str],
    newest: Mapping[str, str],
) -> tuple[Mapping[str, str], list[str]]:
    """Return a row that both changed, and the columns in which they did so differently."""
    row: dict[str, str] = {}
    conflicts: list[str] = []
    for column in columns:
        before, ours, theirs = (each.get(column, "") for each in (base, mine, newest))
        if ours not in (theirs, before) and theirs != before:
            conflicts.append(column)
        row[column] = theirs if ours == before else ours
    return row, conflicts


def _written(columns: Sequence[str], rows: Sequence[Mapping[str, str]], delimiter: str) -> bytes:
    table = io.StringIO()
    writer = csv.DictWriter(
        table, columns, "", extrasaction="ignore", delimiter=delimiter, lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return table.getvalue().encode()
