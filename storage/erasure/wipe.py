"""Delete everything that the database holds, when the bot is retired."""

from pathlib import Path

from sqlalchemy import Connection, func, select, text

from storage.schema.tables import metadata

_BESIDE_SQLITE = ("", "-wal", "-shm", "-journal", ".lock")
"""Endings of the files of an SQLite database: its own, write-ahead log, index, journal, lock."""


def count_rows(connection: Connection) -> dict[str, int]:
    """Return the number of rows of each table that has any, by name."""
    counts = {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }
    return {name: count for name, count in counts.items() if count}


def drop_tables(connection: Connection) -> None:
    """Drop all tables, also that of the schema's version."""
    metadata.drop_all(connection)
    connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


def delete_sqlite(file: Path) -> None:
    """Delete the files of an SQLite database that nobody has open."""
    for ending in _BESIDE_SQLITE:
        file.with_name(file.name + ending).unlink(missing_ok=True)
