"""How a database is: what whoever runs it may want to know, and the bot relies on."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from storage.migrations import standing


@dataclass(frozen=True)
class Condition:
    """What a database says of itself. `revision`: the last step that was run on it; None if none.

    `lasts`: a commit outlives a loss of power. `writable`: not a copy that only follows another.
    """

    engine: str
    revision: str | None
    lasts: bool
    writable: bool


def condition(connection: Connection) -> Condition:
    """Return how the database is; within a transaction, and changing nothing."""
    revision = standing(connection)

    def ask(question: str) -> str:
        return str(connection.execute(text(question)).scalar_one())

    if connection.dialect.name == "sqlite":
        # FULL is 2 (SQLite, “PRAGMA synchronous”).
        lasts = ask("PRAGMA journal_mode") == "wal" and ask("PRAGMA synchronous") == "2"
        return Condition(f"SQLite {ask('SELECT sqlite_version()')}", revision, lasts, writable=True)
    lasts = "off" not in (ask("SHOW fsync"), ask("SHOW synchronous_commit"))
    engine = f"PostgreSQL {ask('SHOW server_version').split()[0]}"
    writable = ask("SHOW transaction_read_only") == "off"
    return Condition(engine, revision, lasts, writable)
