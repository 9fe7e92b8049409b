"""The tables of a revision, as its migrations create them: what a backup of it may contain."""

import tempfile
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
)
from sqlalchemy.pool import NullPool

from storage.schema.migrations import VERSION_TABLE, upgrade

DIGEST_TABLE = "backup_digest"
"""Table of a backup with the keyed digest of its rows. No database has it."""

_STORED_AS: tuple[tuple[type[Any], tuple[type, ...]], ...] = (
    (Boolean, (int,)),
    (Float, (float, int)),
    (Integer, (int,)),
    (LargeBinary, (bytes,)),
    (String, (str,)),
)
"""For each type of a column, the types of the values that SQLite stores for it."""


@dataclass(frozen=True)
class KnownTable:
    """A table whose rows a backup contains."""

    name: str
    columns: tuple[str, ...]
    """Names of all columns: first those of the primary key."""
    types: tuple[tuple[type, ...], ...]
    """For each column, the types that its values may have in a SQLite file."""

    def select(self) -> str:
        """Return the query for all rows, in the order of their keys."""
        return f'SELECT {self._listed} FROM "{self.name}" ORDER BY {self._listed}'  # noqa: S608 - our names # nosec B608

    def insert(self) -> str:
        """Return the statement that adds a row."""
        marks = ", ".join("?" * len(self.columns))
        return f'INSERT INTO "{self.name}" ({self._listed}) VALUES ({marks})'  # noqa: S608 - our names # nosec B608

    def accepts(self, row: tuple[object, ...]) -> bool:
        """Whether the values of a row have the types of their columns."""
        return all(isinstance(value, of) for value, of in zip(row, self.types, strict=True))

    @property
    def _listed(self) -> str:
        return ", ".join(f'"{each}"' for each in self.columns)


@cache
def tables_of(revision: str) -> tuple[KnownTable, ...]:
    """Return the tables of a revision that this version knows, in the order of their names."""
    tables = MetaData()
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "fresh.db"
        upgrade(f"sqlite:///{fresh}", to=revision)
        with opened(fresh) as connection:
            tables.reflect(connection)
    listed = sorted(tables.tables.values(), key=lambda table: table.name)
    return tuple(_known(table) for table in listed if table.name != VERSION_TABLE)


def opened(file: Path) -> AbstractContextManager[Connection]:
    """Return a connection to a file of ours, in a transaction that ends with the context."""
    return create_engine(f"sqlite:///{file}", poolclass=NullPool).begin()


def _known(table: Table) -> KnownTable:
    key = list(table.primary_key.columns)
    columns = [*key, *sorted((c for c in table.columns if c not in key), key=lambda c: c.name)]
    return KnownTable(
        table.name, tuple(each.name for each in columns), tuple(_types(each) for each in columns)
    )


def _types(column: Column[Any]) -> tuple[type, ...]:
    types = next(types for kind, types in _STORED_AS if isinstance(column.type, kind))
    return (*types, type(None)) if column.nullable else types
