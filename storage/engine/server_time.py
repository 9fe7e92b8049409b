"""The time of the database's server, which all processes share."""

from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

_NOW = select(func.clock_timestamp())


def read_time(connection: Connection) -> datetime:
    """Return the time, in UTC, of the PostgreSQL server."""
    now: datetime = connection.execute(_NOW).scalar_one()
    return now.astimezone(UTC)
