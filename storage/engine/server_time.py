"""The time of the database's server, which all processes share."""

from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

_NOW = select(func.clock_timestamp())


def server_time(connection: Connection) -> datetime:
    """Return the time, in UTC. SQLite has no server: there it is that of this machine."""
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    now: datetime = connection.execute(_NOW).scalar_one()
    return now.astimezone(UTC)
