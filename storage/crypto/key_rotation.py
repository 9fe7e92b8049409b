"""Sealing everything anew with the current key, so that an older one can be thrown away.

Sealed values stand in columns named `sealed_…`; each is bound to its table, its column and its
row's primary key, whatever the table.
"""

from dataclasses import dataclass, field

from sqlalchemy import Column, Connection, func, select, update
from sqlalchemy.sql.schema import Table

from storage.crypto.vault import HEAD, CannotOpen, Vault
from storage.schema.tables import metadata

PREFIX = "sealed_"
AT_ONCE = 500


@dataclass(frozen=True)
class EncryptedValue:
    """A sealed value and its place."""

    table: str
    column: str
    row: bytes
    value: bytes = field(repr=False)

    def opens(self, vault: Vault) -> bool:
        """Whether the keys of `vault` open it."""
        try:
            vault.open(self.value, table=self.table, column=self.column, row=self.row)
        except CannotOpen:
            return False
        return True


def specimen(connection: Connection) -> EncryptedValue | None:
    """Return some sealed value, by which keys can be tried; None where nothing is sealed."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if column.name.startswith(PREFIX):
                (key,) = table.primary_key.columns
                some = select(key, column).where(column.is_not(None)).limit(1)
                if row := connection.execute(some).first():
                    return EncryptedValue(table.name, _name(column), _bytes(row[0]), row[1])
    return None


def reseal(connection: Connection, vault: Vault) -> int:
    """Seal up to `AT_ONCE` values with the current key; return how many were. 0: all are."""
    done = 0
    for table in metadata.sorted_tables:
        for column in table.columns:
            if column.name.startswith(PREFIX) and done < AT_ONCE:
                done += _column(connection, vault, table, column, AT_ONCE - done)
    return done


def _column(
    connection: Connection, vault: Vault, table: Table, column: Column[bytes], limit: int
) -> int:
    (key,) = table.primary_key.columns
    old = func.substr(column, 1, HEAD) != vault.head
    rows = connection.execute(
        select(key, column).where(column.is_not(None), old).limit(limit).with_for_update()
    ).all()
    for row_key, sealed in rows:
        row = _bytes(row_key)
        place = {"table": table.name, "column": _name(column)}
        fresh = vault.seal(vault.open(sealed, **place, row=row), **place, row=row)
        connection.execute(update(table).where(key == row_key).values({column.name: fresh}))
    return len(rows)


def _name(column: Column[bytes]) -> str:
    return column.name.removeprefix(PREFIX)


def _bytes(key: str | bytes) -> bytes:
    return key.encode() if isinstance(key, str) else key
