"""What SQLite and PostgreSQL both do and each spells its own way."""

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import postgresql, sqlite


def insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT into `table` that knows ON CONFLICT."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def advisory_lock(connection: Connection, number: int) -> None:
    """Wait for whoever holds `number`, of 64 bits, and hold it until the transaction ends.

    It is an advisory lock (PostgreSQL, 13.3.5). SQLite has one writer, so there is nothing to lock.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
