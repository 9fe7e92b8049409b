"""Column types that behave alike on SQLite and PostgreSQL."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import BigInteger, ColumnElement, bindparam
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_among(column: ColumnElement[Any], name: str, count: int) -> ColumnElement[bool]:
    """Return whether `column` is one of `count` parameters, which are called as `numbered` does.

    For a few values in a statement that is built once for each count: an expanding parameter is
    rendered again at each execution.
    """
    return column.in_([bindparam(each) for each in numbered(name, range(count))])


def numbered(name: str, values: Iterable[T]) -> dict[str, T]:
    """Return the parameters for `is_among`: `name_0`, `name_1` and so on."""
    return {f"{name}_{index}": value for index, value in enumerate(values)}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time, stored as microseconds since 1970: exact, small, and sorted by time.

    Raises ValueError for a naive time.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        """Return the microseconds of `value`."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        """Return the UTC time of `value` microseconds."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)
