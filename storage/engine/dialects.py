"""Statements that SQLite and PostgreSQL spell differently."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def insert(dialect: str, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """Return an INSERT into `table` that supports ON CONFLICT."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    # Imported here: it takes 3 MB, which SQLite doesn't need.
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


def advisory_lock(connection: Connection, number: int) -> None:
    """Take the advisory lock `number`, a signed 64-bit number, until the transaction ends.

    PostgreSQL has advisory locks (13.3.5). SQLite has one writer, so it needs none.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def sqlstate(error: DBAPIError) -> str:
    """Return the SQLSTATE of an error of PostgreSQL; "" if it has none."""
    return str(getattr(error.orig, "sqlstate", "") or "")
