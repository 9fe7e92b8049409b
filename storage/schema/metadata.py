"""The metadata of all tables, and helpers for defining columns and indexes."""

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary, MetaData, text

from storage.engine.columns import UtcDateTime
from storage.schema.encryption import EncryptionContext

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ENCRYPTION = "encryption"
"""Key in a column's `info` under which its encryption context stands."""


def encrypted(
    name: str, context: EncryptionContext, comment: str, *, nullable: bool = False
) -> Column[bytes]:
    """Return a column of values that the vault encrypts in `context`."""
    info = {ENCRYPTION: context}
    comment = f"{comment} Encrypted."
    return Column(name, LargeBinary, nullable=nullable, comment=comment, info=info)


def person_key(purpose: str, *, primary_key: bool = False, index: bool = False) -> Column[bytes]:
    """Return the column of a person's key. `purpose` names the attribute of PersonKeys."""
    comment = f"Keyed hash of the person's Telegram user id for {purpose}, 32 bytes."
    if primary_key:
        return Column("person_key", LargeBinary, primary_key=True, comment=comment)
    return Column("person_key", LargeBinary, nullable=False, index=index, comment=comment)


def timestamp(
    name: str,
    comment: str,
    *,
    nullable: bool = False,
    index: bool | None = None,
    primary_key: bool = False,
) -> Column[datetime]:
    """Return a column of aware UTC times, which are stored as microseconds since 1970."""
    comment = f"{comment} Microseconds since 1970, UTC."
    if primary_key:
        return Column(name, UtcDateTime, primary_key=True, comment=comment)
    return Column(name, UtcDateTime, nullable=nullable, index=index, comment=comment)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index of the rows for which the SQL condition `where` holds.

    Only migrations create it on PostgreSQL, so the condition is not given for that dialect: it
    would load the dialect, which takes 3 MB, also where SQLite is used.
    """
    return Index(name, *columns, unique=unique, sqlite_where=text(where))
