"""Key rotation: encrypt all values again with the current key, so that older keys can be deleted.

Encrypted columns are those with an encryption context (`storage.schema.tables.encrypted`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Column, Connection, func, select, update
from sqlalchemy.sql.schema import Table

from storage.crypto.vault import HEADER_SIZE, DecryptionError, Vault
from storage.schema.encryption import EncryptionContext
from storage.schema.tables import ENCRYPTION, metadata

BATCH_SIZE = 500
"""Number of values that one call of `reencrypt` handles at most."""


@dataclass(frozen=True)
class EncryptedValue:
    """An encrypted value and its place."""

    context: EncryptionContext
    row: bytes
    """Primary key of the row."""

    value: bytes = field(repr=False)

    def can_decrypt(self, vault: Vault) -> bool:
        """Whether the keys of `vault` decrypt the value."""
        try:
            vault.decrypt(self.value, self.context, row=self.row)
        except DecryptionError:
            return False
        return True


def sample_value(connection: Connection) -> EncryptedValue | None:
    """Return any encrypted value, to try keys on; None if the database has no encrypted value."""
    for table, column, context in _encrypted_columns():
        (key,) = table.primary_key.columns
        sample = select(key, column).where(column.is_not(None)).limit(1)
        if row := connection.execute(sample).first():
            return EncryptedValue(context, _bytes(row[0]), row[1])
    return None


def reencrypt(connection: Connection, vault: Vault) -> int:
    """Encrypt up to `BATCH_SIZE` values again with the current key, and return how many it were.

    0 means that the current key encrypts everything.
    """
    done = 0
    for table, column, context in _encrypted_columns():
        if done < BATCH_SIZE:
            done += _reencrypt(connection, vault, table, column, context, BATCH_SIZE - done)
    return done


def _reencrypt(
    connection: Connection,
    vault: Vault,
    table: Table,
    column: Column[bytes],
    context: EncryptionContext,
    limit: int,
) -> int:
    (key,) = table.primary_key.columns
    is_old = func.substr(column, 1, HEADER_SIZE) != vault.header
    rows = connection.execute(
        select(key, column).where(column.is_not(None), is_old).limit(limit).with_for_update()
    ).all()
    for row_key, encrypted in rows:
        row = _bytes(row_key)
        fresh = vault.encrypt(vault.decrypt(encrypted, context, row=row), context, row=row)
        connection.execute(update(table).where(key == row_key).values({column.name: fresh}))
    return len(rows)


def _encrypted_columns() -> Iterator[tuple[Table, Column[bytes], EncryptionContext]]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            if ENCRYPTION in column.info:
                yield table, column, column.info[ENCRYPTION]


def _bytes(key: str | bytes) -> bytes:
    return key.encode() if isinstance(key, str) else key
