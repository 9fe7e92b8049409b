"""Counting rows up to a limit: counting all would take longer the more there are."""

from typing import Any

from sqlalchemy import Select, func, select


def count_up_to(most: int, rows: Select[Any]) -> Select[int]:
    """Return the statement that counts `rows`; of more than `most`, it says `most` + 1."""
    return select(func.count()).select_from(rows.limit(most + 1).subquery())
