"""Every column says what a thief of the database learns from it."""

import pytest
from sqlalchemy import Column, MetaData, String, Table

from storage.schema.exposure import LEARNS, PAGE, NoEntry, exposure, page
from storage.schema.tables import metadata


def test_the_page_has_every_column_as_it_is() -> None:
    hint = "write it again: .venv/bin/python -m storage.schema.exposure"
    assert PAGE.read_text(encoding="utf-8") == page(), hint


def test_a_column_without_an_entry_is_refused() -> None:
    table = Table("people", MetaData(), Column("nickname", String))
    with pytest.raises(NoEntry, match=r"people\.nickname"):
        exposure(table, table.c.nickname)


def test_no_entry_is_about_a_column_that_is_gone() -> None:
    tables = metadata.tables.values()
    known = {each.name for table in tables for each in table.columns}
    known |= {f"{table.name}.{each.name}" for table in tables for each in table.columns}
    assert sorted(set(LEARNS) - known) == []
