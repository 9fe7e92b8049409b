"""When leases have ended, also those that were taken by a clock that was ahead."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, literal, literal_column, or_, type_coerce

from storage.engine.columns import UtcDateTime


def has_ended(
    until: ColumnElement[Any], now: ColumnElement[Any] | datetime, longest: timedelta
) -> ColumnElement[bool]:
    """Return the SQL condition that a lease `until` some time has ended at `now`.

    One that ends more than `longest` from now on was taken by a clock that was ahead, since none is
    as long as that.
    """
    at = literal(now, UtcDateTime) if isinstance(now, datetime) else now
    span = literal_column(str(longest // timedelta(microseconds=1)), BigInteger)
    return or_(until <= at, type_coerce(until, BigInteger) - span > at)
