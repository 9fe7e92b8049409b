"""Key rotation: encrypt values with today's key before the day of their own key is destroyed.

Encrypted columns are those with an encryption context (`storage.schema.tables.encrypted`). They are
read in slices by primary key, so that no transaction takes long.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Row, bindparam, func, select, tuple_, update
from sqlalchemy.sql.schema import Table

from storage.crypto.vault import HEADER_SIZE, DecryptionError, Vault, header_of
from storage.engine.dialects import insert
from storage.schema.encryption import EncryptionContext
from storage.schema.tables import ENCRYPTION, key_floor, metadata

SLICE_SIZE = 100
"""Number of rows that one transaction reads at most. It takes a few milliseconds."""

SAMPLE_SIZE = 50
"""Number of rows among which a value is searched, to try keys on."""

_FLOOR = "encryption"
"""Name of the one row of the floor's table. It is stored, so it never changes."""


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


@dataclass(frozen=True)
class Position:
    """How far a pass over all encrypted columns has come."""

    column: int = 0
    """Position of the column in the list of encrypted columns."""

    after: tuple[str | bytes | int, ...] | None = None
    """Primary key of the last row that was read in this column; None before the first."""

    reencrypted: int = 0
    """Number of values that the pass has encrypted again."""

    damaged: int = 0
    """Number of old values that no key decrypts."""

    complete: bool = False
    """Whether all columns were read."""


def sample_value(connection: Connection) -> EncryptedValue | None:
    """Return any encrypted value; None if the database has no encrypted value."""
    return next(iter(sample_values(connection)), None)


def sample_values(connection: Connection) -> tuple[EncryptedValue, ...]:
    """Return a value of each encrypted column, to try keys on.

    Columns without a value in the first rows are left out: the search costs little.
    """
    found = []
    for table, column, context in _encrypted_columns():
        key, order = row_key(table), table.primary_key.columns
        rows = connection.execute(select(key, column).order_by(*order).limit(SAMPLE_SIZE)).all()
        values = ((place, value) for place, value in rows if value is not None)
        found += [
            EncryptedValue(context, _bytes(place), value) for place, value in islice(values, 1)
        ]
    return tuple(found)


def reencrypt_slice(
    connection: Connection, vault: Vault, position: Position, *, before: date
) -> Position:
    """Encrypt the values of one slice again whose keys are from before the day `before`.

    Return the position after the slice. After a complete pass no value is left under such a key, as
    no process encrypts with it any more.
    """
    columns = _encrypted_columns()
    if position.column == len(columns):
        return replace(position, complete=True)
    table, column, context = columns[position.column]
    key = tuple(table.primary_key.columns)
    after = () if position.after is None else (tuple_(*key) > position.after,)
    ordered = select(*key).where(*after).order_by(*key).limit(SLICE_SIZE)
    keys = connection.execute(ordered).all()
    if not keys:
        return replace(position, column=position.column + 1, after=None)
    end = tuple(keys[-1])
    is_old = func.substr(column, 1, HEADER_SIZE) < header_of(before)
    rows = select(table).where(column.is_not(None), is_old, *after, tuple_(*key) <= end)
    old = connection.execute(rows.with_for_update()).all()
    values = tuple(_reencrypted(vault, table, column, context, old))
    if values:
        same = (each == bindparam(f"{each.name}_") for each in key)
        statement = update(table).where(*same)
        connection.execute(statement.values({column.name: bindparam("value_")}), values)
    return replace(
        position,
        after=end,
        reencrypted=position.reencrypted + len(values),
        damaged=position.damaged + len(old) - len(values),
    )


def floor(connection: Connection) -> date | None:
    """Return the day before which no key encrypts any value; None if no pass was completed."""
    row = connection.execute(select(key_floor.c.day)).first()
    return None if row is None else date.fromisoformat(row[0])


def raise_floor(connection: Connection, day: date) -> None:
    """Record that no value is left under a key from before `day`. A floor never falls."""
    statement = insert(connection.dialect.name, key_floor)
    raised = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"day": day.isoformat()},
        where=key_floor.c.day < day.isoformat(),
    )
    connection.execute(raised, {"name": _FLOOR, "day": day.isoformat()})


def _reencrypted(
    vault: Vault,
    table: Table,
    column: Column[bytes],
    context: EncryptionContext,
    rows: Iterable[Row[Any]],
) -> Iterator[dict[str, Any]]:
    """Encrypt the values of `rows` again, but for those that no key decrypts."""
    for row in rows:
        saved = row._mapping
        place = _bytes(saved[row_key(table)])
        with suppress(DecryptionError):
            value = vault.decrypt(saved[column], context, row=place)
            key = {f"{each.name}_": saved[each] for each in table.primary_key.columns}
            yield {**key, "value_": vault.encrypt(value, context, row=place)}


def row_key(table: Table) -> Column[Any]:
    """Return the column that is bound into a row's encrypted values: its primary key.

    If several columns are the primary key, that is the key of the person.
    """
    keys = {each.name: each for each in table.primary_key.columns}
    return keys["person_key"] if "person_key" in keys else next(iter(keys.values()))


def _encrypted_columns() -> tuple[tuple[Table, Column[bytes], EncryptionContext], ...]:
    return tuple(
        (table, column, column.info[ENCRYPTION])
        for table in metadata.sorted_tables
        for column in table.columns
        if ENCRYPTION in column.info
    )


def _bytes(key: str | bytes | int) -> bytes:
    return key if isinstance(key, bytes) else str(key).encode()
