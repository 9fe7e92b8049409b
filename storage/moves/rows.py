"""Rows as both engines see them: how they are read, written and hashed.

The hash of a row is a part of a SHA-256 of its values, computed alike by PostgreSQL and in Python.
That of a table is the sum over its rows, so it can follow each change.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, String, Table
from sqlalchemy.types import TypeDecorator

Row = tuple[Any, ...]
"""The values of a row, in the order of `columns`."""

_HASH_BYTES = 7
"""Bytes of the SHA-256 that count: as many as fit into PostgreSQL's bigint."""

_NULL = "-"


@dataclass(frozen=True)
class TableDigest:
    """How many rows a table has, and the sum of their hashes."""

    rows: int = 0
    total: int = 0

    def changed(self, table: Table, gone: Iterable[Row], came: Iterable[Row]) -> "TableDigest":
        """Return the digest without the rows that are gone, and with those that came."""
        rows, total = self.rows, self.total
        for sign, changed in ((-1, gone), (1, came)):
            for row in changed:
                rows, total = rows + sign, total + sign * row_hash(table, row)
        return TableDigest(rows, total)


def columns(table: Table) -> tuple[Column[Any], ...]:
    """Return all columns of a table: those of the primary key first."""
    return tuple(sorted(table.columns, key=lambda each: not each.primary_key))


def key_names(table: Table) -> tuple[str, ...]:
    """Return the names of the columns of the primary key."""
    return tuple(each.name for each in columns(table) if each.primary_key)


def key_of(table: Table, row: Row) -> Row:
    """Return the primary key of a row."""
    return row[: len(key_names(table))]


def for_postgresql(table: Table, rows: Iterable[Row]) -> list[Row]:
    """Return rows as PostgreSQL takes them: SQLite stores 0 and 1 for false and true."""
    flags = [at for at, each in enumerate(columns(table)) if isinstance(_type(each), Boolean)]
    if not flags:
        return list(rows)
    converted = []
    for row in rows:
        values = list(row)
        for at in flags:
            values[at] = None if values[at] is None else bool(values[at])
        converted.append(tuple(values))
    return converted


def row_hash(table: Table, row: Sequence[Any]) -> int:
    """Return the hash of a row as SQLite stores it."""
    written = "|".join(
        _NULL if value is None else write(value)
        for write, value in zip(_writers(table), row, strict=True)
    )
    return int.from_bytes(sha256(written.encode("ascii")).digest()[:_HASH_BYTES])


def rows_digest(table: Table, rows: Iterable[Row]) -> TableDigest:
    """Return the digest of these rows."""
    return TableDigest().changed(table, (), rows)


def digest_query(table: Table) -> str:
    """Return PostgreSQL's query for the digest of a table: its number of rows and their sum."""
    written = " || '|' || ".join(f"coalesce({_sql(each)}, '{_NULL}')" for each in columns(table))
    digits = f"substr(encode(sha256(convert_to({written}, 'UTF8')), 'hex'), 1, {2 * _HASH_BYTES})"
    number = f"('x' || {digits})::bit({8 * _HASH_BYTES})::bigint"
    return f'SELECT count(*), coalesce(sum({number}), 0) FROM "{table.name}"'  # noqa: S608 - our names # nosec B608


@cache
def _writers(table: Table) -> tuple[Callable[[Any], str], ...]:
    """Return for each column how its values are written in the hash. No text has a bar in it."""
    kinds = map(_type, columns(table))
    return tuple(next(write for of, write in _WRITERS if isinstance(kind, of)) for kind in kinds)


_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (Float, lambda value: struct.pack(">d", value).hex()),
    (Boolean, str),
    (Integer, str),
    (LargeBinary, bytes.hex),
    (String, lambda value: value.encode().hex()),
)


def _sql(column: Column[Any]) -> str:
    """Return PostgreSQL's expression that writes a value as `_WRITERS` does."""
    kind, name = _type(column), f'"{column.name}"'
    if isinstance(kind, Float):
        return f"encode(float8send({name}), 'hex')"
    if isinstance(kind, Boolean):
        return f"({name}::int)::text"
    if isinstance(kind, Integer):
        return f"{name}::text"
    if isinstance(kind, LargeBinary):
        return f"encode({name}, 'hex')"
    return f"encode(convert_to({name}, 'UTF8'), 'hex')"


def _type(column: Column[Any]) -> Any:
    """Return the type in which the database stores a column."""
    return column.type.impl if isinstance(column.type, TypeDecorator) else column.type
