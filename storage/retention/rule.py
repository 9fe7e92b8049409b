"""A rule of retention: how long a table keeps something, and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table

from storage.crypto.vault import Vault


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where rows are erased."""

    connection: Connection
    vault: Vault
    now: datetime


Condition = Callable[[Moment], ColumnElement[bool]]
"""Returns the SQL condition of the rows that are due at a moment."""


@dataclass(frozen=True)
class Rule:
    """How long a table keeps something, and why. Without `due`, nothing ends with time alone."""

    table: Table

    what: str
    """What is kept."""

    kept: str
    """For how long, and since when. `{}` stands for `period`."""

    why: str

    due: Condition | None = None
    """The rows that are due."""

    period: timedelta | None = None

    since: Column[Any] | None = None
    """The column that tells the age of a row."""

    empties: Mapping[str, Any] | None = None
    """What the columns become; None: the rows are deleted."""

    erase: Callable[[Moment, ColumnElement[bool]], int] | None = None
    """Erases the rows of a condition, where one statement isn't enough; returns how many."""

    search: Condition | None = None
    """Finds rows among which those are that are due, with fewer tables; None: `due` is enough."""

    def term(self) -> str:
        """Return for how long it is kept, in words."""
        return self.kept.format(words(self.period)) if self.period else self.kept


def words(period: timedelta) -> str:
    """Return a period in words: hours up to two days, then days, or months for whole years."""
    if period.days and period.days % 365 == 0:
        return f"{period.days // 365 * 12} months"
    hours = int(period.total_seconds()) // 3600
    return f"{hours} hours" if hours <= 48 else f"{period.days} days"
