"""Sealing everything anew with the current key, so that an older one can be thrown away.

Sealed values stand in columns named `sealed_…`; each is bound to its table, its column and its
row's primary key, whatever the table.
"""

from sqlalchemy import Column, Connection, func, select, update
from sqlalchemy.sql.schema import Table

from storage.tables import metadata
from storage.vault import HEAD, Vault

PREFIX = "sealed_"
AT_ONCE = 500


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
        row = row_key.encode() if isinstance(row_key, str) else row_key
        place = {"table": table.name, "column": column.name.removeprefix(PREFIX)}
        fresh = vault.seal(vault.open(sealed, **place, row=row), **place, row=row)
        connection.execute(update(table).where(key == row_key).values({column.name: fresh}))
    return len(rows)
